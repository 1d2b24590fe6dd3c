#include "prometheus.h"

#include <string.h>

#include "index.h"
#include "../base/when.h"

static void put_head(struct hp_out *o, const char *name, const char *help)
{
	hp_out_putf(o, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_label(struct hp_out *o, const char *between, const char *name, const char *value)
{
	hp_out_putf(o, "%s%s=\"", between, name);
	for (const char *p = value ? value : ""; *p; p++) {
		if (*p == '\\' || *p == '"')
			hp_out_putf(o, "\\%c", *p);
		else if (*p == '\n')
			hp_out_puts(o, "\\n");
		else if ((unsigned char)*p < 0x20 || *p == 0x7f)
			hp_out_puts(o, "?");
		else
			hp_out_put(o, (struct hp_str){p, 1});
	}
	hp_out_puts(o, "\"");
}

static void put_checks(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	(void)a;
	if (row->state != HP_ROW_OK)
		return;
	for (size_t i = 0; i < HP_STATES; i++) {
		put_label(o, "hostprep_checks{", "host", row->name);
		put_label(o, ",", "state", hp_state_word((enum hp_state)i));
		hp_out_putf(o, "} %u\n", row->report->summary[i]);
	}
}

/* A check of eight HCAs is one sample for each state and severity: how many of them are so. */
static void put_status(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	if (row->state != HP_ROW_OK)
		return;
	struct hp_index keys = hp_index(a);
	size_t *counts = hp_alloc_array(a, row->report->finding_count + 1, sizeof *counts);
	const struct hp_finding **first = hp_alloc_array(a, row->report->finding_count + 1, sizeof *first);
	for (size_t i = 0; i < row->report->finding_count; i++) {
		const struct hp_finding *f = &row->report->findings[i];
		if (f->state == HP_PASS || f->state == HP_NOT_APPLICABLE || f->state == HP_SKIPPED)
			continue;
		uint32_t at =
		    hp_index_add(&keys, hp_str(hp_format(a, "%s %d %d", f->check, (int)f->state, (int)f->severity)));
		if (!counts[at]++)
			first[at] = f;
	}
	for (uint32_t i = 0; i < keys.count; i++) {
		put_label(o, "hostprep_check_status{", "host", row->name);
		put_label(o, ",", "check", first[i]->check);
		put_label(o, ",", "severity", hp_severity_word(first[i]->severity));
		put_label(o, ",", "state", hp_state_word(first[i]->state));
		hp_out_putf(o, "} %zu\n", counts[i]);
	}
}

static void put_state(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	(void)a;
	put_label(o, "hostprep_host_state{", "host", row->name);
	put_label(o, ",", "state", hp_row_state_word(row->state));
	hp_out_puts(o, "} 1\n");
}

static void put_exit(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	(void)a;
	put_label(o, "hostprep_host_exit_code{", "host", row->name);
	hp_out_putf(o, "} %d\n", hp_row_exit(row));
}

/* What cannot be told has no sample. */
static void put_reboot(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	(void)a;
	if (row->state != HP_ROW_OK || row->report->reboot.required == HP_CANNOT_TELL)
		return;
	put_label(o, "hostprep_reboot_required{", "host", row->name);
	put_label(o, ",", "kind", hp_reboot_word(row->report->reboot.kind));
	hp_out_putf(o, "} %d\n", row->report->reboot.required == HP_NEEDED);
}

static void put_time(struct hp_arena *a, struct hp_out *o, const struct hp_row *row)
{
	int64_t s;
	(void)a;
	if (row->state != HP_ROW_OK || !row->report->finished || !hp_when_parse(hp_str(row->report->finished), &s))
		return;
	put_label(o, "hostprep_scan_timestamp_seconds{", "host", row->name);
	hp_out_putf(o, "} %lld\n", (long long)s);
}

static const struct {
	const char *name, *help;
	void (*put)(struct hp_arena *a, struct hp_out *o, const struct hp_row *row);
} metrics[] = {
    {"hostprep_checks", "Findings of a host in each state.", put_checks},
    {"hostprep_check_status", "Subjects of a check that do not pass.", put_status},
    {"hostprep_host_state", "Whether the host was scanned: state ok, or why not.", put_state},
    {"hostprep_host_exit_code", "0 compliant, 2 fails, 3 unknown or not scanned, 4 to be rebooted.", put_exit},
    {"hostprep_reboot_required", "1 when the host must be rebooted; kind says how.", put_reboot},
    {"hostprep_scan_timestamp_seconds", "When the host's report was made.", put_time},
};

static void put_fleet(const struct hp_fleet *f, struct hp_out *o)
{
	put_head(o, "hostprep_hosts", "Hosts of the fleet in each state.");
	for (size_t i = 0; i < HP_ROW_STATES; i++) {
		put_label(o, "hostprep_hosts{", "state", hp_row_state_word((enum hp_row_state)i));
		hp_out_putf(o, "} %u\n", f->counts[i]);
	}
	put_head(o, "hostprep_expected_hosts", "Hosts that were asked for.");
	hp_out_putf(o, "hostprep_expected_hosts %zu\n", f->expected);
	put_head(o, "hostprep_exit_code",
		 "Of the fleet: 0 compliant, 2 fails, 3 unknown or not scanned, 4 to be rebooted.");
	hp_out_putf(o, "hostprep_exit_code %d\n", f->exit_code);
}

struct outs {
	struct hp_out *of[sizeof metrics / sizeof metrics[0]];
};

static void put_row(void *outs, struct hp_arena *scratch, const struct hp_row *row)
{
	for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
		metrics[i].put(scratch, ((struct outs *)outs)->of[i], row);
}

int hp_prometheus_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_fleet_reader *r, struct hp_out *out,
		      struct hp_err *err)
{
	struct hp_buf texts[sizeof metrics / sizeof metrics[0]];
	struct outs outs;
	put_fleet(fleet, out);
	for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
		texts[i] = hp_buf(a);
		outs.of[i] = hp_out_memory(&texts[i]);
		put_head(outs.of[i], metrics[i].name, metrics[i].help);
	}
	if (hp_each_row(a, r, put_row, &outs, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
		(void)hp_out_close(outs.of[i], err);
		hp_out_put(out, hp_built(&texts[i]));
	}
	return 0;
}
