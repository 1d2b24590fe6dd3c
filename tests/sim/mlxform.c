#include "mlxform.h"

#include <string.h>

/* The heads of two columns before 4.22 are not known; they follow the pattern of the later ones. MFT 4.30.1 already has
 * the heads of mstflint 4.31. */
static const struct sim_mlxform forms[] = {
    {40600, 36, false, 16, 0, 16, 16, {38}, {36, 16, 18}, {36, 18}, {38, 18}, false},
    {41700, 36, false, 16, 17, 16, 16, {38}, {36, 16, 18}, {36, 18}, {38, 18}, false},
    {42200, 44, false, 16, 17, 16, 16, {46}, {44, 16, 18}, {44, 18}, {46, 18}, false},
    {42500, 44, true, 16, 17, 16, 16, {46}, {44, 16, 18}, {44, 18}, {46, 18}, false},
    {42600, 44, true, 20, 20, 20, 20, {41}, {39, 21, 23}, {39, 23}, {41, 18}, false},
    {43001, 44, true, 20, 20, 20, 20, {46}, {44, 20, 18}, {44, 18}, {46, 18}, false},
    {43600, 48, true, 33, 33, 20, 56, {0}, {0}, {0}, {0}, true},
};

const struct sim_mlxform *sim_mlxform(unsigned version)
{
	size_t i = sizeof forms / sizeof forms[0] - 1;

	while (i > 0 && forms[i].from > version) {
		i--;
	}
	return &forms[i];
}

void sim_mlxform_head(struct sim_buf *out, const struct sim_mlxform *form, struct sim_mlxcolumns columns, bool set)
{
	const char *words[4];
	size_t count = 0;

	if (columns.initial) {
		words[count++] = "Default";
	}
	if (columns.current) {
		words[count++] = "Current";
	}
	words[count++] = "Next Boot";
	sim_buf_left(out, "Configurations:", form->head_width);
	if (form->heads_left) {
		if (set) {
			words[count++] = "New";
		}
		for (size_t i = 0; i < count; i++) {
			sim_buf_left(out, words[i], form->value_width);
			sim_buf_text(out, " ");
		}
	} else {
		const size_t *widths = columns.initial && columns.current ? form->default_current_next
				       : columns.initial		  ? form->default_next
				       : columns.current		  ? form->current_next
									  : form->next;

		for (size_t i = 0; i < count; i++) {
			sim_buf_right(out, words[i], widths[i]);
		}
		sim_buf_text(out, set ? "       New" : "");
	}
	sim_buf_text(out, "\n");
}

void sim_mlxform_row(struct sim_buf *out, const struct sim_mlxform *form, bool changed, bool read_only,
		     const char *name, const char *const *values, size_t count)
{
	sim_buf_text(out, changed ? "*" : " ");
	sim_buf_text(out, form->marks ? read_only ? "RO     " : "       " : "        ");
	sim_buf_left(out, name, form->name_width);
	for (size_t i = 0; i < count; i++) {
		const size_t before = out->len;

		sim_buf_left(out, values[i], form->value_width);
		if (i + 1 < count && form->gap_from > 0 && out->len - before >= form->gap_from) {
			sim_buf_text(out, " ");
		}
	}
	sim_buf_text(out, "\n");
}

void sim_mlxform_key(struct sim_buf *out, const struct sim_mlxform *form, const char *key, const char *value)
{
	sim_buf_left(out, key, form->key_width);
	sim_buf_left(out, value, form->key_width);
	sim_buf_text(out, "\n");
}
