#include <stdlib.h>
#include <string.h>

#include "merge_rows.h"

/* The worse one first; 0: they are as bad. */
static int by_exit(const struct hp_merge_row *a, const struct hp_merge_row *b)
{
	if (a->exit_code == b->exit_code)
		return 0;
	return hp_worse_exit(a->exit_code, b->exit_code) == a->exit_code ? -1 : 1;
}

/* By name; of one name the one that is to stand comes first: good, then of all checks, then newest, then the worse one,
 * then as they came. */
static int by_name(const void *x, const void *y)
{
	const struct hp_merge_row *a = x, *b = y;
	int names = strcmp(a->name, b->name);
	if (names)
		return names;
	if ((a->state == HP_ROW_OK) != (b->state == HP_ROW_OK))
		return a->state == HP_ROW_OK ? -1 : 1;
	if (a->complete != b->complete)
		return a->complete ? -1 : 1;
	if (a->finished_s != b->finished_s)
		return a->finished_s > b->finished_s ? -1 : 1;
	if (by_exit(a, b))
		return by_exit(a, b);
	return a->order < b->order ? -1 : 1;
}

/* By UUID; of one UUID the newest comes first, then the worse one, then by name. Rows without one come last. */
static int by_uuid(const void *x, const void *y)
{
	const struct hp_merge_row *a = *(struct hp_merge_row *const *)x, *b = *(struct hp_merge_row *const *)y;
	int uuids = strcmp(a->uuid, b->uuid);
	if (uuids)
		return uuids;
	if (a->finished_s != b->finished_s)
		return a->finished_s > b->finished_s ? -1 : 1;
	if (by_exit(a, b))
		return by_exit(a, b);
	return strcmp(a->name, b->name);
}

static void add_missing(struct hp_merge *m)
{
	const struct hp_hosts *expected = m->expected;
	if (!expected)
		return;
	struct hp_index there = hp_index(m->arena);
	size_t came = m->count;
	for (size_t i = 0; i < came; i++)
		(void)hp_index_add(&there, hp_str(m->rows[i].name));
	for (uint32_t i = 0; i < expected->names.count; i++) {
		struct hp_transport lost = {
		    .state = HP_ROW_UNREACHABLE, .rc = -1, .duration_ms = -1, .reason = m->missing};
		if (hp_index_find(&there, hp_str(expected->names.texts[i])) == HP_NO_INDEX)
			hp_merge_add_lost(m, expected->names.texts[i], expected->names.texts[i], &lost);
	}
}

static bool has_group(const struct hp_transport *t, const char *group)
{
	for (size_t i = 0; i < t->group_count; i++)
		if (strcmp(t->groups[i], group) == 0)
			return true;
	return false;
}

/* What the list of hosts says of this one. */
static void mark_expected(struct hp_merge *m, struct hp_merge_row *row)
{
	row->expected = true;
	if (!m->expected)
		return;
	uint32_t at = hp_index_find(&m->expected->names, hp_str(row->name));
	row->expected = at != HP_NO_INDEX;
	if (!row->expected)
		return;
	const struct hp_group_list *list = &m->expected->groups[at];
	struct hp_transport *t = &row->transport;
	const char **all = hp_alloc_array(m->arena, t->group_count + list->count + 1, sizeof *all);
	size_t n = 0;
	for (size_t i = 0; i < t->group_count; i++)
		all[n++] = t->groups[i];
	for (size_t i = 0; i < list->count; i++)
		if (!has_group(t, list->names[i]))
			all[n++] = list->names[i];
	t->groups = all;
	t->group_count = n;
}

/* A newer report of a part of the checks counts where it is worse than the whole one that stands. */
static bool outdoes(const struct hp_merge_row *row, const struct hp_merge_row *stands)
{
	return row->state == HP_ROW_OK && stands->state == HP_ROW_OK && !row->complete && stands->complete &&
	       row->finished_s > stands->finished_s && row->exit_code != stands->exit_code &&
	       hp_worse_exit(row->exit_code, stands->exit_code) == row->exit_code;
}

