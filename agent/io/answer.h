/* What a BMC answers, as libcurl brings it: headers and body, each up to a limit. Takes no memory of the arena. */
#ifndef HP_IO_ANSWER_H
#define HP_IO_ANSWER_H

#include <stdint.h>

#include "bytes.h"
#include "origin.h"

#define HP_HEADERS_LIMIT ((size_t)64 << 10) /* bytes, of all header lines */
#define HP_TOKEN_LIMIT ((size_t)4096)	    /* bytes; a longer token is none */

enum hp_answer_header { HP_CONTENT_TYPE, HP_LOCATION, HP_RETRY_AFTER, HP_ALLOW, HP_TOKEN, HP_DATE, HP_ANSWER_HEADERS };

struct hp_answer {
	size_t cap;	 /* of the body, unpacked */
	unsigned status; /* 0: no status line has come */
	size_t header_bytes;
	bool headers_done; /* what comes then are trailers, which nobody reads */
	bool too_big;	   /* headers or body: the rest was refused */
	bool no_memory;
	struct hp_bytes body;
	struct hp_bytes headers[HP_ANSWER_HEADERS]; /* values of the first line of each */
};

/* For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION; `answer` is a struct hp_answer. */
size_t hp_answer_take_header(char *bytes, size_t size, size_t count, void *answer);
size_t hp_answer_take_body(char *bytes, size_t size, size_t count, void *answer);
/* Back to before the first byte; the cap stays. Wipes and frees. */
void hp_answer_clear(struct hp_answer *answer);

/* The lines for a reply's `err` (call.h). retry-after stands there in seconds: a date is compared with the answer's own
 * Date header, because the clocks of BMCs are often wrong, else with `wall_ms`. False when there is no memory. */
bool hp_answer_lines(const struct hp_answer *answer, const struct hp_origin *origin, int64_t wall_ms,
		     struct hp_bytes *ret);
/* Where the session is that this answer to a login tells of: its Location, else "@odata.id" of its body. False when
 * neither leads to the origin, or there is no memory. */
bool hp_answer_session(const struct hp_answer *answer, const struct hp_origin *origin, struct hp_bytes *ret_path);

#endif
