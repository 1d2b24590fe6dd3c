/* The rows of a merge, as they are kept until they are written. For merge*.c alone. */
#ifndef HP_FLEET_MERGE_ROWS_H
#define HP_FLEET_MERGE_ROWS_H

#include "merge.h"

struct hp_merge_row {
	const char *name, *where;
	enum hp_row_state state;
	const char *reason;
	const char *uuid;		/* NULL: none, or not to be compared */
	const char *started, *finished; /* of the report; NULL: not known */
	int64_t finished_s;		/* seconds since 1970; INT64_MIN: not known */
	int exit_code;			/* what the row stands for: 0, 2, 3 or 4 */
	unsigned char sha256[32];
	bool received; /* sha256 is that of something */
	bool complete; /* its report is of all checks */
	uint64_t at;   /* of the report in the spill */
	size_t n;      /* its bytes; 0: there is none */
	struct hp_transport transport;
	bool expected, dropped; /* dropped: another row of this name stands for it */
	size_t order;		/* in which it came */
};

#endif
