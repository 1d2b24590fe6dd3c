#!/usr/bin/env python3
"""verify_test.py VIBPACK: `vibpack verify` of VIBs that others make, and of wrong and hostile ones."""
import gzip
import os
import random
import re
import struct
import subprocess
import zlib

import makers
from makers import MIB, TestCase, Vib, ar, ar_member, gnu_tar, run, sums, tar_header, visor_tar, zip_gzip

HELLO = {"opt/acme/hello": b"hello\n"}


def with_tar(tar, files=None, **options):
    return Vib(files=HELLO if files is None else files, tar=tar, **options).bytes()


def one_entry(**header):
    """A tar whose file has such a header."""
    path = header.pop("path", "opt/acme/hello")
    data = b"hello\n"
    return makers.filled(tar_header(path, size=header.pop("size", len(data)), **header) + makers.filled(data) + bytes(1024),
                         10240)


class Forms(TestCase):
    """What others make, and hosts install."""

    def test_known_answer(self):
        block = tar_header("etc/", mode=0o755, kind="5", mtime=0o13576170570, magic=b"visor  \0", device=b"0000000\0" * 2)
        self.assertEqual(block[148:156], b"011606\0 ")

    def test_official(self):
        done = self.verify(Vib().bytes(), says=["verified", "not covered", "descriptor.xml", "--packaged"])
        self.assertNotIn("note ", done.out)
        self.verify(Vib().bytes(), "--verbose", says=["ok ", "ACME_bootbank_acme-hello_1.2.3-4", "1 payload, 1 file"])

    def test_gnu_ar(self):
        self.verify(Vib(form="gnu").bytes(), lacks="ar headers")
        vib = Vib()
        for member, data in vib.members:
            self.put(member, data)
        for how, free in (("rcD", False), ("rcU", True)):
            path = self.folder / f"{how}.vib"
            subprocess.run(["ar", how, path.name, *(name for name, _ in vib.members)], cwd=self.folder, check=True)
            text = self.verify(path).text
            self.assertEqual("ar headers" in text, free, how)

    def test_payload_name_of_15(self):
        self.verify(Vib(name="vnic-enablement", form="gnu").bytes())
        self.verify(Vib(name="a-payload.of_15").bytes())

    def test_pretty_descriptor(self):
        """As shell scripts write it: no version, declaration, lines, the sha-256 of the packed bytes first."""
        vib = Vib()
        one, two, three = re.findall(r"<checksum.*?</checksum>", vib.xml)
        vib.edit(one + two + three, two + one)
        vib.edit(' version="5.0"', "")
        vib.edit("<urls/>", '<urls><url key="website">https://acme.example/</url></urls>')
        vib.edit("</maintenance-mode>", '</maintenance-mode><softwarePlatform version="7.*" locale="" '
                 'productLineID="embeddedEsx" />')
        vib.xml = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n' + vib.xml.replace("><", ">\n  <")
        self.verify(vib.bytes(), says="no sha-1")

    def test_unknown_elements(self):
        self.verify(Vib().edit("<urls/>", "<urls/><novelty a='b'><c/></novelty>").bytes())
        self.verify(Vib().edit('type="tgz"', 'type="tgz" vfat-name="a.b"').bytes())

    def test_visor_tars(self):
        files = {"opt/acme/hello": b"hello\n", "opt/acme/much": bytes(range(256)) * 17, "opt/acme/none": b""}
        for official in (True, False):
            tar = visor_tar(files, official)
            self.verify(Vib(files=files, tar=tar, kind="vgz").bytes(), lacks="note ")
            self.verify(Vib(files=files, tar=tar, kind="tgz").bytes(), code=2, says="visor tar, but its type is tgz")
        self.verify(Vib(kind="vgz").bytes(), says="vgz, but it is an ordinary tar")

    def test_visor_file_of_type_7(self):
        tar = visor_tar(HELLO)
        at = tar.index(b"opt/acme/hello")
        block = bytearray(tar[at:at + 512])
        block[156] = ord("7")
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        self.verify(with_tar(tar[:at] + bytes(block) + tar[at + 512:], kind="vgz"))

    def test_visor_signed_sums(self):
        """vibauthor adds the bytes as signed ones."""
        files = {"opt/acme/a": bytes(200), "opt/acme/b": b"hello\n"}
        tar = bytearray(visor_tar(files, False))
        for at in range(0, 512 * 4, 512):
            block = tar[at:at + 512]
            block[148:156] = b" " * 8
            tar[at + 148:at + 156] = b"%06o\0 " % sum(byte - 256 if byte > 127 else byte for byte in block)
        self.verify(Vib(files=files, tar=bytes(tar), kind="vgz").bytes())

    def test_owners_and_modes_are_notes(self):
        self.verify(with_tar(gnu_tar(HELLO, uid=1000, gid=1001)), says="belongs to user 1000, group 1001")
        self.verify(with_tar(gnu_tar(HELLO, mode=0o777)), says="anybody may write to")
        self.verify(with_tar(gnu_tar(HELLO, mode=0o1644)), says="sticky bit")

    def test_links(self):
        tar = makers.filled(tar_header("opt/", kind="5") + tar_header("opt/a", kind="2", link="/bin/sh") + bytes(1024), 10240)
        self.verify(with_tar(tar, files={}))

    def test_several_payloads(self):
        vib = Vib()
        tar = gnu_tar({"opt/acme/more": b"more\n"})
        packed = zip_gzip(tar)
        vib.edit("</file-list>", "<file>opt/acme/more</file></file-list>")
        vib.edit("</payloads>", f'<payload name="second" type="tgz" size="{len(packed)}">{sums(packed, tar)}</payload>'
                 "</payloads>")
        vib.payloads.append(("second", packed))
        self.verify(vib.bytes(), "-v", says="2 payloads, 2 files")
        vib.payloads.reverse()
        self.verify(vib.bytes(), code=2, says="second stands where the payload payload1 should")

    def test_gzip_of_any_level_with_a_name(self):
        tar = gnu_tar(HELLO)
        named = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = (b"\x1f\x8b\x08\x08\0\0\0\0\x02\xff" + b"payload\0" + named.compress(tar) + named.flush() +
                  struct.pack("<II", zlib.crc32(tar), len(tar)))
        self.assertEqual(gzip.decompress(packed), tar)
        self.verify(Vib(tar=tar, packed=packed).bytes())


