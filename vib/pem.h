/* PEM as OpenSSL writes it (RFC 7468 strictly), and nothing else: for bytes that each must count. */
#ifndef HP_VIB_PEM_H
#define HP_VIB_PEM_H

#include "../agent/base/err.h"
#include "../agent/base/str.h"

/* Takes a block off *rest, up to the last dash of its END line. Nothing before BEGIN, no headers, 64 characters a line
 * (the last may be shorter), newlines without CR, padding where it belongs, unused bits zero, at least one byte: the
 * bytes that come out have no other text. */
int hp_pem_next(struct hp_arena *a, struct hp_str *rest, const char *label, struct hp_str *ret, struct hp_err *err);
/* That text; no newline at its end. bytes: at least one. */
struct hp_str hp_pem_text(struct hp_arena *a, struct hp_str bytes, const char *label);

#endif
