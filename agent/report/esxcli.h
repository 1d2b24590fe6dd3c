/* What a plug-in of hostd prints: one XML document on standard output (esxcli's extension files,
 * usr/lib/vmware/esxcli/ext of a VIB). Two forms, both made from a command's JSON document, so that the last report of
 * an older or newer version is shown too: what a document does not have is an empty string. Pure.
 *
 * String. The document in one <string>, which govc prints as it is. < > & stand in JSON only inside of its strings, and
 * are written as \u003c \u003e \u0026 there; all that is not ASCII, and controls, are \uXXXX anyway. So the text needs
 * neither CDATA nor references: no value can end the element, and it stays the same however often a reader on the way
 * (hostd, vpxd, a script) escapes it or forgets to.
 *
 * Structures. Every field is a string, as in vSAN's plug-in; absent is the empty string. Values are escaped
 * (base/xml.h).
 */
#ifndef HP_REPORT_ESXCLI_H
#define HP_REPORT_ESXCLI_H

#include "../base/str.h"

struct json_t; /* jansson.h */

#define HP_ESXCLI_BEGIN                                                                                                \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                                                                 \
	"<output xmlns=\"http://www.vmware.com/Products/ESX/5.0/esxcli/\">\n"
#define HP_ESXCLI_END "</output>\n"

/* Any document as a string. */
struct hp_str hp_esxcli_string(struct hp_arena *a, const struct json_t *document);
/* Of hostprep.host: a list of structures "Finding", errors first; never empty. */
struct hp_str hp_esxcli_findings(struct hp_arena *a, const struct json_t *document);
/* Of hostprep.host: one structure "Reboot". */
struct hp_str hp_esxcli_reboot(struct hp_arena *a, const struct json_t *document);
/* Of hostprep.version, or of the hostprep.host with the error that kept the command from it: one structure "Version".
 */
struct hp_str hp_esxcli_version(struct hp_arena *a, const struct json_t *document);

#endif
