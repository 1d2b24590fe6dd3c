/* What must not be seen, taken out of a text. Takes no memory of the arena. */
#ifndef HP_IO_REDACT_H
#define HP_IO_REDACT_H

#include "bytes.h"

/* Adds `text` to *ret with "***" in place of each of these secrets (empty ones are none), the longest first where
 * several begin. A secret is found as it is, and with any of its characters written as JSON (\" \/ \u0022, in \u of
 * UTF-16) or in percent (%22). False when there is no memory: *ret is not to be used then. */
bool hp_redact(const struct hp_str *secrets, size_t count, struct hp_str text, struct hp_bytes *ret);

#endif
