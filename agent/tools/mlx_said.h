/* What mlxconfig says when it does not do what it was asked for: private to mlxconfig.c (reads) and mlxconfig_set.c
 * (writes), which judge the same texts. Texts of mstflint 4.17 to 4.36; the reasons are its m_err2str. */
#ifndef HP_TOOLS_MLX_SAID_H
#define HP_TOOLS_MLX_SAID_H

#include "../io/call.h"

struct hp_mlx_trouble {
	const char *said; /* in mlxconfig's output */
	const char *why, *hint;
	bool busy; /* it may pass: ask again later */
};

/* The first line with -E-, trimmed: an error whatever the exit status is. p is NULL when there is none. */
struct hp_str hp_mlx_error_line(struct hp_str out);
/* The known trouble that a reply which ended by itself tells of, or NULL. ret_said: the words that it was found in. */
const struct hp_mlx_trouble *hp_mlx_trouble_of(const struct hp_reply *reply, struct hp_str *ret_said);
/* "mlxconfig: WHY ("-E- …")" */
const char *hp_mlx_trouble_text(struct hp_arena *a, const struct hp_mlx_trouble *trouble, struct hp_str said);

/* Takes one line of the device block: true when it is "Device:" (4.6: "PCI device:"). ret_same: it names `name`, with
 * or without /dev/ or /dev/mst/ before either. */
bool hp_mlx_device_line(struct hp_str line, const char *name, bool *ret_same);

#endif
