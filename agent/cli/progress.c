#include "progress.h"

#include <stdio.h>
#include <string.h>

#include "../io/file.h"
#include "document.h"

#define FIRST_MS 1000u
#define PLAIN_MS 10000u

void hp_progress_begin(struct hp_progress_line *line, struct hp_arena *a, const struct hp_options *o)
{
	*line = (struct hp_progress_line){.arena = a,
					  .terminal = hp_is_terminal(2),
					  .quiet = o->quiet || hp_format_is_for_hostd(o->format),
					  .verbose = o->verbose,
					  .next_ms = PLAIN_MS};
}

static void put(const char *text)
{
	(void)hp_fd_write(2, hp_str(text));
}

/* In a buffer of its own: this is called for as long as a tool hangs and must not fill the arena. */
void hp_progress_draw(void *context, const struct hp_progress *p)
{
	struct hp_progress_line *line = context;
	char text[256], call[160] = "";
	if (line->quiet || p->elapsed_ms < FIRST_MS)
		return;
	if (p->oldest && p->oldest->kind == HP_CALL_RUN) {
		const char *slash = strrchr(p->oldest->argv[0], '/');
		size_t n = 0;
		for (size_t i = 0; p->oldest->argv[i] && n < 40; i++)
			n += (size_t)snprintf(call + n, sizeof call - n, " %.40s", i ? p->oldest->argv[i] : slash + 1);
	} else if (p->oldest && p->oldest->kind == HP_CALL_HTTP) {
		(void)snprintf(call, sizeof call, " the BMC (%.8s)", p->oldest->http->method);
	}
	(void)snprintf(text, sizeof text, "%u of %u calls, %u s; waiting for%.60s", p->done, p->all,
		       p->elapsed_ms / 1000, call);
	if (line->terminal) {
		put("\r\033[K");
		text[79] = '\0';
		put(text);
		line->drawn = true;
	} else if (p->elapsed_ms >= line->next_ms) {
		put("hostprep: ");
		put(text);
		put("\n");
		line->next_ms = p->elapsed_ms + PLAIN_MS;
	}
}

void hp_progress_call(void *context, const struct hp_call *call, const struct hp_reply *reply)
{
	struct hp_progress_line *line = context;
	if (!line->verbose)
		return;
	hp_progress_end(line);
	const char *trouble = hp_reply_end_trouble(line->arena, call, reply);
	put(hp_format(line->arena, "%3u.%03u s  %s%s%s\n", reply->ms / 1000, reply->ms % 1000,
		      hp_call_text(line->arena, call), trouble ? ": " : "", trouble ? trouble : ""));
}

void hp_progress_tell(struct hp_progress_line *line, const char *text)
{
	if (line->quiet)
		return;
	hp_progress_end(line);
	put(hp_format(line->arena, "hostprep: %s\n", hp_clean_text(line->arena, hp_str(text), 200, NULL)));
}

void hp_progress_end(struct hp_progress_line *line)
{
	if (line->drawn)
		put("\r\033[K");
	line->drawn = false;
}
