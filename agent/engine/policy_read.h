/* What the readers of a policy's parts share: values of the right kind, and where one is that is not. */
#ifndef HP_ENGINE_POLICY_READ_H
#define HP_ENGINE_POLICY_READ_H

#include "../base/yaml.h"
#include "policy.h"

struct hp_place {
	struct hp_arena *arena;
	const char *source; /* the policy's name, for messages */
	struct hp_err *err;
};

/* "SOURCE:LINE:COLUMN: ..."; returns -1. */
int hp_place_refuse(const struct hp_place *at, const struct hp_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int hp_place_refuse_key(const struct hp_place *at, const struct hp_yaml *node, const char *where, const char *known);
int hp_place_kind(const struct hp_place *at, const struct hp_yaml *node, enum hp_yaml_kind kind);
int hp_place_bool(const struct hp_place *at, const struct hp_yaml *node, bool *ret);
int hp_place_count(const struct hp_place *at, const struct hp_yaml *node, unsigned least, unsigned most, unsigned *ret);

/* The keys `redfish` and `bios`. */
int hp_policy_redfish(const struct hp_place *at, const struct hp_yaml *map, struct hp_redfish_options *ret);
int hp_policy_bios(const struct hp_place *at, const struct hp_yaml *map, struct hp_redfish_options *ret);

#endif