class Containers(TestCase):
    """ar: every way to be wrong."""

    def wrong(self, data, *says):
        return self.verify(data, code=2, says=says)

    def test_members(self):
        vib = Vib()
        descriptor, signature, payload = vib.members
        for members, says in (
                ([descriptor, payload], "the first members are not descriptor.xml and sig.pkcs7"),
                ([signature, descriptor, payload], "the first members are not"),
                ([descriptor, payload, signature], "the first members are not"),
                ([descriptor], "the first members are not"),
                ([], "the first members are not"),
                ([descriptor, signature], "no ar member for the payload payload1"),
                ([descriptor, signature, ("payload2", payload[1])], "payload2 stands where the payload payload1"),
                ([descriptor, signature, payload, payload], "a second member payload1"),
                ([descriptor, signature, payload, descriptor], "a second member descriptor.xml"),
                ([descriptor, signature, payload, ("more", b"x")], "more is no payload"),
                ([("descriptor.XML", descriptor[1]), signature, payload], "the first members are not")):
            self.wrong(ar(members), says)

    def test_names(self):
        vib = Vib()
        for name in ("//", "/0", "/", "a/b", "#1/20", "a b", " ", "a\x01", "a\xe4", ".\x7f"):
            data = ar(vib.members) + ar_member(name, b"x")
            self.wrong(data, "no plain name")

    def test_numbers(self):
        head = ar(Vib().members[:2])
        for field, value in (("size", "-1"), ("size", ""), ("size", "0x10"), ("size", "1.0"), ("size", "007"), ("size", " 7"),
                             ("mtime", "x"), ("uid", "-5"), ("gid", "z"), ("mode", "9"), ("mode", "00"), ("mtime", "")):
            self.wrong(head + ar_member("payload1", b"hello", **{field: value}), "a number in the ar header of payload1")
        for size in ("9999999999", "4294967296", "6"):
            self.wrong(head + ar_member("payload1", b"hell", size=size), "but the file ends 4 bytes after")
        self.wrong(head + ar_member("payload1", b"hello", end="`\r"), "no ar header")

    def test_mixed_forms(self):
        one, two, three = Vib().members
        data = b"!<arch>\n" + ar_member(*one) + ar_member(*two, form="gnu") + ar_member(*three)
        self.wrong(data, "of another form than the first")
        data = b"!<arch>\n" + ar_member(*one) + ar_member(*two) + ar_member(*three, mtime="1")
        self.wrong(data, "of another form than the first")

    def test_padding(self):
        vib = Vib()
        vib.signature = b"x"
        data = vib.bytes()
        at = data.index(b"x\n" + b"payload1") + 1
        self.wrong(data[:at] + b"\0" + data[at + 1:], "no newline after sig.pkcs7")
        self.wrong(ar(Vib().members + [("more", b"x")])[:-1], "no newline after more")

    def test_not_ar(self):
        for data in (b"", b"!", b"!<arch>", b"!<thin>\n", b"\x7fELF" + bytes(100), b"\x1f\x8b\x08" + bytes(60), bytes(1000)):
            self.wrong(data, "is no VIB")
        self.wrong(b"!<arch>\n", "the first members are not")

    def test_appended(self):
        for more in (b"\n", b"\0", b"x" * 60, bytes(60), bytes(4096)):
            self.wrong(Vib().bytes() + more)

    def test_truncated_at_every_length(self):
        """In processes at some lengths; flip_test.c has them all."""
        data = Vib().bytes()
        for n in sorted({*range(0, 75), *range(75, len(data), 61), len(data) - 1}):
            self.wrong(data[:n])

    def test_many_members(self):
        self.wrong(ar(Vib().members + [(f"m{i}", b"") for i in range(62)]), "more than 64 members")


