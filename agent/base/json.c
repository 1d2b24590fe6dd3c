#include "json.h"

static struct hp_arena *memory;

static void *take(size_t size)
{
	return hp_alloc(memory, size);
}

static void keep(void *p)
{
	(void)p; /* the arena goes as a whole */
}

void hp_json_use(struct hp_arena *a)
{
	memory = a;
	json_set_alloc_funcs(take, keep);
}

json_t *hp_json_parse(struct hp_arena *a, struct hp_str bytes, struct hp_err *err)
{
	json_error_t where;
	hp_json_use(a);
	json_t *root = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &where);
	if (!root && err)
		(void)hp_fail(err, "line %d, column %d: %s", where.line, where.column, where.text);
	return root;
}

static int append(const char *bytes, size_t n, void *buf)
{
	hp_put(buf, (struct hp_str){bytes, n});
	return 0;
}

static struct hp_str dump(struct hp_arena *a, const json_t *root, size_t flags)
{
	struct hp_buf b = hp_buf(a);
	hp_json_use(a);
	(void)json_dump_callback(root, append, &b, flags);
	hp_puts(&b, "\n");
	return hp_built(&b);
}

struct hp_str hp_json_text(struct hp_arena *a, const json_t *root)
{
	return dump(a, root, JSON_INDENT(2));
}

struct hp_str hp_json_line(struct hp_arena *a, const json_t *root)
{
	return dump(a, root, JSON_COMPACT | JSON_ENSURE_ASCII);
}
