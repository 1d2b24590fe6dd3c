/* What stands where: looked at through the door, with no tool of the host. */
#include <string.h>

#include "../base/num.h"
#include "asks.h"
#include "esxcli.h"
#include "passthru_map.h"

#define STATE_PATH "bootbank/state.tgz" /* what the boot puts over the shipped files */

static void look_at(struct hp_asking *asking, const char *path, int tag)
{
	struct hp_call *call = hp_alloc(asking->arena, sizeof *call);
	call->kind = HP_CALL_STAT;
	call->path = path;
	call->cap = HP_CAP_SMALL;
	asking->submit(asking, call, tag);
}

/* "file SIZE MTIME_NS INODE MODE_OCTAL LINKS": five numbers. */
static bool is_file(struct hp_str line)
{
	struct hp_str word;
	uint64_t n;
	size_t words = 0;
	if (!hp_str_starts(line, "file "))
		return false;
	line = hp_str_sub(line, 5, line.n);
	for (; hp_next_word(&line, &word); words++)
		if (!hp_number(word, 10, UINT64_MAX, &n))
			return false;
	return words == 5;
}

/* What was said of the path, without its newline; NULL and the value that says so where nothing is there or the answer
 * is none. */
static const char *said_of(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply,
			   struct hp_value *ret)
{
	if (reply->end == HP_END_NOT_FOUND) {
		*ret = hp_absent(hp_format(a, "/%s is not there", call->path));
		return NULL;
	}
	const char *why = hp_reply_trouble(a, call, reply);
	struct hp_str line = {NULL, 0}, rest = reply->out;
	bool ended;
	if (!why && (!hp_next_line(&rest, &line, &ended) || rest.n))
		why = "is told in more than one line";
	const char *text = hp_clean_text(a, line, 4096, NULL);
	bool known = is_file(line) || hp_str_eq(line, "dir") || hp_str_eq(line, "other") ||
		     (hp_str_starts(line, "link ") && line.n > 5);
	if (!why && (!known || !hp_str_eq(line, text)))
		why = hp_format(a, "is told as \"%s\", which is not known", hp_clean_text(a, line, 80, NULL));
	if (!why)
		return text;
	*ret =
	    hp_no_data(hp_format(a, "/%s %s", call->path, why), hp_format(a, "Look at it: `ls -l /%s`.", call->path));
	return NULL;
}

static struct hp_fact *fact_of(struct hp_asking *asking, const char *name, const struct hp_call *call,
			       const struct hp_reply *reply)
{
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, name);
	f->evidence[0] = hp_evidence(hp_call_text(asking->arena, call), reply->out);
	return f;
}

/* ---- /bootbank: a link into /vmfs/volumes. On a host that lost its boot device it leads to /tmp (KB 373820). ---- */

enum { LINK, FOLDER };

static void bootbank_put(struct hp_asking *asking)
{
	look_at(asking, "bootbank", LINK);
	look_at(asking, "bootbank/.", FOLDER);
}

static void bootbank_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_fact *f = fact_of(asking, tag == LINK ? "bootbank" : "bootbank-folder", call, reply);
	const char *said = said_of(asking->arena, call, reply, &f->now);
	if (tag == FOLDER) {
		if (said)
			f->now =
			    strcmp(said, "dir") == 0 ? hp_present(said) : hp_absent("/bootbank leads to no folder");
		return;
	}
	if (said && strncmp(said, "link ", 5) == 0)
		f->now = hp_present(said + 5);
	else if (said)
		f->now = hp_absent("/bootbank is no link");
}

const struct hp_ask hp_ask_bootbank = {.name = "bootbank", .put = bootbank_put, .read = bootbank_read};

/* ---- the archive ---- */

enum { MARKER, STATE, USEROPTS };

static void archive_put(struct hp_asking *asking)
{
	look_at(asking, HP_MAP_SHADOW, MARKER);
	look_at(asking, STATE_PATH, STATE);
	look_at(asking, "bootbank/useropts.gz", USEROPTS);
}

static void archive_read(struct hp_asking *asking, const struct hp_call *call, int tag, const struct hp_reply *reply)
{
	struct hp_arena *a = asking->arena;
	static const char *const names[] = {"passthru-map-marker", "state-tgz", "useropts-gz"};
	struct hp_fact *f = fact_of(asking, names[tag], call, reply);
	const char *said = said_of(a, call, reply, &f->now);
	if (!said)
		return;
	if (tag == MARKER && strncmp(said, "file ", 5) != 0)
		f->now = hp_no_data(hp_format(a, "/%s is no file (\"%.80s\")", call->path, said),
				    hp_format(a, "Look at it: `ls -l /%s`.", call->path));
	else
		f->now = hp_present(tag == MARKER ? "file" : said);
}

const struct hp_ask hp_ask_archive = {.name = "archive", .put = archive_put, .read = archive_read};
