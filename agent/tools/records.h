/* The four ways in which esxcli and localcli print a list of records, read into one form.
 *
 * keyvalue   structure[0].Nic.MTU.integer=1500 in lists, VersionGet.Version.string=9.0.0 for a single record.
 *            A line of another form continues the value before it (descriptions hold newlines).
 * block      records with a header in column 0 and "   Key: Value" below it; a single record has no header, or
 *            one that is no record of its own ("Platform Information").
 * table      a header, a line of dashes that tells where columns begin and end, a line a record.
 * json       an array of objects or one object; localcli's keys are display names with blanks.
 *
 * Field names are compared without blanks, punctuation and case: "VMkernel Name", "VMkernelName" and "vmkernelname"
 * are one field.
 *
 * Sources: esxcli help of 7.x/8.x, output of ESXi 8.x in a public parser's test data, ENCS-on-ESXi on 8.0U3.
 */
#ifndef HP_TOOLS_RECORDS_H
#define HP_TOOLS_RECORDS_H

#include <stdint.h>

#include "../base/str.h"

#define HP_FIELDS_MAX 56 /* fields of a record; `hardware pci list` has 37 */

struct hp_field {
	const char *name;    /* letters and digits only, lower case */
	struct hp_str value; /* without blanks at its ends */
	bool decimal;	     /* printed as a number by keyvalue or json: a number without 0x is decimal then */
};

struct hp_record {
	struct hp_str header; /* block: the line above it; else empty */
	struct hp_field fields[HP_FIELDS_MAX];
	size_t count;
	struct hp_str bytes; /* where it stands in the reply */
	/* False when it may have been cut: it does not end with the field that the other records end with. A list that
	 * was cut exactly at a line's end shows in this way, and in no other. */
	bool whole;
};

struct hp_records {
	struct hp_record **records;

	size_t count, room;
	bool table; /* read from a table: a wrapped last column may have spilled over into lines of its own */
};

/* Reads bytes that ended well (hp_reply_trouble said NULL). Returns NULL and the records, or why they are none. */
const char *hp_records_read(struct hp_arena *a, struct hp_str bytes, struct hp_records *ret);

/* From the first record's first byte to the last one's last. */
struct hp_str hp_records_bytes(const struct hp_records *all);
/* The value of a field. False when the record has no such field, or has it twice with different values. */
bool hp_record_get(const struct hp_record *r, const char *name, struct hp_str *ret);
/* Where that value stands in the record's bytes; p is NULL when it is not found there. */
struct hp_str hp_record_place(const struct hp_record *r, const char *name);
/* A number of at most `max`: 0x and hex digits, or decimal where the printer said that it is a number; else hex. */
bool hp_record_number(const struct hp_record *r, const char *name, uint64_t max, uint64_t *ret);

#endif
