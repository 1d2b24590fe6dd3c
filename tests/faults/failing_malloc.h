/* malloc, calloc and realloc of the whole program, libraries too, one call of which fails. glibc only, and not with
 * sanitizers, which bring a malloc of their own. */
#ifndef HP_TESTS_FAILING_MALLOC_H
#define HP_TESTS_FAILING_MALLOC_H

#include <stdbool.h>

void malloc_fails_at(unsigned long nth); /* 1: the next call; 0: none */
bool malloc_has_failed(void);		 /* since malloc_fails_at */

#endif
