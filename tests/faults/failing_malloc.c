#include "failing_malloc.h"

#include <stdlib.h>

/* glibc's own, which the functions below stand before. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static unsigned long countdown; /* 0: nothing fails */
static bool hit;

static bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	hit = true;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void malloc_fails_at(unsigned long nth)
{
	countdown = nth;
	hit = false;
}

bool malloc_has_failed(void)
{
	return hit;
}
