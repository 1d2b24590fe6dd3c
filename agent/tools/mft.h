/* What the two MFT adapters share. All MFT calls stand in one lane: device discovery may fail when two MFT tools run
 * at the same time (MFT known issue 3500568). */
#ifndef HP_TOOLS_MFT_H
#define HP_TOOLS_MFT_H

#include "tool.h"

/* Why the policy forbids asking MFT tools now, or NULL. */
const char *hp_mft_forbidden(const struct hp_asking *asking);
/* The ask that must be read before that can be said. */
const char *hp_mft_also_after(const struct hp_ask_options *options);

/* One HCA's answer to `mlxconfig -d NAME -e query PARAMETER`, read by the words of its header. */
struct hp_mlx_answer {
	struct hp_value now, next; /* Current, Next Boot: "1", "0", or a number */
	bool read_only;		   /* the row is marked RO */
	struct hp_str record;	   /* header line and row */
};
/* `name` is what -d was given. Any reply may be passed in. */
void hp_mlx_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *name,
		 const char *parameter, struct hp_mlx_answer *ret);

#endif
