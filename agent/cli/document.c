#include "document.h"

#include "../base/json.h"
#include "../report/esxcli.h"
#include "../report/report.h"
#include "session.h"

bool hp_format_is_for_hostd(enum hp_format format)
{
	return format == HP_FORMAT_ESXCLI || format == HP_FORMAT_ESXCLI_LIST;
}

struct hp_str hp_document_text(struct hp_arena *a, const struct hp_command *command, enum hp_format format,
			       const json_t *document)
{
	if (format == HP_FORMAT_JSON)
		return hp_json_text(a, document);
	if (format == HP_FORMAT_ESXCLI)
		return hp_esxcli_string(a, document);
	if (command->bit == HP_FOR_REBOOT_STATUS)
		return hp_esxcli_reboot(a, document);
	if (command->bit == HP_FOR_VERSION)
		return hp_esxcli_version(a, document);
	return hp_esxcli_findings(a, document);
}

int hp_document_exit(enum hp_format format, int code)
{
	return hp_format_is_for_hostd(format) ? HP_EXIT_OK : code;
}

int hp_document_print(struct hp_arena *a, const struct hp_options *o, const json_t *document, int code)
{
	if (!hp_print(hp_document_text(a, o->command, o->format, document)))
		return HP_EXIT_NO_VERDICT;
	return hp_document_exit(o->format, code);
}

/* ---- out of memory ---- */

#define NO_MEMORY_JSON                                                                                                 \
	"{\"schema\": \"hostprep.host\", \"schema_version\": \"" HP_SCHEMA_VERSION                                     \
	"\", \"scan_id\": null, \"command\": null,\n"                                                                  \
	" \"tool\": {\"name\": \"hostprep\", \"version\": null, \"commit\": null},\n"                                  \
	" \"policy\": {\"name\": null, \"source\": null, \"sha256\": null},\n"                                         \
	" \"host\": {\"name\": null, \"uuid\": null, \"vendor\": null, \"model\": null, \"serial\": null,\n"           \
	"  \"esx\": {\"product\": null, \"version\": null, \"build\": null},\n"                                        \
	"  \"boot\": {\"id\": null, \"uptime_s\": null, \"quick_boot\": null}},\n"                                     \
	" \"started\": null, \"finished\": null, \"duration_ms\": 0, \"complete\": false,\n"                           \
	" \"selection\": {\"only\": null, \"skip\": null, \"tag\": null, \"fail_on\": \"minor\"},\n"                   \
	" \"verdict\": \"error\", \"exit_code\": 1,\n"                                                                 \
	" \"reboot\": {\"required\": null, \"kind\": \"none\", \"reasons\": []},\n"                                    \
	" \"summary\": {\"pass\": 0, \"fail\": 0, \"regressing\": 0, \"pending-reboot\": 0, \"unknown\": 0,\n"         \
	"  \"not-applicable\": 0, \"skipped\": 0, \"waived\": 0},\n"                                                   \
	" \"findings\": [], \"changes\": [], \"plan\": null, \"run\": null, \"reboot_since\": null,\n"                 \
	" \"errors\": [{\"where\": \"memory\", \"text\": \"out of memory\"}]}"

#define FIELD(name, value) "<field name=\"" name "\"><string>" value "</string></field>\n"
#define STRUCTURE(type, fields) "<structure typeName=\"" type "\">\n" fields "</structure>\n"
#define EMPTY(name) FIELD(name, "")

static const char no_memory_json[] = NO_MEMORY_JSON "\n";
static const char no_memory_string[] = HP_ESXCLI_BEGIN "<string>" NO_MEMORY_JSON "</string>\n" HP_ESXCLI_END;
static const char no_memory_findings[] = HP_ESXCLI_BEGIN "<list type=\"structure\">\n" STRUCTURE(
    "Finding", FIELD("Check", "memory") FIELD("Subject", "host") FIELD("State", "unknown") EMPTY("Severity")
		   EMPTY("Now") EMPTY("Next") EMPTY("Want") FIELD("Text", "out of memory") EMPTY("Remedy")
		       FIELD("Verdict", "error") FIELD("ExitCode", "1") EMPTY("Finished")) "</list>\n" HP_ESXCLI_END;
static const char no_memory_reboot[] =
    HP_ESXCLI_BEGIN STRUCTURE("Reboot", FIELD("Required", "unknown") FIELD("Kind", "none") EMPTY("Reasons")
					    EMPTY("Since") FIELD("Verdict", "error") FIELD("ExitCode", "1")
						FIELD("Errors", "memory: out of memory")) HP_ESXCLI_END;
static const char no_memory_version[] =
    HP_ESXCLI_BEGIN STRUCTURE("Version", EMPTY("Version") EMPTY("Commit") FIELD("ReportSchema", HP_SCHEMA_VERSION)
					     EMPTY("Policy") EMPTY("PolicySha256") EMPTY("Libraries")
						 FIELD("ExitCode", "1") FIELD("Errors", "memory: out of memory"))
	HP_ESXCLI_END;

static const char *no_memory_document(const struct hp_command *command, enum hp_format format)
{
	if (format == HP_FORMAT_JSON)
		return no_memory_json;
	if (format == HP_FORMAT_ESXCLI)
		return no_memory_string;
	if (command->bit == HP_FOR_REBOOT_STATUS)
		return no_memory_reboot;
	return command->bit == HP_FOR_VERSION ? no_memory_version : no_memory_findings;
}

int hp_no_memory(int argc, char **argv)
{
	const struct hp_command *command;
	enum hp_format format;
	hp_options_glance(argc, argv, &command, &format);
	if (!hp_format_is_for_hostd(format))
		hp_complain("out of memory");
	if (!command || format == HP_FORMAT_TEXT)
		return HP_EXIT_NO_VERDICT;
	return hp_print(hp_str(no_memory_document(command, format))) ? hp_document_exit(format, HP_EXIT_NO_VERDICT)
								     : HP_EXIT_NO_VERDICT;
}
