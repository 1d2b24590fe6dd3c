/* The calls that need no process: FILE, STAT and EDIT (call.h), answered at once. */
#ifndef HP_IO_FILE_CALL_H
#define HP_IO_FILE_CALL_H

#include "call.h"

/* `root` stands before the path of a call that is not `outside`; "" for the machine itself. */
void hp_file_call(struct hp_arena *a, const char *root, const struct hp_call *call, struct hp_reply *ret);

#endif
