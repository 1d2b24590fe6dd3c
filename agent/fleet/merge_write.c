#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "drift.h"
#include "merge_rows.h"
#include "odd.h"
#include "report_read.h"
#include "version.h"

#define SCRATCH ((size_t)512 << 20) /* bytes: a report of 16 MiB, read */

/* What is said of all rows before the first is written. */
struct head {
	unsigned counts[HP_ROW_STATES];
	size_t expected;
	int exit_code;
	const char *started, *finished, *scan_id;
};

static void hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = 0;
}

static bool digest(const struct hp_merge *m, EVP_MD_CTX *c, unsigned char sum[32])
{
	bool good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; i < m->count && good; i++) {
		const struct hp_merge_row *row = &m->rows[i];
		unsigned char state = (unsigned char)row->state;
		good = EVP_DigestUpdate(c, row->name, strlen(row->name) + 1) == 1 &&
		       EVP_DigestUpdate(c, &state, 1) == 1 && EVP_DigestUpdate(c, row->sha256, sizeof row->sha256) == 1;
	}
	return good && EVP_DigestFinal_ex(c, sum, NULL) == 1;
}

/* A UUID (version 8, RFC 9562) out of what was merged. */
static int make_id(struct hp_merge *m, const char **ret, struct hp_err *err)
{
	unsigned char sum[32];
	char text[65];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = digest(m, c, sum);
	EVP_MD_CTX_free(c);
	if (!good)
		return hp_fail(err, "no digest can be made of the rows: out of memory");
	sum[6] = (unsigned char)(0x80 | (sum[6] & 0x0f));
	sum[8] = (unsigned char)(0x80 | (sum[8] & 0x3f));
	hex(sum, 16, text);
	*ret = hp_format(m->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12, text + 16, text + 20);
	return 0;
}

static struct head head_of(struct hp_merge *m)
{
	struct head h = {.exit_code = HP_EXIT_OK, .started = m->started, .finished = m->finished};
	size_t rows = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct hp_merge_row *row = &m->rows[i];
		if (row->dropped)
			continue;
		rows++;
		h.counts[row->state]++;
		h.expected += row->expected;
		h.exit_code = hp_worse_exit(h.exit_code, row->exit_code);
		if (!m->command && row->state == HP_ROW_OK) {
			if (row->started && (!h.started || strcmp(row->started, h.started) < 0))
				h.started = row->started;
			if (row->finished && (!h.finished || strcmp(row->finished, h.finished) > 0))
				h.finished = row->finished;
		}
	}
	if (rows == 0) /* no evidence, no pass */
		h.exit_code = HP_EXIT_UNKNOWN;
	h.scan_id = m->scan_id;
	return h;
}

static void put_head(const struct hp_merge *m, struct hp_out *o, const struct head *h)
{
	hp_out_puts(o, "{\"schema\":\"" HP_FLEET_SCHEMA "\",\"schema_version\":\"" HP_FLEET_SCHEMA_VERSION
		       "\",\"scan_id\":");
	hp_out_json(o, h->scan_id);
	hp_out_puts(o, ",\"command\":");
	hp_out_json(o, m->command ? m->command : "merge");
	hp_out_puts(o, ",\"started\":");
	hp_out_json(o, h->started);
	hp_out_puts(o, ",\"finished\":");
	hp_out_json(o, h->finished);
	hp_out_puts(o, ",\"engine\":");
	if (m->engine.n)
		hp_out_put(o, m->engine);
	else
		hp_out_puts(o, "{\"name\":\"hostprep-report\",\"version\":\"" HP_VERSION
			       "\",\"transport\":null,\"fanout\":null,\"timeout_s\":null}");
	hp_out_putf(o, ",\"expected\":%zu,\"counts\":{", h->expected);
	for (size_t i = 0; i < HP_ROW_STATES; i++)
		hp_out_putf(o, "%s\"%s\":%u", i ? "," : "", hp_row_state_word((enum hp_row_state)i), h->counts[i]);
	hp_out_puts(o, "},\"verdict\":");
	hp_out_json(o, hp_fleet_verdict(h->exit_code));
	hp_out_putf(o, ",\"exit_code\":%d,\"hosts\":[\n", h->exit_code);
}

static void put_number(struct hp_out *o, const char *name, int64_t n)
{
	if (n < 0)
		hp_out_putf(o, ",\"%s\":null", name);
	else
		hp_out_putf(o, ",\"%s\":%lld", name, (long long)n);
}

