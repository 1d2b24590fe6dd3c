/* mlxconfig -d NAME -e query ATS_ENABLED: facts "hca.ATS_ENABLED" of the subject NAME (an mst name), now = Current,
 * next = Next Boot.
 *
 * Without -e only the next boot's value is printed. With it the columns depend on the firmware (Default, Current, Next
 * Boot; any of the first two may be missing), and the header's words do not stand above their values: both lines are
 * split into words and paired by position. '*' says that next differs from default or current and means nothing here.
 *
 * Sources: mstflint mlxconfig/mlxcfg_ui.cpp, tags v4.6.0 to v4.36.0-1; the paper 8.3.
 */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"
#include "mft.h"
#include "mlx_said.h"

#define COLUMNS_MAX 4

static void all_none(struct hp_mlx_answer *ret, const char *why, const char *hint)
{
	ret->now = ret->next = hp_no_data(why, hint);
}

/* "True(1)" is 1 and "False(0)" is 0; enums print NAME(n), numbers plain. Anything else is no value. */
static struct hp_value value_of(struct hp_arena *a, const char *source, struct hp_str word)
{
	uint64_t n;
	size_t open = 0;
	while (open < word.n && word.p[open] != '(')
		open++;
	struct hp_str name = hp_str_sub(word, 0, open), number = word;
	bool good = true;
	if (open < word.n) {
		good = open > 0 && word.p[word.n - 1] == ')';
		number = hp_str_sub(word, open + 1, word.n - 1);
	}
	good = good && hp_number(number, 10, UINT32_MAX, &n);
	if (good && hp_str_eq(name, "True"))
		good = n == 1;
	else if (good && hp_str_eq(name, "False"))
		good = n == 0;
	if (good)
		return hp_present(hp_format(a, "%llu", (unsigned long long)n));
	return hp_no_data(
	    hp_format(a, "%s printed \"%s\", which is no value", source, hp_clean_text(a, word, 40, NULL)),
	    "Run the command by hand.");
}

/* "Configurations:   Default   Current   Next Boot" into its columns; false when a word is not known. */
static bool read_header(struct hp_str line, const char *columns[COLUMNS_MAX], size_t *ret_count)
{
	struct hp_str word;
	size_t n = 0;
	if (!hp_next_word(&line, &word) || !hp_str_eq(word, "Configurations:"))
		return false; /* a column may have slid into the first word */
	while (hp_next_word(&line, &word)) {
		const char *column = NULL;
		if (hp_str_eq(word, "Default"))
			column = "Default";
		else if (hp_str_eq(word, "Current"))
			column = "Current";
		else if (hp_str_eq(word, "Next") && hp_next_word(&line, &word) && hp_str_eq(word, "Boot"))
			column = "Next Boot";
		if (!column || n == COLUMNS_MAX)
			return false;
		for (size_t i = 0; i < n; i++)
			if (strcmp(columns[i], column) == 0)
				return false;
		columns[n++] = column;
	}
	*ret_count = n;
	return n > 0;
}

/* The words after the row's name; false when the line is no row of this parameter. */
static bool read_row(struct hp_str line, const char *parameter, bool *ret_read_only, struct hp_str *ret_values)
{
	struct hp_str word;
	*ret_read_only = false;
	if (!hp_next_word(&line, &word))
		return false;
	while (hp_str_eq(word, "*") || hp_str_eq(word, "RO") || hp_str_eq(word, "*RO")) {
		*ret_read_only = *ret_read_only || !hp_str_eq(word, "*");
		if (!hp_next_word(&line, &word))
			return false;
	}
	*ret_values = line;
	return hp_str_eq(word, parameter);
}

/* What was found on the way through the output. */
struct found {
	struct hp_str header, row, values;
	unsigned headers, rows, devices;
	bool read_only, other_device;
};

static struct found look_through(struct hp_str text, const char *name, const char *parameter)
{
	struct found f = {0};
	struct hp_str line, values;
	bool ended, read_only, same;
	while (hp_next_line(&text, &line, &ended)) {
		if (hp_str_starts(line, "Configurations:")) {
			f.header = line;
			f.headers++;
		} else if (hp_str_starts(line, "Device #")) {
			f.devices++;
		} else if (hp_mlx_device_line(line, name, &same)) {
			f.other_device = f.other_device || !same;
		} else if (f.headers && ended && read_row(line, parameter, &read_only, &values)) {
			f.row = line;
			f.values = values;
			f.read_only = read_only;
			f.rows++;
		}
	}
	return f;
}