class Descriptors(TestCase):
    def wrong(self, vib, *says, **limits):
        return self.verify(vib.bytes() if isinstance(vib, Vib) else vib, code=2, says=says, **limits)

    def edited(self, old, new):
        return Vib().edit(old, new)

    def test_checksums(self):
        vib = Vib()
        one, two, three = re.findall(r"<checksum.*?</checksum>", vib.xml)
        names = ("sha-256 of the unpacked payload", "sha-256 of the payload", "sha-1 of the unpacked payload")
        for element, name in zip((one, two, three), names):
            digits = re.search(r">(\w+)<", element).group(1)
            other = digits[:-1] + ("0" if digits[-1] != "0" else "1")
            self.wrong(self.edited(element, element.replace(digits, other)), f"the {name} is {digits}", other)
            self.wrong(self.edited(element, element + element), f"a second {name} for payload1")
            for bad in ("", digits[:-1], digits + "0", digits.upper(), "g" * len(digits)):
                self.wrong(self.edited(element, element.replace(digits, bad)), f"the {name} is {digits}")
        self.wrong(self.edited(one, ""), "no sha-256 of the unpacked payload; ESX 8 and 9 refuse")
        self.verify(self.edited(two, "").bytes(), says="no sha-256 of the payload")
        self.verify(self.edited(three, "").bytes(), says="no sha-1 of the unpacked payload")
        self.wrong(self.edited(one + two + three, ""), "refuse such a VIB")
        for old, new in (('"sha-256"', '"md5"'), ('"sha-256"', '"sha-512"'), ('"gunzip"', '"bunzip2"'),
                         ('checksum-type="sha-256"', ""), ("sha-1", "sha-256")):
            self.wrong(self.edited(old, new))
        self.wrong(self.edited(two, two.replace('"sha-256"', '"sha-1"')), "not known: sha-1, no process")

    def test_packed_bytes_without_checksum_are_not_covered(self):
        """Time, name and level in the head of a gzip file are under the sha-256 of the packed bytes only."""
        vib = Vib()
        two = re.findall(r"<checksum.*?</checksum>", vib.xml)[1]
        text = self.verify(vib.edit(two, "").bytes()).text
        self.assertRegex(text, r"not covered \S+x\.vib: payload payload1: time and name in the gzip header")
        bundle = self.put("b.zip", makers.Bundle(vib).bytes())
        self.assertNotIn("gzip", self.verify(vib.bytes(), "--packaged", bundle).text)

    def test_payload(self):
        size = len(Vib().packed)
        for old, new, says in (
                (f'size="{size}"', f'size="{size + 1}"', f"has {size} bytes, but the descriptor says {size + 1}"),
                (f'size="{size}"', 'size="0"', f"has {size} bytes, but the descriptor says 0"),
                (f'size="{size}"', 'size=""', "payload payload1 has no size"),
                (f'size="{size}"', 'size="-1"', "payload payload1 has no size"),
                (f'size="{size}"', 'size="10000000000"', "payload payload1 has no size"),
                (f'size="{size}"', 'size="99999999999999999999"', "payload payload1 has no size"),
                (f' size="{size}"', "", "payload payload1 has no size"),
                ('name="payload1"', 'name="other"', "payload1 stands where the payload other should"),
                ('name="payload1"', 'name=""', "a payload's name has"),
                ('name="payload1"', 'name="a-payload-of-16-"', "a payload's name has 1 to 15"),
                ('name="payload1"', 'name="../../a"', "a payload's name has"),
                (' name="payload1"', "", "a payload's name has"),
                ('type="tgz"', 'type=""', "payload payload1 has no type"),
                (' type="tgz"', "", "payload payload1 has no type"),
                ("<payloads>", "<p>", None),
                ("<payload ", "<pay ", None)):
            self.wrong(self.edited(old, new), *([says] if says else []))
        vib = Vib()
        element = re.search("<payload .*</payload>", vib.xml).group(0)
        self.wrong(self.edited(element, ""), "has no <payload>")
        self.wrong(self.edited(element, element + element), "a second payload payload1")
        many = "".join(element.replace("payload1", f"p{i}") for i in range(61))
        self.wrong(self.edited(element, many), "more than 60 payloads")

    def test_payloads_that_are_no_tars(self):
        for kind, packed in (("boot", b"an ELF file"), ("boot", zip_gzip(b"an ELF file")), ("upgrade", b"x"), ("zip", b"x")):
            unpacked = gzip.decompress(packed) if packed[:1] == b"\x1f" else packed
            vib = Vib(files={}, tar=unpacked, packed=packed, kind=kind)
            text = self.wrong(vib, "only a signed VIB may have one").text
            self.assertEqual("of a type that is not known: only its checksums" in text, kind == "zip")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert",
                            "-subj", "/CN=ACME"], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
            self.assertEqual(run("sign", "--key", self.folder / "key", "--cert", self.folder / "cert",
                                 self.put("plain.vib", vib.bytes()), "-o", self.folder / "signed.vib").code, 0)
            self.verify(self.folder / "signed.vib", says=["verified"])
            vib.payloads = [("payload1", packed[:-1] + b"!")]
            self.wrong(vib, "payload payload1: ")

    def test_sizes_in_other_words(self):
        """A size that is written in another way is no other size; but each has one way to be written."""
        size = len(Vib().packed)
        for text in (f" {size}", f"{size} ", f"+{size}", f"{size}.0", hex(size)):
            self.wrong(self.edited(f'size="{size}"', f'size="{text}"'), "payload payload1 has no size")

    def test_identity(self):
        for old, new, says in (
                ("<type>bootbank</type>", "", "has no <type>"),
                ("bootbank", "bootdisk", 'none of bootbank, locker and meta: "bootdisk"'),
                ("<name>acme-hello</name>", "", "has no <name>"),
                ("acme-hello", "", "has no <name>"),
                ("acme-hello", "acme hello", "is no name of a VIB"),
                ("acme-hello", "a" * 65, "is no name of a VIB"),
                ("acme-hello", "acmé", "is no name of a VIB"),
                ("<name>acme-hello</name>", "<name>acme-hello</name><name>b</name>", "a second <name>"),
                ("1.2.3-4", "1.2 3-4", "the <version> is none"),
                ("1.2.3-4", "1" * 65, "the <version> is none"),
                ("1.2.3-4", "", "has no <version>"),
                ("ACME", "", "has no <vendor>"),
                ("ACME", "AC/ME", "the <vendor> is no name"),
                ("5.0", "6.0", 'of version "6.0"; known: 5.0'),
                ("community", "best", 'the <acceptance-level> is not known: "best"'),
                ("<overlay>false", "<overlay>maybe", "line 1: <overlay> is neither true nor false"),
                ("<cimom-restart>false", "<cimom-restart>", "<cimom-restart> is neither"),
                ("<maintenance-mode>false", "<maintenance-mode>FALSE", "<maintenance-mode> is neither"),
                ("<stateless-ready>true", "<stateless-ready>1", "<stateless-ready> is neither"),
                ("<live-install-allowed>true", "<live-install-allowed>yes", "<live-install-allowed> is neither"),
                ("<live-remove-allowed>true", "<live-remove-allowed>yes", "<live-remove-allowed> is neither")):
            self.wrong(self.edited(old, new), says)
        for version in ("1.2.3", "0.1", "700.10.16-1OEM.700.0.0.14828939", "7.0.0-1"):
            self.verify(self.edited("1.2.3-4", version).bytes(), lacks="unusual")
        for version in ("1.2.3-", "1..3-4", "1.2_3"):
            self.verify(self.edited("1.2.3-4", version).bytes(), says="unusual form")

    def test_flags_twice(self):
        for tag, said, other in (("overlay", "false", "true"), ("live-install-allowed", "true", "false"),
                                 ("maintenance-mode", "false", "true")):
            element = f"<{tag}>{said}</{tag}>"
            self.wrong(self.edited(element, element + element.replace(said, other)), f"a second <{tag}>")

    def test_lists_twice(self):
        """A reader that takes the second one would see other files and payloads."""
        for tag in ("file-list", "payloads", "system-requires"):
            element = re.search(f"<{tag}>.*</{tag}>", Vib().xml).group(0)
            self.wrong(self.edited(element, element + element), f"a second <{tag}>")

    def test_level(self):
        for level in ("partner", "accepted", "certified", "signed"):
            self.wrong(self.edited("community", level), "but not signed; only community may be")
        self.verify(self.edited("community", "unsigned").bytes())
        self.verify(Vib().cut("<acceptance-level>.*</acceptance-level>").bytes())
        self.wrong(self.edited("<overlay>false", "<overlay>true"), "level community does not allow overlay")

    def test_garbage_for_a_signature(self):
        for signature in (b"x", b"\n", bytes(100), b"-----BEGIN PKCS7-----\n-----END PKCS7-----\n"):
            vib = Vib()
            vib.signature = signature
            self.wrong(vib, "sig.pkcs7: ")

    def test_file_list(self):
        element = "<file>opt/acme/hello</file>"
        for new, says in (
                ("", "the payload has opt/acme/hello, the file list does not"),
                (element + "<file>opt/acme/more</file>", "the file list has opt/acme/more, the payload does not"),
                (element + element, "the file list has opt/acme/hello, the payload does not"),
                ("<file>opt/acme/hell</file>", "the file list has opt/acme/hell, the payload does not"),
                ("<file>/opt/acme/hello</file>", "something else than a path without leading slash"),
                ("<file></file>", "something else than a path"),
                ("<folder>opt/acme/hello</folder>", "something else than a path"),
                (f"<file>opt/{'a' * 96}</file>", "a path of more than 99 characters")):
            self.wrong(self.edited(element, new), says)
        self.wrong(Vib().cut("<file-list>.*</file-list>"), "the payload has opt/acme/hello, the file list does not")

    def test_community_paths(self):
        for path in ("bin/hello", "etc/vmware/daemon/config/a.json", "etc/rc.local.d/a.sh", "opt", "optical/a", "usr/lib/a",
                     "tmp/a", "etc/vmware/esx.conf", "etc/passwd", "usr/lib/vmware", "a"):
            self.wrong(Vib(files={path: b""}), f"level community does not allow a file {path}")
        for path in ("etc/init.d/a", "etc/vmware/default.map.d/a.map", "usr/lib64/vmware/a"):
            self.verify(Vib(files={path: b""}).bytes(), says="allowed by the rules of 6.7, not by older ones")
        for path in ("opt/a", "usr/lib/vmware/a", "etc/vmware/firewall/a.xml", "var/lib/sfcb/registration/a"):
            self.verify(Vib(files={path: b""}).bytes(), lacks="6.7")

    def test_community_links(self):
        """A link is on no file list: hosts do not refuse it, but it is said."""
        tar = makers.filled(tar_header("bin/", kind="5") + tar_header("bin/sh", kind="2", link="/tmp/x") + bytes(1024), 10240)
        self.verify(with_tar(tar, files={}), says="bin/sh is a symbolic link to /tmp/x")

    def test_hostile_xml(self):
        bomb = '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";" * 1}{("&" + chr(97 + i) + ";") * 9}">' for i in range(12)) + "]>"
        plain = Vib().xml
        for text, says in (
                (bomb + plain.replace("Says hello", "&m;"), "document type declaration"),
                ('<!DOCTYPE vib SYSTEM "file:///etc/passwd">' + plain, "document type declaration"),
                (plain.replace("Says hello", "&undefined;"), "no well-formed XML"),
                (plain.replace("Says hello", "&#0;"), "no well-formed XML"),
                (plain.replace("Says hello", "a\0b"), "no well-formed XML"),
                (plain[:-1], "no well-formed XML"),
                (plain + plain, "no well-formed XML"),
                (plain + "x", "no well-formed XML"),
                ("", "no well-formed XML"),
                (plain.replace("<urls/>", "<u>" * 40 + "</u>" * 40), "nested too deep"),
                (plain.replace("<urls/>", "<u>" * 100000 + "</u>" * 100000), "nested too deep"),
                (plain.replace("<urls/>", "<u/>" * 100000), "too many elements"),
                (plain.replace("vib", "bib"), "is no descriptor: its element is <bib>"),
                (plain.replace("<urls/>", "<urls>" + "x" * (9 * MIB) + "</urls>"), "larger than 8 MiB")):
            vib = Vib()
            vib.xml = text
            done = self.wrong(vib, says, memory=400, seconds=5)
            self.assertLess(done.peak, 200 if makers.LIMITED else 4000)
        vib = Vib()
        vib.xml = plain.replace("Says hello", "Says h\xe4llo")
        data = vib.bytes().replace("\xe4".encode(), b"\xe4 ")
        self.wrong(data, "no well-formed XML")

    def test_large_but_fair(self):
        """Much text, many attributes, many files: slow for nobody."""
        attributes = " ".join(f'a{i}="x"' for i in range(100000))
        for text in (f"<urls {attributes}/>", "<urls>" + "x" * (7 * MIB) + "</urls>", "<urls>" + "&amp;" * 1400000 + "</urls>",
                     "<urls>" + "<u/>" * 99000 + "</urls>"):
            self.verify(Vib().edit("<urls/>", text).bytes(), memory=400, seconds=5)
        files = {f"opt/acme/{i:06}": b"" for i in range(60000)}
        self.verify(Vib(files=files).bytes(), memory=400, seconds=5)

    def test_text_for_terminals(self):
        """What a file says comes out in one line, without controls."""
        vib = self.edited("acme-hello", "a&#10;WRONG b&#9;c&#x9b;31m\u202e")
        done = self.wrong(vib, "is no name of a VIB")
        self.assertNotIn("\x9b", done.out)
        self.assertFalse(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.out))
        self.assertFalse(re.search(r"^WRONG b", done.out, re.M))


