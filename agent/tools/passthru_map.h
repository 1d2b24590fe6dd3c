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

#endif
