#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/gates.h"
#include "../io/clock.h"
#include "../io/file.h"
#include "../io/host.h"
#include "bmc_memory.h"
#include "document.h"
#include "run_dir.h"
#include "state_dir.h"
#include "version.h"

void hp_complain(const char *text)
{
	(void)hp_fd_write(2, hp_str("hostprep: "));
	(void)hp_fd_write(2, hp_str(text));
	(void)hp_fd_write(2, hp_str("\n"));
}

bool hp_print(struct hp_str bytes)
{
	if (hp_fd_write(1, bytes))
		return true;
	hp_complain("cannot write to standard output");
	return false;
}

bool hp_use_color(const struct hp_options *o)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	if (o->color != HP_COLOR_AUTO)
		return o->color == HP_COLOR_ALWAYS;
	if ((no_color && *no_color) || (term && strcmp(term, "dumb") == 0))
		return false;
	return hp_is_terminal(1);
}

static void fail(struct hp_session *s, int code, const char *where, const char *text)
{
	s->failed = code;
	hp_report_error(s->arena, &s->report, where, text);
}

/* ---- policy ---- */

static int load_policy(struct hp_arena *a, const char *path, const char *shown, bool named, struct hp_policy *policy,
		       struct hp_err *err)
{
	struct hp_str bytes;
	/* What the admin names may be a pipe; what is found must be a file. */
	int code = named ? hp_input_read(a, path, HP_POLICY_LIMIT, &bytes)
			 : hp_file_read(a, path, HP_POLICY_LIMIT, &bytes, NULL);
	if (code == EFBIG)
		return hp_fail(err, "%s: is larger than %zu KiB: no policy is", shown, HP_POLICY_LIMIT >> 10);
	if (code)
		return hp_fail(err, "%s: cannot read this policy: %s", shown, strerror(code));
	return hp_policy_overlay(a, bytes, shown, policy, err);
}

int hp_session_policy(struct hp_arena *a, const struct hp_options *o, const struct hp_capture *capture,
		      struct hp_policy *ret, struct hp_err *err)
{
	static const char *const places[] = {"/scratch/hostprep/policy.yaml", "/opt/hostprep/etc/policy.yaml"};
	const char *root = o->root ? o->root : "";
	if (hp_policy_builtin(a, ret, err) < 0)
		return -1;
	if (o->policy)
		return load_policy(a, o->policy, strcmp(o->policy, "-") ? o->policy : "stdin", true, ret, err);
	if (capture && capture->policy.p)
		return hp_policy_overlay(a, capture->policy, "capture", ret, err);
	for (size_t i = 0; i < 2 && !o->replay; i++) {
		const char *path = hp_format(a, "%s%s", root, places[i]);
		if (hp_file_exists(path))
			return load_policy(a, path, places[i], false, ret, err);
	}
	return 0;
}

/* ---- gathering ---- */

static bool is_some_host(struct hp_session *s)
{
	if (s->options->root || s->options->replay)
		return true;
	if (!hp_host_is_esx()) {
		fail(s, HP_EXIT_NO_VERDICT, "host",
		     "this is no ESX host (its kernel is not VMkernel). Run hostprep on the host, or give --root or "
		     "--replay.");
		return false;
	}
	if (!hp_host_is_root()) {
		fail(s, HP_EXIT_NOT_ROOT, "host", "hostprep must run as root on an ESX host.");
		return false;
	}
	return true;
}

unsigned hp_session_left_ms(const struct hp_session *s)
{
	unsigned run_s = s->options->deadline_s ? s->options->deadline_s : s->policy.run_s;
	uint64_t spent_ms = hp_now_ms() - s->began_ms, all_ms = (uint64_t)run_s * 1000;
	return all_ms > spent_ms ? (unsigned)(all_ms - spent_ms) : 0;
}

struct hp_door *hp_session_door(struct hp_session *s, struct hp_progress_line *line)
{
	const struct hp_options *o = s->options;
	struct hp_door *door = NULL;
	struct hp_err err;
	unsigned call_s = o->timeout_s ? o->timeout_s : s->policy.call_s;
	unsigned left_ms = hp_session_left_ms(s);
	if (left_ms < s->least_ms)
		left_ms = s->least_ms;
	struct hp_host_options host = {.root = o->root,
				       .jobs = o->jobs,
				       .timeout_ms = call_s * 1000,
				       .deadline_ms = left_ms,
				       .progress = hp_progress_draw,
				       .ended = hp_progress_call,
				       .context = line};
	if (o->replay)
		return hp_replay_door(s->arena, &s->capture);
	if (hp_host_door(s->arena, &host, &door, &err) == 0)
		return door;
	fail(s, HP_EXIT_NO_VERDICT, "host", hp_format(s->arena, "%s", err.text));
	return NULL;
}

