/* /etc/vmware/passthru.map: which reset method VMkernel is told to use for a passthrough device.
 *
 * Lines: vendor-id device-id resetMethod fptShareable; hex ids without 0x, ffff = any; blanks or tabs between; '#'
 * begins a comment. Methods: flr d3d0 link bridge default. The file is bytes: its stock comment holds a character that
 * is not ASCII. Which of two matching lines wins is not documented (KB and field reports disagree), so nothing here
 * picks one: whoever asks gets every line that matches.
 *
 * Sources: the file of ESXi 6.7.0 8169922 and its own comment; the paper 8.4.
 */
#ifndef HP_TOOLS_PASSTHRU_MAP_H
#define HP_TOOLS_PASSTHRU_MAP_H

#include "../base/fact.h"

struct hp_map_line {
	unsigned number;	 /* from 1 */
	struct hp_str bytes;	 /* the line, without its newline */
	struct hp_str method;	 /* the field within it */
	uint32_t vendor, device; /* HP_MAP_ANY: ffff */
	bool understood;	 /* false: it is neither blank, comment nor of the known form */
};
#define HP_MAP_ANY 0xffffu

struct hp_map {
	struct hp_map_line *lines; /* entries and lines that are not understood; blanks and comments are left out */
	size_t count, room;
};

void hp_map_read(struct hp_arena *a, struct hp_str bytes, struct hp_map *ret);
bool hp_map_matches(const struct hp_map_line *line, uint16_t vendor, uint16_t device);
/* What the lines that match say: PRESENT with the method ("default" where none matches), or NO_DATA when a line that
 * may match is not understood or names an unknown method. Where lines differ, the first that is not `want` counts, and
 * one that is not default before one that is. ret_lines: how many match. */
struct hp_value hp_map_method(struct hp_arena *a, const struct hp_map *map, uint16_t vendor, uint16_t device,
			      const char *want, unsigned *ret_lines, struct hp_str *ret_record);

#define HP_MAP_PATH "etc/vmware/passthru.map"
#define HP_MAP_SHADOW "etc/vmware/.#passthru.map" /* its marker: only files with one are archived */

/* The method in force, by the Reset Method of the PCI list ("Function reset" is flr); NO_DATA where it says none or one
 * that is not known. */
struct hp_value hp_reset_method(struct hp_arena *a, const struct hp_device *d);

/* ---- editing ---- */

/* One line of the file that an edit changes. Lines are without their newline, and bytes: a comment in one may hold what
 * is no UTF-8. */
struct hp_map_edit {
	unsigned line; /* from 1, in the text before the edit; for an added one: where it stands after it */
	const char *before, *after; /* before is NULL: the line was added. after is NULL: it was taken out */
};

struct hp_map_edits {
	struct hp_map_edit *items;
	size_t count;
};

struct hp_map_device {
	uint16_t vendor, device;
};

/* The text in which every line that matches one of the devices says `want`; only the method field of a line changes,
 * and its blanks, comments, line ends and everything else stay byte for byte. Lines that match none of them stay, of
 * whatever vendor they are. A vendor with a device that no line matches gets one line "VENDOR ffff WANT false" at the
 * end; a last line without newline ends the text without one afterwards, too. With nothing to change the text is equal
 * and there are no edits.
 *
 * Returns NULL and the new text, or why it must not be edited (nothing is returned then): a line that may match is not
 * understood, a NUL byte, the text is empty, `want` is no method, a vendor id of 0000 or ffff. */
const char *hp_map_edit(struct hp_arena *a, struct hp_str bytes, const struct hp_map_device *devices, size_t count,
			const char *want, struct hp_map_edits *ret_edits, struct hp_str *ret_text);
/* Takes edits back: each line that still stands as the edit left it (at its number, else at the only place where it
 * stands; k edits that left the same line: at the only k places, in their order) becomes what it was, and everything
 * else is left alone. A line that the edit took out comes back at its number, at most at the end.
 *
 * Returns NULL and the text, or which line is no longer what the edit made of it; then nothing is to be written. The
 * same where a line that was taken out stands there again, and where nothing would be left of the file. ret_edits: the
 * edits that this is, so that it can be taken back in turn. */
const char *hp_map_restore(struct hp_arena *a, struct hp_str bytes, const struct hp_map_edits *edits,
			   struct hp_map_edits *ret_edits, struct hp_str *ret_text);
/* A unified diff of both texts as `diff -u` prints it, three lines of context, with its two head lines
 * "--- /etc/vmware/passthru.map" and "+++ /etc/vmware/passthru.map"; "" when they are equal. It ends in a newline.
 * Bytes that are no ASCII text, a carriage return among them, are shown as '?'. */
const char *hp_map_diff(struct hp_arena *a, struct hp_str before, struct hp_str after);
/* Whether a line that the edits changed, added or took out matches that device: used to name every device that an edit
 * reaches. */
bool hp_map_edit_reaches(struct hp_arena *a, const struct hp_map_edits *edits, uint16_t vendor, uint16_t device);

#endif