/* Two machines under one name are not told apart by what is newer: one of them would be lost. */
static void refuse_two_machines(struct hp_merge *m, struct hp_merge_row *stands, const struct hp_merge_row *row)
{
	if (stands->state != HP_ROW_OK || row->state != HP_ROW_OK || !stands->uuid || !row->uuid ||
	    strcmp(stands->uuid, row->uuid) == 0)
		return;
	stands->state = HP_ROW_BAD_OUTPUT;
	stands->exit_code = HP_EXIT_UNKNOWN;
	stands->n = 0;
	stands->reason = hp_format(m->arena, "two machines have this name, %s (%.80s) and %s (%.80s)", stands->uuid,
				   stands->where, row->uuid, row->where);
}

static void drop_others(struct hp_merge *m)
{
	struct hp_merge_row *stands = NULL;
	for (size_t i = 0; i < m->count; i++) {
		struct hp_merge_row *row = &m->rows[i];
		if (!stands || strcmp(stands->name, row->name) != 0) {
			stands = row;
			continue;
		}
		refuse_two_machines(m, stands, row);
		if (outdoes(row, stands)) {
			struct hp_merge_row *other = stands;
			stands = row;
			row = other;
		}
		row->dropped = true;
		if (stands->state == HP_ROW_OK && row->state != HP_ROW_OK && !stands->reason)
			stands->reason = hp_format(m->arena, "elsewhere it is %s: %s", hp_row_state_word(row->state),
						   row->reason ? row->reason : "nothing says why");
		bool same = row->received && stands->received && memcmp(row->sha256, stands->sha256, 32) == 0;
		hp_merge_tell(m, row->where,
			      hp_format(m->arena, "%s of %s: %s; taken was %s",
					row->state == HP_ROW_OK ? "another report" : "another document", row->name,
					same			  ? "the same one"
					: row->state != HP_ROW_OK ? row->reason
					: row->finished		  ? hp_format(m->arena, "finished %s", row->finished)
								  : "without a time",
					stands->where));
	}
}

static void make_duplicate(struct hp_merge_row *row)
{
	row->state = HP_ROW_DUPLICATE;
	row->exit_code = HP_EXIT_UNKNOWN;
}

static int by_digest(const void *x, const void *y)
{
	const struct hp_merge_row *a = *(struct hp_merge_row *const *)x, *b = *(struct hp_merge_row *const *)y;
	int sums = memcmp(a->sha256, b->sha256, sizeof a->sha256);
	return sums ? sums : strcmp(a->name, b->name);
}

/* The very same bytes under two names, of hosts whose UUIDs say nothing. */
static void mark_same_reports(struct hp_merge *m)
{
	struct hp_merge_row **same = hp_alloc_array(m->arena, m->count + 1, sizeof(struct hp_merge_row *));
	size_t n = 0;
	for (size_t i = 0; i < m->count; i++)
		if (!m->rows[i].dropped && m->rows[i].state == HP_ROW_OK && !m->rows[i].uuid)
			same[n++] = &m->rows[i];
	if (n > 1)
		qsort(same, n, sizeof(struct hp_merge_row *), by_digest);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (memcmp(same[first]->sha256, same[i]->sha256, sizeof same[i]->sha256) != 0) {
			first = i;
			continue;
		}
		make_duplicate(same[i]);
		same[i]->reason = hp_format(m->arena, "it is the very same report as that of %s", same[first]->name);
	}
}

static void mark_duplicates(struct hp_merge *m)
{
	struct hp_merge_row **good = hp_alloc_array(m->arena, m->count + 1, sizeof(struct hp_merge_row *));
	size_t n = 0;
	for (size_t i = 0; i < m->count; i++)
		if (!m->rows[i].dropped && m->rows[i].state == HP_ROW_OK && m->rows[i].uuid)
			good[n++] = &m->rows[i];
	if (n > 1)
		qsort(good, n, sizeof(struct hp_merge_row *), by_uuid);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (strcmp(good[first]->uuid, good[i]->uuid) != 0) {
			first = i;
			continue;
		}
		make_duplicate(good[i]);
		good[i]->reason =
		    hp_format(m->arena, "it has the UUID of %s, whose report is %s: %s", good[first]->name,
			      good[first]->finished_s == good[i]->finished_s ? "as new" : "newer", good[i]->uuid);
	}
}

void hp_merge_settle(struct hp_merge *m)
{
	add_missing(m);
	if (m->count > 1)
		qsort(m->rows, m->count, sizeof *m->rows, by_name);
	drop_others(m);
	mark_duplicates(m);
	mark_same_reports(m);
	for (size_t i = 0; i < m->count; i++)
		mark_expected(m, &m->rows[i]);
}