static void fill_host(struct hp_session *s)
{
	const struct hp_facts *f = &s->gathered.facts;
	struct hp_report *r = &s->report;
	const char *uptime = hp_fact_text(f, HP_HOST, "uptime-us"), *quick = hp_fact_text(f, HP_HOST, "quick-boot");
	uint64_t us;
	r->host.name = hp_fact_text(f, HP_HOST, "hostname");
	r->host.uuid = hp_fact_text(f, HP_HOST, "uuid");
	r->host.vendor = hp_fact_text(f, HP_HOST, "vendor");
	r->host.model = hp_fact_text(f, HP_HOST, "model");
	r->host.serial = hp_fact_text(f, HP_HOST, "serial");
	r->host.product = hp_fact_text(f, HP_HOST, "esx.product");
	r->host.version = hp_fact_text(f, HP_HOST, "esx.version");
	r->host.build = hp_fact_text(f, HP_HOST, "esx.build");
	r->host.uptime_s = uptime && hp_number(hp_str(uptime), 10, INT64_MAX, &us) ? (int64_t)(us / 1000000) : -1;
	r->host.quick_boot = !quick ? HP_CANNOT_TELL : strcmp(quick, "1") == 0 ? HP_NEEDED : HP_NOT_NEEDED;
	r->host.boot_id = hp_fact_text(f, HP_HOST, "boot-token");
}

void hp_session_record(struct hp_session *s)
{
	struct hp_err err;
	s->recorded.made = hp_format(s->arena, "%s hostprep %s", s->report.started, HP_VERSION);
	if (strcmp(s->policy.source, "built-in") != 0)
		s->recorded.policy = s->policy.bytes;
	if (s->options->record && hp_capture_save(s->arena, &s->recorded, s->options->record, &err) < 0)
		fail(s, HP_EXIT_NO_VERDICT, "--record", hp_format(s->arena, "%s", err.text));
}

static void begin_report(struct hp_session *s)
{
	const struct hp_options *o = s->options;
	struct hp_report *r = &s->report;
	int64_t wall = hp_wall_ms();
	s->began_ms = hp_now_ms();
	r->command = o->command->name;
	r->scan_id = hp_uuid(s->arena);
	r->tool.name = "hostprep";
	r->tool.version = HP_VERSION;
	r->tool.commit = *HP_COMMIT ? HP_COMMIT : NULL;
	r->started = r->finished = hp_rfc3339(s->arena, wall);
	r->host.uptime_s = -1;
	r->host.quick_boot = HP_CANNOT_TELL;
	r->selection.only = o->only;
	r->selection.skip = o->skip;
	r->selection.tag = o->tag;
	r->fail_on = o->fail_on;
}

static int prepare(struct hp_session *s)
{
	struct hp_arena *a = s->arena;
	const struct hp_options *o = s->options;
	struct hp_err err;
	s->selection = (struct hp_selection){.only = o->only, .skip = o->skip, .tag = o->tag};
	if (hp_select(a, &s->selection, &err) < 0) {
		hp_complain(err.text);
		s->failed = HP_EXIT_USAGE;
		return -1;
	}
	if (o->root && !hp_host_root_is_there(o->root)) {
		hp_complain(hp_format(a, "--root %s: no such directory", hp_clean_text(a, hp_str(o->root), 512, NULL)));
		s->failed = HP_EXIT_USAGE;
		return -1;
	}
	if (!is_some_host(s))
		return -1;
	if (o->replay && hp_capture_load(a, o->replay, &s->capture, &err) < 0) {
		fail(s, HP_EXIT_NO_VERDICT, "--replay", hp_format(a, "%s", err.text));
		return -1;
	}
	if (hp_session_policy(a, o, &s->capture, &s->policy, &err) < 0) {
		fail(s, HP_EXIT_POLICY, "policy", hp_format(a, "%s", err.text));
		return -1;
	}
	s->report.policy.name = s->policy.name;
	s->report.policy.source = s->policy.source;
	s->report.policy.sha256 = s->policy.sha256;
	return 0;
}

int hp_session_begin(struct hp_arena *a, const struct hp_options *o, struct hp_session *s)
{
	memset(s, 0, sizeof *s);
	s->arena = a;
	s->options = o;
	begin_report(s);
	if (prepare(s) < 0)
		return -1;
	s->policy.ask.localcli = o->localcli;
	s->policy.ask.redfish.set_bios = o->bios;
	hp_bmc_memory_load(s);
	if (o->state_dir)
		s->policy.ask.ledger = hp_format(a, "%s/" HP_LEDGER_FILE, hp_state_dir(a, o));
	if (!o->replay)
		(void)hp_boot_token(a, o->root); /* makes it, if this boot has none */
	return 0;
}

