/* DER (ITU-T X.690), read strictly: one way to write each value, so that what was read stands for its bytes. */
#ifndef HP_VIB_DER_H
#define HP_VIB_DER_H

#include <stdint.h>

#include "../agent/base/str.h"

#define HP_DER_DEPTH 24 /* values within values */

enum {
	HP_DER_INTEGER = 0x02,
	HP_DER_BITS = 0x03,
	HP_DER_BYTES = 0x04,
	HP_DER_OID = 0x06,
	HP_DER_UTC_TIME = 0x17,
	HP_DER_TIME = 0x18, /* GeneralizedTime */
	HP_DER_SEQUENCE = 0x30,
	HP_DER_SET = 0x31,
	HP_DER_CONTEXT_0 = 0xa0, /* constructed */
	HP_DER_CONTEXT_1 = 0xa1,
};

struct hp_der {
	unsigned char tag;   /* the identifier byte */
	struct hp_str whole; /* identifier, length, contents */
	struct hp_str body;  /* the contents */
};

/* Takes the next value off *rest. False, and *rest as it was: nothing is left, it is cut, its length is indefinite or
 * not the shortest form, its identifier has more than one byte, or a basic type is constructed where DER wants it
 * primitive (or the other way round). */
bool hp_der_next(struct hp_str *rest, struct hp_der *ret);
/* The same; false as well when it has another tag. */
bool hp_der_take(struct hp_str *rest, unsigned char tag, struct hp_der *ret);
/* Every value in these bytes, down to the last, can be read so, and no byte is left. What a primitive value holds (such
 * as the octets of an extension) is not looked into. */
bool hp_der_sound(struct hp_str bytes);
/* Seconds since 1970 of a UTCTime (1950 to 2049) or GeneralizedTime, as DER has them: whole seconds, ending in Z. */
bool hp_der_time(const struct hp_der *time, int64_t *ret_s);

#endif
