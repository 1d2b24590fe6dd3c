# cmake -DSOURCE=FOLDER -DTARGET=FILE.h -P embed.cmake: the page's files as arrays of bytes.
set(text "/* Generated from the files in agent/fleet/page. */\n")
foreach(name html css js)
  file(READ ${SOURCE}/page.${name} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    " bytes
         "${bytes}")
  string(APPEND text "static const char hp_page_${name}[] = {\n    ${bytes}\n};\n")
endforeach()
file(WRITE ${TARGET} "${text}")
