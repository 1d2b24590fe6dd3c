/* How mlxconfig lays out its tables, by MFT version. Formats: mlxcfg_ui.cpp of mstflint 4.6 to 4.36. */
#ifndef SIM_MLXFORM_H
#define SIM_MLXFORM_H

#include "text.h"

struct sim_mlxform {
	unsigned from;	   /* first version, as sim_mft_version has it */
	size_t name_width; /* of a parameter's name, after the prefix */
	bool marks;	   /* the prefix is '*', 'RO' and five blanks; else '*' and eight blanks */
	size_t value_width;
	size_t gap_from;   /* a blank follows a value of at least this length, padding included; 0: never */
	size_t key_width;  /* of "Device type:", and of its value */
	size_t head_width; /* of "Configurations:" */
	size_t next[1];	   /* widths of the heads, which are flush right */
	size_t default_current_next[3];
	size_t default_next[2];
	size_t current_next[2];
	bool heads_left; /* heads are flush left and as wide as the values */
};

/* Which values a query shows beside the next one. */
struct sim_mlxcolumns {
	bool initial; /* Default */
	bool current;
};

const struct sim_mlxform *sim_mlxform(unsigned version);
/* The "Configurations:" line; set adds New. */
void sim_mlxform_head(struct sim_buf *out, const struct sim_mlxform *form, struct sim_mlxcolumns columns, bool set);
void sim_mlxform_row(struct sim_buf *out, const struct sim_mlxform *form, bool changed, bool read_only,
		     const char *name, const char *const *values, size_t count);
/* A line of the device block. */
void sim_mlxform_key(struct sim_buf *out, const struct sim_mlxform *form, const char *key, const char *value);

#endif
