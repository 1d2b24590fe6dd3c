#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM ((size_t)256)

void hp_wipe(void *p, size_t n)
{
	volatile unsigned char *byte = p;
	while (n--)
		*byte++ = 0;
}

bool hp_bytes_put(struct hp_bytes *b, struct hp_str s, size_t cap)
{
	if (b->n > cap || s.n > cap - b->n)
		return false;
	if (b->room < b->n + s.n + 1) {
		size_t room = b->room ? b->room : FIRST_ROOM;
		while (room < b->n + s.n + 1)
			room *= 2; /* no overflow: cap is far below SIZE_MAX / 2 */
		char *p = malloc(room);
		if (!p)
			return false;
		if (b->n)
			memcpy(p, b->p, b->n);
		if (b->p)
			hp_wipe(b->p, b->room);
		free(b->p);
		b->p = p;
		b->room = room;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
	return true;
}

struct hp_str hp_bytes(const struct hp_bytes *b)
{
	return (struct hp_str){b->p, b->n};
}

const char *hp_bytes_text(const struct hp_bytes *b)
{
	return b->p ? b->p : "";
}

void hp_bytes_free(struct hp_bytes *b)
{
	if (b->p)
		hp_wipe(b->p, b->room);
	free(b->p);
	*b = (struct hp_bytes){0};
}
