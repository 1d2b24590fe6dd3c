/* What a record is, said a second time and in another way than the program does it: where in a reply the lines stand
 * that a finding rests on. Each dialect has its own rule:
 *
 *     keyvalue      all lines of the same structure[N]; a single structure: all lines
 *     block         from the header to the next header; a single one: all lines
 *     table         the line
 *     json          all of it
 *     mlxconfig     from the line "Configurations:" through the row's
 *     mst           the line
 *     lspci         from the device's line to the next one's
 *     passthru.map  all of it
 */
#ifndef TESTS_FAULTS_ORACLE_H
#define TESTS_FAULTS_ORACLE_H

#include "../../agent/base/str.h"

struct span {
	size_t from, to; /* bytes; to is one past the last */
};

/* The record of the reply `bytes` to the call `key` (as captures name it) that has the byte `at`. */
struct span oracle_record(const char *key, struct hp_str bytes, size_t at);
/* The record of `hardware pci list` whose address is `sbdf`; false when there is none. */
bool oracle_pci_device(const char *key, struct hp_str bytes, const char *sbdf, struct span *ret);
/* The reply of a case is itself one that was cut: it has no newline at its end, or its last record has fewer lines than
 * the one before it. */
bool oracle_was_cut(struct hp_str bytes);

#endif
