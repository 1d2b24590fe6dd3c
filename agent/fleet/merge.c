#include "merge.h"

#include <openssl/evp.h>
#include <string.h>

#include "../base/when.h"
#include "json_pull.h"
#include "merge_rows.h"
#include "odd.h"
#include "report_read.h"

#define SCRATCH ((size_t)512 << 20) /* bytes: a report of 16 MiB, read */
#define CLOCK_SLACK_S 600	    /* clocks of hosts may differ by so much and nobody is told */

void hp_merge_tell(struct hp_merge *m, const char *where, const char *text)
{
	m->errors = hp_room(m->arena, m->errors, m->error_count, sizeof *m->errors);
	m->errors[m->error_count++] =
	    (struct hp_merge_error){hp_copy(m->arena, hp_str(where)), hp_copy(m->arena, hp_str(text))};
}

static const char *kept(struct hp_merge *m, const char *text)
{
	return text ? hp_copy(m->arena, hp_str(text)) : NULL;
}

/* What stderr said, as much as a row takes, without what would act on a terminal. */
static struct hp_transport kept_transport(struct hp_merge *m, const struct hp_transport *t)
{
	struct hp_transport copy = *t;
	const char **groups = hp_alloc_array(m->arena, t->group_count + 1, sizeof *groups);
	copy.reason = t->reason ? hp_clean_text(m->arena, hp_str(t->reason), HP_ROW_STDERR_MAX, NULL) : NULL;
	copy.error_text = hp_clean_text(m->arena, hp_str(t->error_text ? t->error_text : ""), HP_ROW_STDERR_MAX, NULL);
	for (size_t i = 0; i < t->group_count; i++)
		groups[i] = kept(m, t->groups[i]);
	copy.groups = groups;
	return copy;
}

static struct hp_merge_row *new_row(struct hp_merge *m, const char *name, const char *where,
				    const struct hp_transport *transport)
{
	static const struct hp_transport none = {.rc = -1, .duration_ms = -1};
	m->rows = hp_room(m->arena, m->rows, m->count, sizeof *m->rows);
	struct hp_merge_row *row = &m->rows[m->count];
	const char *expected = m->expected ? hp_hosts_like(m->expected, name) : NULL; /* pdsh prints short names */
	*row = (struct hp_merge_row){.order = m->count++, .finished_s = INT64_MIN, .exit_code = HP_EXIT_UNKNOWN};
	row->name = kept(m, expected ? expected : name);
	row->where = kept(m, where);
	row->transport = kept_transport(m, transport ? transport : &none);
	return row;
}

void hp_merge_add_lost(struct hp_merge *m, const char *name, const char *where, const struct hp_transport *transport)
{
	struct hp_merge_row *row = new_row(m, name, where, transport);
	row->state = transport->state == HP_ROW_OK || transport->state == HP_ROW_DUPLICATE ? HP_ROW_BAD_OUTPUT
											   : transport->state;
	row->reason = row->transport.reason ? row->transport.reason : "nothing came of it, and nothing says why";
}

/* One of the expected hosts, and not the one that this name is of. */
static const char *other_host(const struct hp_merge *m, const char *name, const char *told)
{
	if (!m->expected || !told || hp_same_host(name, told) ||
	    hp_index_find(&m->expected->names, hp_str(name)) == HP_NO_INDEX)
		return NULL;
	return hp_hosts_like(m->expected, told);
}

static int judge(struct hp_merge *m, struct hp_merge_row *row, struct hp_arena *scratch, struct hp_str bytes,
		 struct hp_report *ret, struct hp_err *err)
{
	if (hp_report_read(scratch, bytes, ret, err) < 0)
		return -1;
	const char *other = other_host(m, row->name, ret->host.name);
	if (other)
		return hp_fail(err, "it is the report of another host, %.80s", other);
	if (m->checks_only && ret->command && (strcmp(ret->command, "fix") == 0 || strcmp(ret->command, "undo") == 0))
		return hp_fail(err, "it is the report of `hostprep %s`, and this was a scan", ret->command);
	if (m->policy_sha256 && (!ret->policy.sha256 || strcmp(ret->policy.sha256, m->policy_sha256) != 0) &&
	    strcmp(ret->verdict, "error") != 0)
		return hp_fail(err, "it was judged by another policy: %.80s (%.20s)",
			       ret->policy.name ? ret->policy.name : "none",
			       ret->policy.source ? ret->policy.source : "no source");
	return 0;
}