void hp_session_read(struct hp_session *s, struct hp_door *door)
{
	struct hp_capture *recorded = &s->recorded;
	memset(&s->gathered, 0, sizeof s->gathered);
	/* Recorded always: it costs little and --record then has nothing to ask again. */
	if (!recorded->count)
		door = hp_recording_door(s->arena, door, recorded);
	hp_gather(s->arena, door, s->selection.chosen, &s->policy.ask, &s->gathered);
	if (s->gathered.no_tools && !s->options->root && !s->options->replay)
		fail(s, HP_EXIT_NO_VERDICT, "host",
		     s->options->localcli ? "this is no ESX host: /bin/localcli is not there."
					  : "this is no ESX host: neither /bin/esxcli nor /bin/localcli is there.");
	fill_host(s);
	hp_bmc_memory_save(s);
	hp_ledger_of(s->arena, &s->gathered.facts, &s->ledger);
	s->boot = hp_boot_of(&s->gathered.facts, s->options->replay ? 0 : hp_wall_ms());
}

void hp_session_gather(struct hp_arena *a, const struct hp_options *o, struct hp_session *s)
{
	struct hp_progress_line line;
	if (hp_session_begin(a, o, s) < 0)
		return;
	hp_progress_begin(&line, a, o);
	struct hp_door *door = hp_session_door(s, &line);
	if (!door)
		return;
	hp_session_read(s, door);
	hp_progress_end(&line);
	hp_host_release_signals();
	if (s->failed)
		return;
	hp_session_record(s);
	if (hp_host_interrupted())
		fail(s, HP_EXIT_NO_VERDICT, "run", hp_format(a, "interrupted by signal %d", hp_host_interrupted()));
}

/* ---- ending ---- */

void hp_session_judge(struct hp_session *s)
{
	bool repeat = hp_overridden(s->options->overrides, "repeat");
	if (s->gathered.facts.arena && s->policy.want) {
		hp_judge_all(s->arena, &s->gathered.facts, &s->policy, &s->selection, &s->findings);
		hp_after_boot(s->arena, &s->ledger, &s->boot, repeat, &s->findings);
	}
	s->report.findings = s->findings.items;
	s->report.finding_count = s->findings.count;
	s->report.complete = s->gathered.facts.arena && s->selection.all && !s->gathered.cancelled;
}

void hp_session_conclude(struct hp_session *s)
{
	struct hp_report *r = &s->report;
	r->finished = hp_rfc3339(s->arena, hp_wall_ms());
	r->duration_ms = hp_now_ms() - s->began_ms;
	hp_report_conclude(s->arena, r);
	if (s->failed)
		r->exit_code = s->failed;
	else if (!s->options->replay)
		r->reboot.since = hp_marker_keep(s->arena, s->options->root, r);
}

static struct hp_str in_format(struct hp_session *s, enum hp_format format, bool color, bool quiet)
{
	struct hp_text_style style = {.color = color, .quiet = quiet, .verbose = s->options->verbose};
	if (format != HP_FORMAT_TEXT)
		return hp_document_text(s->arena, s->options->command, format,
					hp_report_document(s->arena, &s->report));
	if (s->options->command->bit == HP_FOR_REBOOT_STATUS)
		return hp_report_reboot_text(s->arena, &s->report);
	return hp_report_text(s->arena, &s->report, &style);
}

void hp_session_outputs(struct hp_session *s)
{
	const struct hp_options *o = s->options;
	for (size_t i = 0; i < o->output_count && !s->outputs_done; i++) {
		struct hp_err err;
		if (hp_file_write(s->arena, o->outputs[i].path, in_format(s, o->outputs[i].format, false, false),
				  &err) == 0)
			continue;
		fail(s, HP_EXIT_NO_VERDICT, "--output", hp_format(s->arena, "%s", err.text));
		s->report.verdict = "error";
		s->report.exit_code = HP_EXIT_NO_VERDICT;
	}
	s->outputs_done = true;
}

int hp_session_print(struct hp_session *s)
{
	const struct hp_options *o = s->options;
	if (s->failed == HP_EXIT_USAGE)
		return HP_EXIT_USAGE;
	hp_session_outputs(s);
	/* What stopped a change stands in the text report itself. */
	for (size_t i = 0; i < s->report.error_count && !hp_format_is_for_hostd(o->format); i++)
		if (!s->report.errors[i].stop || o->format != HP_FORMAT_TEXT)
			hp_complain(s->report.errors[i].text);
	/* Errors alone have been told on stderr; as text there is nothing else to say. */
	if (!s->report.finding_count && o->format == HP_FORMAT_TEXT)
		return s->report.exit_code;
	if (!hp_print(in_format(s, o->format, hp_use_color(o), o->quiet)))
		return HP_EXIT_NO_VERDICT;
	return hp_document_exit(o->format, s->report.exit_code);
}

int hp_session_refuse(struct hp_arena *a, const struct hp_options *o, int code, const char *where, const char *text)
{
	struct hp_session *s = hp_alloc(a, sizeof *s);
	s->arena = a;
	s->options = o;
	begin_report(s);
	fail(s, code, where, text);
	hp_session_judge(s);
	hp_session_conclude(s);
	return hp_session_print(s);
}
