#include "host_names.h"

#include <string.h>

#include "window.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

bool hp_host_name(struct hp_str s)
{
	if (s.n == 0 || s.n > HP_HOST_NAME_MAX || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = hp_lower(s.p[i]);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && (!c || !strchr("._:%-", c)))
			return false;
	}
	return true;
}

static bool same(struct hp_str a, struct hp_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (hp_lower(a.p[i]) != hp_lower(b.p[i]))
			return false;
	return true;
}

bool hp_same_name(const char *a, const char *b)
{
	return same(hp_str(a), hp_str(b));
}

bool hp_same_host(const char *a, const char *b)
{
	const char *dot_a = strchr(a, '.'), *dot_b = strchr(b, '.');
	if (hp_same_name(a, b))
		return true;
	if (!dot_a == !dot_b)
		return false;
	if (strspn(dot_a ? b : a, "0123456789") == strlen(dot_a ? b : a)) /* 10 is not 10.0.0.1 */
		return false;
	return dot_a ? same((struct hp_str){a, (size_t)(dot_a - a)}, hp_str(b))
		     : same(hp_str(a), (struct hp_str){b, (size_t)(dot_b - b)});
}

static struct hp_str label_of(const char *name, char *room, size_t size)
{
	size_t n = strcspn(name, ".");
	n = n < size ? n : size;
	for (size_t i = 0; i < n; i++)
		room[i] = hp_lower(name[i]);
	return (struct hp_str){room, n};
}

static void add_label(struct hp_hosts *h, uint32_t name)
{
	char room[HP_HOST_NAME_MAX];
	uint32_t before = h->labels.count,
		 at = hp_index_add(&h->labels, label_of(h->names.texts[name], room, sizeof room));
	h->by_label = hp_index_room(&h->labels, before, h->by_label, sizeof *h->by_label);
	h->by_label[at] = at == before ? name : HP_NO_INDEX;
}

const char *hp_hosts_like(const struct hp_hosts *h, const char *name)
{
	char room[HP_HOST_NAME_MAX];
	uint32_t at = hp_index_find(&h->names, hp_str(name));
	if (at != HP_NO_INDEX)
		return h->names.texts[at];
	at = hp_index_find(&h->labels, label_of(name, room, sizeof room));
	if (at == HP_NO_INDEX || h->by_label[at] == HP_NO_INDEX)
		return NULL;
	return hp_same_host(h->names.texts[h->by_label[at]], name) ? h->names.texts[h->by_label[at]] : NULL;
}

static void add(struct hp_arena *a, struct hp_hosts *h, struct hp_str name, const char *group)
{
	uint32_t before = h->names.count, at = hp_index_add(&h->names, name);
	h->groups = hp_index_room(&h->names, before, h->groups, sizeof *h->groups);
	struct hp_group_list *list = &h->groups[at];
	bool known = false;
	for (size_t i = 0; group && i < list->count; i++)
		known = known || strcmp(list->names[i], group) == 0;
	if (at == before)
		add_label(h, at);
	if (at < before && (!group || known))
		h->repeated++;
	if (group && !known) {
		list->names = hp_room(a, list->names, list->count, sizeof *list->names);
		list->names[list->count++] = group;
	}
}

static int read_line(struct hp_arena *a, struct hp_hosts *h, struct hp_str line, const char **group)
{
	line = hp_str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return 0;
	if (line.n >= 2 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
		struct hp_str name = hp_str_sub(line, 1, line.n - 1);
		*group = name.n ? hp_copy(a, name) : NULL;
		const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;
		bool address = colon && memchr(colon + 1, ':', (size_t)(name.p + name.n - colon) - 1);
		return name.n == 0 || (hp_host_name(name) && !address) ? 0 : -1;
	}
	if (!hp_host_name(line))
		return -1;
	add(a, h, line, *group);
	return 0;
}

int hp_hosts_read(struct hp_arena *a, const char *path, struct hp_hosts *ret, bool *ret_usage, struct hp_err *err)
{
	struct hp_hosts h = *ret;
	struct hp_window *w;
	const char *group = NULL;
	*ret_usage = false;
	if (!h.names.arena)
		h.labels = h.names = hp_index(a);
	if (hp_window_open(a, path, &w, err) < 0)
		return -1;
	for (size_t number = 1;; number++) {
		struct hp_str rest = hp_window_rest(w), line;
		while (!hp_str_has_byte(rest, '\n') && rest.n <= LINE_MAX_BYTES && hp_window_more(w))
			rest = hp_window_rest(w);
		if (rest.n == 0)
			break;
		const char *newline = memchr(rest.p, '\n', rest.n);
		line = hp_str_sub(rest, 0, newline ? (size_t)(newline - rest.p) : rest.n);
		if (read_line(a, &h, line, &group) < 0) {
			*ret_usage = true;
			(void)hp_fail(err,
				      "%s line %zu: \"%s\" is no host name (letters, digits and . _ : %% -, not "
				      "beginning with -)",
				      path, number, hp_clean_text(a, line, 80, NULL));
			hp_window_close(w);
			return -1;
		}
		hp_window_take(w, line.n + (newline != NULL));
	}
	const char *why = hp_window_trouble(w);
	hp_window_close(w);
	if (why)
		return hp_fail(err, "cannot read %s: %s", path, why);
	*ret = h;
	return 0;
}
