/* hostprep report: the last report of this boot again, with its age, and its exit code. */
#include "../base/json.h"
#include "commands.h"
#include "document.h"
#include "run_dir.h"
#include "session.h"

static const char *age_text(struct hp_arena *a, int64_t age_s)
{
	if (age_s < 120)
		return hp_format(a, "%lld seconds", (long long)age_s);
	if (age_s < 7200)
		return hp_format(a, "%lld minutes", (long long)age_s / 60);
	return hp_format(a, "%lld hours", (long long)age_s / 3600);
}

int hp_cmd_report(struct hp_arena *a, const struct hp_options *o)
{
	struct hp_last_report last;
	struct hp_err err;
	if (!hp_last_report_load(a, o->root, &last)) {
		return hp_session_refuse(a, o, HP_EXIT_NO_VERDICT, "report",
					 "there is no report of this boot yet; `hostprep check` makes one, and so does "
					 "`esxcli hostprep report run`");
	}
	json_t *root = hp_json_parse(a, last.json, &err);
	const json_t *code = json_object_get(root, "exit_code");
	if (!json_is_integer(code) || !last.text.n) {
		return hp_session_refuse(a, o, HP_EXIT_NO_VERDICT, "report",
					 "the last report cannot be read; `hostprep check` makes a new one");
	}
	(void)json_object_set_new(root, "age_s", json_integer(last.age_s));
	if (o->format != HP_FORMAT_TEXT)
		return hp_document_print(a, o, root, (int)json_integer_value(code));
	struct hp_buf b = hp_buf(a);
	hp_putf(&b, "This report is %s old.\n", age_text(a, last.age_s));
	hp_put(&b, last.text);
	return hp_print(hp_built(&b)) ? (int)json_integer_value(code) : HP_EXIT_NO_VERDICT;
}