static void put_row(struct hp_out *o, const struct hp_row *row)
{
	hp_out_puts(o, "{\"name\":");
	hp_out_json(o, row->name);
	hp_out_putf(o, ",\"state\":\"%s\",\"reason\":", hp_row_state_word(row->state));
	hp_out_json(o, row->reason);
	put_number(o, "rc", row->rc);
	hp_out_puts(o, ",\"stderr\":");
	hp_out_json(o, row->error_text);
	put_number(o, "duration_ms", row->duration_ms);
	hp_out_putf(o, ",\"attempts\":%u,\"groups\":[", row->attempts);
	for (size_t i = 0; i < row->group_count; i++) {
		hp_out_puts(o, i ? "," : "");
		hp_out_json(o, row->groups[i]);
	}
	hp_out_putf(o, "],\"expected\":%s,\"sha256\":", row->expected ? "true" : "false");
	hp_out_json(o, row->sha256);
	hp_out_puts(o, ",\"report\":");
	if (row->document.n)
		hp_out_put(o, row->document);
	else
		hp_out_puts(o, "null");
	hp_out_puts(o, "}");
}

/* The row as readers of the document will see it; with its report only where that is to be read again. */
static int make_row(struct hp_merge *m, const struct hp_merge_row *from, struct hp_arena *a, bool read,
		    struct hp_row *ret, struct hp_err *err)
{
	struct hp_report *report = hp_alloc(a, sizeof *report);
	char *sum = hp_alloc(a, 65);
	hex(from->sha256, 32, sum);
	*ret = (struct hp_row){.name = from->name,
			       .state = from->state,
			       .reason = from->reason,
			       .rc = from->transport.rc,
			       .error_text = from->transport.error_text,
			       .duration_ms = from->transport.duration_ms,
			       .attempts = from->transport.attempts,
			       .groups = from->transport.groups,
			       .group_count = from->transport.group_count,
			       .expected = from->expected,
			       .sha256 = from->received ? sum : NULL};
	if (from->n == 0)
		return 0;
	if (hp_spill_get(m->spill, a, from->at, from->n, &ret->document, err) < 0)
		return -1;
	if (!read)
		return 0;
	ret->report = report;
	return hp_report_read(a, ret->document, report, err);
}

static int put_rows(struct hp_merge *m, struct hp_out *o, struct hp_drift *drift, struct hp_err *err)
{
	const char *between = "";
	for (size_t i = 0; drift && i < m->count; i++)
		if (!m->rows[i].dropped)
			hp_drift_expect(drift, m->rows[i].name, m->rows[i].state == HP_ROW_OK ? m->rows[i].uuid : NULL);
	for (size_t i = 0; i < m->count; i++) {
		struct hp_row row;
		if (m->rows[i].dropped)
			continue;
		struct hp_arena *scratch = hp_scratch_begin(m->arena, SCRATCH);
		if (make_row(m, &m->rows[i], scratch, drift != NULL, &row, err) < 0)
			return -1;
		hp_out_puts(o, between);
		put_row(o, &row);
		between = ",\n";
		if (row.state == HP_ROW_OK)
			hp_odd_row(m->odd, m->rows[i].order, row.name, row.groups, row.group_count);
		if (drift)
			hp_drift_row(drift, &row);
		hp_scratch_end(scratch);
	}
	hp_out_puts(o, *between ? "\n]" : "]");
	return 0;
}

int hp_merge_write(struct hp_merge *m, struct hp_out *out, const char *baseline, int *ret_exit, struct hp_err *err)
{
	struct hp_drift *drift = NULL;
	if (baseline && hp_drift_begin(m->arena, baseline, &drift, err) < 0)
		return -1;
	struct head h = head_of(m);
	if (!h.scan_id && make_id(m, &h.scan_id, err) < 0)
		return -1;
	put_head(m, out, &h);
	if (put_rows(m, out, drift, err) < 0)
		return -1;
	hp_out_puts(out, ",\"drift\":");
	if (drift)
		hp_drift_put(drift, out);
	else
		hp_out_puts(out, "null");
	hp_out_puts(out, ",\"odd\":");
	hp_odd_put(m->odd, out);
	hp_out_puts(out, ",\"errors\":[");
	for (size_t i = 0; i < m->error_count; i++) {
		hp_out_puts(out, i ? ",{\"where\":" : "{\"where\":");
		hp_out_json(out, hp_clean_text(m->arena, hp_str(m->errors[i].where), 1024, NULL));
		hp_out_puts(out, ",\"text\":");
		hp_out_json(out, hp_clean_text(m->arena, hp_str(m->errors[i].text), 1024, NULL));
		hp_out_puts(out, "}");
	}
	hp_out_puts(out, "]}\n");
	*ret_exit = h.exit_code;
	return 0;
}
