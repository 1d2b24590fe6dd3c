/* The documents of one file, one after another. Files of many engines are understood:
 *
 *     one report, as `hostprep check --format json` prints it                         ssh >NAME.json, clush --outdir
 *     reports one after another, in a line each or not; an array of them              NDJSON, jq -s
 *     lines that begin with the host's name ("esx01: {", or a tab), of many hosts     pdsh, parallel --tag
 *
 * A report that is cut ends where the next one begins ("{" at the beginning of a line, with "schema" next). */
#ifndef HP_FLEET_DOCUMENTS_H
#define HP_FLEET_DOCUMENTS_H

#include "fleet_read.h"

struct hp_documents;

struct hp_document {
	struct hp_str bytes; /* stay until the next one is asked for */
	const char *name;    /* of the lines' beginnings; NULL: there are none */
	const char *bad;     /* it is no document, for this reason; NULL: it may be one */
	bool only;	     /* there is no other in the file */
	bool cut;	     /* another one begins where this one should go on */
	size_t line;	     /* where it begins, from 1 */
};

int hp_documents_open(struct hp_arena *a, const char *path, struct hp_documents **ret, struct hp_err *err);
/* It begins as a document of that schema does: {"schema": "hostprep.fleet". */
bool hp_documents_are(struct hp_documents *d, const char *schema);
/* Its first byte that is no blank, unpacked, is { or [; or it cannot be read. */
bool hp_documents_begin(struct hp_documents *d);
/* An empty file has one document, which is empty. False: there are no more. */
bool hp_documents_next(struct hp_documents *d, struct hp_document *ret);
/* Goes with its file; nothing of it is used afterwards. */
void hp_documents_close(struct hp_documents *d);

#endif