class Payloads(TestCase):
    def wrong(self, data, *says, **limits):
        return self.verify(data, code=2, says=says, **limits)

    def test_gzip(self):
        tar = gnu_tar(HELLO)
        packed = zip_gzip(tar)
        lying = packed[:-4] + struct.pack("<I", 1)
        liar = packed[:-4] + struct.pack("<I", 0xffffffff)
        for other, says in ((packed + b"\0", "has 1 bytes after its gzip data"), (packed + packed, "after its gzip data"),
                            (zip_gzip(tar[:512]) + zip_gzip(tar[512:]), "after its gzip data"),
                            (lying, "no gzip file, or was cut off"), (liar, "no gzip file, or was cut off"),
                            (packed[:-9], "no gzip file, or was cut off"), (packed[:-1], "no gzip file, or was cut off"),
                            (b"", "no gzip file"), (b"hello", "no gzip file"), (tar, "no gzip file"),
                            (zlib.compress(tar), "no gzip file"),
                            (packed[:-8] + bytes(4) + packed[-4:], "no gzip file, or was cut off")):
            self.wrong(Vib(tar=tar, packed=other).bytes(), "payload payload1: ", says, memory=300)

    def test_bombs(self):
        packed = makers.gzip_zeros(1024)
        for data in (packed, packed[:-4] + struct.pack("<I", 100)):
            done = self.wrong(Vib(tar=b"", packed=data).bytes(), "unpacks to more than 512 MiB", memory=900, seconds=10)
            self.assertLess(done.peak, 100 if makers.LIMITED else 4000)
        data = packed[:-4] + struct.pack("<I", 511 * MIB)
        done = self.wrong(Vib(tar=b"", packed=data).bytes(), "unpacks to more than 512 MiB", memory=900, seconds=10)
        self.assertLess(done.peak, 600 if makers.LIMITED else 4000)

    def test_many_bombs_in_one(self):
        """Memory for one at a time."""
        packed = makers.gzip_zeros(100)
        vib = Vib(tar=b"", packed=packed)
        element = re.search("<payload .*</payload>", vib.xml).group(0)
        vib.edit(element, "".join(element.replace("payload1", f"p{i}") for i in range(5)))
        vib.payloads = [(f"p{i}", packed) for i in range(5)]
        done = self.wrong(vib.bytes(), "payload p4: ", memory=300, seconds=30)
        self.assertLess(done.peak, 200 if makers.LIMITED else 6000)

    def test_headers(self):
        for header, says in (
                ({"magic": b"ustar\x0000"}, "a POSIX header; VIBs have GNU's"),
                ({"magic": bytes(8)}, "the magic is neither"),
                ({"magic": b"ustar   "}, "the magic is neither"),
                ({"kind": "1", "link": "opt/a", "size": 0}, "no file, folder or symbolic link (type 0x31)"),
                ({"kind": "3", "size": 0}, "type 0x33"), ({"kind": "4", "size": 0}, "type 0x34"),
                ({"kind": "6", "size": 0}, "type 0x36"), ({"kind": "S"}, "type 0x53"), ({"kind": "M"}, "type 0x4d"),
                ({"kind": "\0"}, "type 0x00"),
                ({"kind": "L"}, "an extended header"), ({"kind": "x"}, "an extended header"),
                ({"kind": "g"}, "an extended header"), ({"kind": "K"}, "type 0x4b"),
                ({"kind": "5"}, "is no file, but has a size"),
                ({"kind": "2", "link": "x"}, "is no file, but has a size"),
                ({"size": 100000}, "the data of opt/acme/hello is not inside the file"),
                ({"size": 0o77777777777}, "is not inside the file"),
                ({"mode": 0o4755}, "has the set-user-ID or set-group-ID bit"),
                ({"mode": 0o2755}, "has the set-user-ID or set-group-ID bit")):
            self.wrong(with_tar(one_entry(**header)), says)

    def test_paths(self):
        for path in ("/opt/acme/hello", "../opt/a", "opt/../../a", "./opt/a", "opt/./a", "opt//a", "opt/..", ".", "..", "",
                     "opt/a\nb", "opt/a\tb", "opt/a\x1b[1m", b"opt/\xff", "opt/acme/", "opt/a\x7f"):
            tar = one_entry(path=path)
            self.wrong(with_tar(tar), "is not plain and relative")

    def test_sum(self):
        tar = gnu_tar(HELLO)
        for at in (0, 100, 108, 124, 136, 148, 157, 265, 297, 329, 345, 500, 511):
            other = bytearray(tar)
            other[at] ^= 1
            self.wrong(with_tar(bytes(other)), "offset 0 of the tar: ")

    def test_numbers(self):
        tar = bytearray(gnu_tar(HELLO))
        for at, text in ((100, b"xxxxxxx\0"), (108, b"\x80\0\0\0\0\0\0\1"), (116, b"-000001\0"), (124, b"\x80" + bytes(10) + b"\5"),
                         (100, b"0000 44\0"), (124, bytes(12))):
            other = bytearray(tar)
            other[at:at + len(text)] = text
            other[148:156] = b" " * 8
            other[148:156] = b"%06o\0 " % sum(other[:512])
            self.wrong(with_tar(bytes(other)), "a number in the header of opt cannot be read")

    def test_end(self):
        tar = gnu_tar(HELLO)
        whole = 512 * 4
        for data, says in ((tar[:whole], "it is cut off"), (tar[:whole + 512], "the headers do not end in zeros"),
                           (tar[:whole - 100], "is not filled up with zeros"), (tar[:whole - 512], "is not inside the file"),
                           (tar[:-1] + b"x", "something comes after its end"), (tar + tar, "something comes after its end"),
                           (bytes(10240), "the tar is empty"), (b"x", "it is cut off"), (b"", "it is cut off"),
                           (tar[:whole - 1] + b"x" + tar[whole:], "is not filled up with zeros")):
            self.wrong(with_tar(data), says)
        self.verify(with_tar(tar[:whole + 1024]))

    def test_twice(self):
        tar = gnu_tar(HELLO)
        self.wrong(with_tar(tar[:2048] + tar[1024:]), "opt/acme/hello stands twice")
        self.wrong(with_tar(tar[:512] + tar), "opt stands twice")

    def test_visor_data(self):
        tar = visor_tar(HELLO)
        at = tar.index(b"opt/acme/hello")

        def moved(offset):
            head = tar_header("opt/acme/hello", size=6, magic=b"visor  \0", device=b"0000000\0" * 2,
                              tail=struct.pack("<4I", offset, 0, 0, 0))
            return Vib(tar=tar[:at] + head + tar[at + 512:], kind="vgz").bytes()
        self.verify(moved(4096))
        for offset, says in ((1, "not inside the file"), (512, "not inside"), (4097, "not inside"),
                             (0xffffffff, "not inside"), (1535, "not inside"), (1536, "lies in the headers"), (2000, "lies in the headers")):
            self.wrong(moved(offset), says)
        mixed = tar_header("opt/", kind="5", mode=0o755) + tar[512:]
        self.wrong(Vib(tar=mixed, kind="vgz").bytes(), "GNU's and visor's headers are mixed")

    def test_visor_bytes_of_nobody(self):
        """Between the headers and the data, and between data, there are zeros."""
        files = {"opt/acme/a": b"a", "opt/acme/b": b"b"}
        tar = bytearray(visor_tar(files))
        for at in (512 * 5 + 1, 4095, 4097, 8191):
            other = bytearray(tar)
            other[at] = 1
            self.wrong(Vib(files=files, tar=bytes(other), kind="vgz").bytes(), "between")
        self.wrong(Vib(files=files, tar=bytes(tar) + b"x", kind="vgz").bytes(), "after")

    def test_tars_of_programs(self):
        """What tar writes in its other formats is refused with the reason."""
        self.put("in/opt/acme/hello", "hello\n")
        long = f"opt/{'d' * 60}/{'e' * 60}"
        self.put(f"in/{long}", "x")
        for form, says in (("posix", "POSIX header"), ("ustar", "POSIX header"), ("v7", "the magic is neither")):
            tar = subprocess.run(["tar", f"--format={form}", "-cC", self.folder / "in", "opt/acme"], check=True,
                                 stdout=subprocess.PIPE).stdout
            self.wrong(with_tar(tar), says)
        made = ["tar", "--format=gnu", "--owner=0", "--group=0", "-cC", self.folder / "in"]
        tar = subprocess.run([*made, "opt/acme"], check=True, stdout=subprocess.PIPE).stdout
        self.verify(with_tar(tar))
        tar = subprocess.run([*made, "./opt/acme"], check=True, stdout=subprocess.PIPE).stdout
        self.wrong(with_tar(tar), "is not plain and relative")
        tar = subprocess.run([*made, "opt"], check=True, stdout=subprocess.PIPE).stdout
        self.wrong(with_tar(tar), "an extended header; a path in a VIB has at most 99 bytes")
        os.link(self.folder / "in/opt/acme/hello", self.folder / "in/opt/acme/link")
        tar = subprocess.run([*made, "opt/acme"], check=True, stdout=subprocess.PIPE).stdout
        self.wrong(with_tar(tar), "no file, folder or symbolic link (type 0x31)")


class Flips(TestCase):
    def test_flips_in_processes(self):
        """A sample; flip_test.c has every byte."""
        rng = random.Random(1)
        vib = Vib()
        data = vib.bytes()
        bundle = self.put("b.zip", makers.Bundle(vib).bytes())
        self.verify(data, "--packaged", bundle, lacks="not covered x.vib: not signed")
        body = range(8 + 60, 8 + 60 + len(vib.xml))
        text = run("verify", self.put("x.vib", data)).text
        self.assertIn("nothing covers the text of descriptor.xml", text)
        unseen = 0
        for at in rng.sample(range(len(data)), 320 if makers.LIMITED else 60):
            other = bytearray(data)
            for bit in rng.sample(range(8), rng.randint(1, 3)):
                other[at] ^= 1 << bit
            path = self.put("x.vib", bytes(other))
            done = run("verify", path)
            if done.code != 2:
                self.assertEqual(done.code, 0)
                self.assertIn(at, body)
                unseen += 1
            if done.code != 2 or at % 5 == 0:
                self.verify(path, "--packaged", bundle, code=2, says="is not that of any VIB in")
        self.assertLess(unseen, 200)


if __name__ == "__main__":
    makers.main(__doc__)