void hp_mlx_read(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply, const char *name,
		 const char *parameter, struct hp_mlx_answer *ret)
{
	const char *by_hand = "Run the command by hand.";
	const char *source = "mlxconfig"; /* its arguments name the HCA, and so does the finding's subject */
	const char *columns[COLUMNS_MAX];
	size_t count = 0, n = 0;
	struct hp_str word, said;
	memset(ret, 0, sizeof *ret);
	ret->record = reply->out;
	const struct hp_mlx_trouble *trouble = hp_mlx_trouble_of(reply, &said);
	if (trouble) {
		all_none(ret, hp_mlx_trouble_text(a, trouble, said), trouble->hint);
		return;
	}
	said = hp_mlx_error_line(reply->out);
	const char *why = hp_reply_trouble(a, call, reply);
	if (!why && said.n)
		why = hp_format(a, "reports \"%s\"", hp_clean_text(a, said, 160, NULL));
	struct found f = look_through(reply->out, name, parameter);
	if (!why && (f.devices > 1 || f.other_device))
		why = hp_format(a, "answered for another device than %s", name);
	if (!why && (f.headers > 1 || f.rows > 1))
		why = hp_format(a, "printed %s more than once", parameter);
	if (!why && (!f.headers || !f.rows))
		why = hp_format(a, "printed no row of %s below a header", parameter);
	if (!why && !read_header(f.header, columns, &count))
		why = hp_format(a, "printed a column that is not known: \"%s\"", hp_clean_text(a, f.header, 120, NULL));
	struct hp_value values[COLUMNS_MAX];
	while (!why && hp_next_word(&f.values, &word)) {
		if (n < count)
			values[n] = value_of(a, source, word);
		n++;
	}
	if (!why && n != count)
		why = hp_format(a, "printed %zu values under %zu columns", n, count);
	if (why) {
		if (reply->end == HP_END_NOT_FOUND || reply->end == HP_END_NOT_STARTED)
			by_hand = "Look whether the VIBs mft and nmst are installed: `esxcli software vib list`.";
		all_none(ret, hp_format(a, "%s %s", source, why), by_hand);
		return;
	}
	ret->record = (struct hp_str){f.header.p, (size_t)(f.row.p + f.row.n - f.header.p)};
	ret->read_only = f.read_only;
	ret->now = hp_no_data(
	    hp_format(a, "%s printed no Current column: the HCA's firmware does not tell what is in force", source),
	    "Update the HCA's firmware; until then only what the next boot brings is known.");
	ret->next = hp_no_data(hp_format(a, "%s printed no Next Boot column", source), by_hand);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(columns[i], "Current") == 0)
			ret->now = values[i];
		else if (strcmp(columns[i], "Next Boot") == 0)
			ret->next = values[i];
	}
}

static bool is_hca(const struct hp_ask_options *options, const struct hp_mst_device *d)
{
	for (size_t i = 0; i < options->hca_id_count; i++)
		if (options->hca_ids[i] == (0x15b3u << 16 | d->device))
			return true;
	return false;
}

/* A busy HCA is asked again, this long after it said so; the tag holds the number of the device and of the try. */
static const unsigned delays_ms[] = {0, 1000, 3000};
#define TRIES (sizeof delays_ms / sizeof delays_ms[0])

static void ask_hca(struct hp_asking *asking, size_t number, size_t try)
{
	const struct hp_mst_device *d = &asking->facts->mst[number];
	const char *argv[] = {"opt/mellanox/bin/mlxconfig", "-d", d->name, "-e", "query", "ATS_ENABLED", NULL};
	struct hp_call *call = hp_call_run(asking->arena, argv);
	call->lane = "mft";
	call->grace_ms = HP_MFT_GRACE_MS;
	call->delay_ms = delays_ms[try];
	asking->submit(asking, call, (int)(try * asking->facts->mst_count + number));
}

/* One query per HCA. They are asked as soon as mst has named them, before the PCI list is read: a check takes as long
 * as the MFT tools take, and not longer. A device with an uplink is VMkernel's and is left alone; so is the pci_cr name
 * of a device that has a pciconf name. */
static void ats_put(struct hp_asking *asking)
{
	struct hp_facts *f = asking->facts;
	for (size_t i = 0; i < f->mst_count; i++) {
		const struct hp_mst_device *d = &f->mst[i];
		bool again = false;
		for (size_t k = 0; k < f->mst_count; k++) {
			bool same = k != i && hp_sbdf_match(&f->mst[k].at, &d->at) && f->mst[k].config && !d->config;
			again = again || same || (k < i && strcmp(f->mst[k].name, d->name) == 0);
		}
		if (!again && !d->net && is_hca(asking->options, d))
			ask_hca(asking, i, 0);
	}
}

static struct hp_value asked_thrice(struct hp_arena *a, struct hp_value v)
{
	return hp_no_data(hp_format(a, "%s; it was asked three times", v.why), v.hint);
}

static void ats_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	size_t devices = asking->facts->mst_count, number = (size_t)tag % devices, try = (size_t)tag / devices;
	const struct hp_mst_device *d = &asking->facts->mst[number];
	struct hp_str said;
	const struct hp_mlx_trouble *trouble = hp_mlx_trouble_of(reply, &said);
	bool busy = trouble && trouble->busy;
	if (busy && try + 1 < TRIES) {
		ask_hca(asking, number, try + 1);
		return;
	}
	struct hp_mlx_answer answer;
	hp_mlx_read(asking->arena, call, reply, d->name, "ATS_ENABLED", &answer);
	struct hp_fact *f = hp_fact_put(asking->facts, d->name, "hca.ATS_ENABLED");
	f->now = busy ? asked_thrice(asking->arena, answer.now) : answer.now;
	f->next = busy ? asked_thrice(asking->arena, answer.next) : answer.next;
	f->read_only = answer.read_only;
	f->evidence[0] = hp_evidence(hp_call_text(asking->arena, call), answer.record);
}

const struct hp_ask hp_ask_hca_ats = {
    .name = "hca-ats", .after = "mst-devices", .also_after = hp_mft_also_after, .put = ats_put, .read = ats_read};
