/*
 * Public configuration of jansson, included by jansson.h. Written by hand for
 * musl on x86-64 and gcc or clang.
 */
#ifndef JANSSON_CONFIG_H
#define JANSSON_CONFIG_H

#include <stdint.h>

#define JSON_INLINE inline

/* json_int_t is long long: 9007199254740993 is kept as it is. */
#define JSON_INTEGER_IS_LONG_LONG 1

#define JSON_HAVE_LOCALECONV 1
#define JSON_HAVE_ATOMIC_BUILTINS 1
#define JSON_HAVE_SYNC_BUILTINS 1

/* Real documents nest about ten deep; the parser recurses once per level. */
#define JSON_PARSER_MAX_DEPTH 64

#endif
