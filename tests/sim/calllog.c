#include "calllog.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void append(const char *root, const struct sim_buf *line)
{
	const int fd = open(sim_fmt("%s/.esxsim/calls", root), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd >= 0) {
		(void)sim_write_all(fd, line->data, line->len);
		(void)close(fd);
	}
}

static void add_argument(struct sim_buf *line, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%";

	if (*arg != '\0' && strspn(arg, plain) == strlen(arg)) {
		sim_buf_text(line, arg);
		return;
	}
	sim_buf_text(line, "'");
	for (; *arg != '\0'; arg++) {
		if (*arg == '\n') {
			sim_buf_text(line, "\\n");
		} else {
			sim_buf_bytes(line, arg, 1);
		}
	}
	sim_buf_text(line, "'");
}

uint64_t sim_calllog_start(const char *root, const char *tool, int argc, char **argv)
{
	struct sim_buf line = {0};
	const uint64_t now = sim_now_us();

	sim_buf_printf(&line, "start %llu %ld %s", (unsigned long long)now, (long)getpid(), tool);
	for (int i = 1; i < argc; i++) {
		sim_buf_text(&line, " ");
		add_argument(&line, argv[i]);
	}
	sim_buf_text(&line, "\n");
	append(root, &line);
	return now;
}

void sim_calllog_end(const char *root, const char *tool, uint64_t start_us, const char *how, int number)
{
	struct sim_buf line = {0};
	const uint64_t now = sim_now_us();

	sim_buf_printf(&line, "end %llu %ld %s %s=%d us=%llu\n", (unsigned long long)now, (long)getpid(), tool, how,
		       number, (unsigned long long)(now - start_us));
	append(root, &line);
}