static int keep_report(struct hp_merge *m, struct hp_merge_row *row, struct hp_arena *scratch, struct hp_str bytes,
		       const struct hp_report *r, struct hp_err *err)
{
	struct hp_str compact = hp_json_compact(scratch, bytes);
	struct hp_row as_row = {.state = HP_ROW_OK, .report = r, .rc = row->transport.rc};
	char room[HP_UUID_ROOM];
	row->state = HP_ROW_OK;
	row->reason = row->transport.reason;
	row->uuid = hp_uuid_usable(r->host.uuid) ? hp_copy(m->arena, hp_uuid_plain(r->host.uuid, room)) : NULL;
	row->started = kept(m, r->started);
	row->finished = kept(m, r->finished);
	if (r->finished)
		(void)hp_when_parse(hp_str(r->finished), &row->finished_s);
	row->exit_code = hp_row_exit(&as_row);
	row->complete = r->complete;
	hp_odd_report(m->odd, row->order, r);
	row->n = compact.n;
	if (!hp_report_judged(r) && r->error_count == 0 && !row->reason)
		row->reason = "nothing was judged: its report has no finding that is more than skipped";
	if (row->transport.rc >= 0 && row->transport.rc != r->exit_code && !row->reason)
		row->reason = hp_format(m->arena, "the command's exit code was %d, the report's is %d",
					row->transport.rc, r->exit_code);
	if (r->age_s >= 0 && (row->transport.duration_ms < 0 || r->age_s > row->transport.duration_ms / 1000 + 1) &&
	    !row->reason)
		row->reason = hp_format(m->arena, "it was not made then: it is a report that was kept, %lld s old",
					(long long)r->age_s);
	if (row->finished_s != INT64_MIN && row->finished_s < m->asked_s - CLOCK_SLACK_S && !row->reason)
		row->reason = hp_format(
		    m->arena, "it was made %lld s before the host was asked, unless the host's clock is wrong",
		    (long long)(m->asked_s - row->finished_s));
	if (!r->complete && !row->reason)
		row->reason = "only a part was judged: its report is of some checks, or of a run that was ended early";
	return hp_spill_put(m->spill, compact, &row->at, err);
}

int hp_merge_add(struct hp_merge *m, const char *name, const char *where, struct hp_str bytes, const char *bad,
		 const struct hp_transport *transport, struct hp_err *err)
{
	struct hp_merge_row *row = new_row(m, name, where, transport);
	struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
	struct hp_report report;
	struct hp_err why;
	int result = 0;
	row->received = bytes.n > 0 && EVP_Digest(bytes.p, bytes.n, row->sha256, NULL, EVP_sha256(), NULL) == 1;
	if (bad) {
		(void)hp_fail(&why, "%s", bad);
		row->state = HP_ROW_BAD_OUTPUT;
	} else if (bytes.n > HP_REPORT_MAX) {
		(void)hp_fail(&why, "it is larger than 16 MiB");
		row->state = HP_ROW_BAD_OUTPUT;
	} else if (!row->received && bytes.n > 0) {
		(void)hp_fail(&why, "its digest cannot be made: out of memory");
		row->state = HP_ROW_BAD_OUTPUT;
	} else if (judge(m, row, scratch, bytes, &report, &why) < 0) {
		row->state = HP_ROW_BAD_OUTPUT;
	} else {
		result = keep_report(m, row, scratch, bytes, &report, err);
	}
	if (row->state == HP_ROW_BAD_OUTPUT)
		row->reason = hp_clean_text(m->arena, hp_str(why.text), sizeof why.text, NULL);
	hp_scratch_end(scratch);
	return result;
}

const char *hp_merge_host_name(struct hp_arena *a, struct hp_str bytes)
{
	struct hp_pull j = hp_pull(a, bytes);
	struct hp_str key;
	const char *name = NULL;
	if (!hp_pull_open(&j, '{'))
		return NULL;
	while (hp_pull_member(&j, &key)) {
		if (!hp_str_eq(key, "host")) {
			(void)hp_pull_skip(&j);
			continue;
		}
		if (!hp_pull_open(&j, '{'))
			break;
		while (!name && hp_pull_member(&j, &key)) {
			if (hp_str_eq(key, "name"))
				(void)hp_pull_text(&j, &name);
			else
				(void)hp_pull_skip(&j);
		}
		break;
	}
	return name && hp_host_name(hp_str(name)) ? name : NULL;
}
