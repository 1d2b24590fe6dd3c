/* Runs the program of a plugin's command. */
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 64, EXEC_FAILED = 127 };

/* Words at blanks, '...' and "..." held together. hostd may hand the line to a shell: what would mean something to one
 * and is not quoted is an error here, so that it shows. */
static const char *split(const char *line, char **words, size_t *ret_count)
{
	static const char special[] = "|&;<>()$`\\*?[#~{}!\n";
	size_t count = 0;

	while (*(line += strspn(line, " \t")) != '\0') {
		struct sim_buf word = {0};

		sim_buf_text(&word, "");
		while (*line != '\0' && *line != ' ' && *line != '\t') {
			if (*line == '\'' || *line == '"') {
				const char *end = strchr(line + 1, *line);

				if (end == NULL) {
					return "a quote is not closed";
				}
				const size_t len = (size_t)(end - line - 1);
				if (*line == '"' && strcspn(line + 1, "$`\\") < len) {
					return "a shell would expand the text between double quotes";
				}
				sim_buf_bytes(&word, line + 1, len);
				line = end + 1;
			} else if (strchr(special, *line) != NULL) {
				return sim_fmt("%c is not quoted", *line);
			} else {
				sim_buf_bytes(&word, line++, 1);
			}
		}
		if (count == MAX_ARGUMENTS) {
			return "too many arguments";
		}
		words[count++] = word.data;
	}
	*ret_count = count;
	return count == 0 ? "empty" : NULL;
}

static _Noreturn void become(const struct sim_state *state, char **argv, int out)
{
	const char *path = getenv("PATH");
	const char *lang = getenv("LANG");
	char *env[3] = {sim_fmt("PATH=%s", path == NULL ? "/bin:/sbin" : path)};
	const int null = open("/dev/null", O_RDONLY);
	const int log = open(sim_path(state, "var/log/hostd.log"), O_WRONLY | O_CREAT | O_APPEND, 0644);

	if (lang != NULL) {
		env[1] = sim_fmt("LANG=%s", lang);
	}
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(log, 2) < 0 || chdir("/") != 0) {
		_exit(EXEC_FAILED);
	}
	for (int fd = 3; fd < 256; fd++) {
		(void)close(fd);
	}
	(void)execve(argv[0], argv, env);
	_exit(EXEC_FAILED);
}

/* Reads until the end, the limit of bytes or of time; NULL or what went wrong. */
static const char *collect(int fd, uint64_t limit, uint64_t timeout_ms, struct sim_buf *out)
{
	const uint64_t end = sim_now_us() + timeout_ms * 1000;
	char chunk[16384];

	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		const uint64_t now = sim_now_us();

		if (now >= end) {
			return "it took too long";
		}
		if (sim_tool_signalled()) {
			return "interrupted";
		}
		if (poll(&wait, 1, (int)((end - now) / 1000 > 100 ? 100 : (end - now) / 1000 + 1)) <= 0) {
			continue;
		}
		const ssize_t got = read(fd, chunk, sizeof chunk);
		if (got == 0) {
			return NULL;
		}
		if (got > 0) {
			sim_buf_bytes(out, chunk, (size_t)got);
		}
		if (out->len > limit) {
			return "it printed too much";
		}
	}
}

static const char *run(struct sim_esx *esx, char **argv, struct sim_buf *out)
{
	const uint64_t limit = sim_get_num(esx->state, "plugin.max_output", 4194304);
	const uint64_t timeout_ms = sim_get_num(esx->state, "plugin.timeout_ms", 300000);
	int pipes[2];
	int status = 0;

	if (pipe2(pipes, O_CLOEXEC) != 0) {
		sim_die("cannot make a pipe");
	}
	sim_tool_unlock(esx->call); /* the program calls tools of this host */
	const pid_t child = fork();
	if (child < 0) {
		sim_die("cannot fork");
	}
	if (child == 0) {
		become(esx->state, argv, pipes[1]);
	}
	(void)setpgid(child, child);
	(void)close(pipes[1]);
	const char *problem = collect(pipes[0], limit, timeout_ms, out);
	(void)close(pipes[0]);
	if (problem != NULL) {
		(void)kill(-child, SIGKILL);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	sim_tool_relock(esx->call);
	if (problem == NULL && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
		return WIFEXITED(status) ? sim_fmt("exit code %d", WEXITSTATUS(status))
					 : sim_fmt("signal %d", WTERMSIG(status));
	}
	return problem;
}

static bool fits(const struct sim_xml *parameter, const char *value)
{
	const struct sim_xml *constraint = sim_xml_child(parameter, "constraint");
	const struct sim_xml *list = sim_xml_child(constraint, "enum");
	const char *type = sim_xml_attribute(parameter, "type", "");
	bool any = list == NULL;

	for (const struct sim_xml *e = list == NULL ? NULL : list->first; e != NULL; e = e->next) {
		any = any || sim_eq(sim_xml_attribute(e, "value", ""), value);
	}
	if (sim_eq(type, "int")) {
		const char *digits = value + (*value == '-');

		any = any && *digits != '\0' && strspn(digits, "0123456789") == strlen(digits);
	} else if (sim_eq(type, "bool")) {
		any = any && (sim_eq_nocase(value, "true") || sim_eq_nocase(value, "false") || sim_eq(value, "1") ||
			      sim_eq(value, "0"));
	}
	return any;
}

/* None of the error texts is known. */
int sim_plugin_run(struct sim_esx *esx, const struct sim_xml *command)
{
	const struct sim_xml *spec = sim_xml_child(command, "input-spec");
	char *argv[MAX_ARGUMENTS + 3] = {NULL};
	struct sim_buf out = {0};
	const char *problem = NULL;
	size_t count = 0;
	size_t index = 0;
	struct stat st;

	for (const struct sim_xml *p = spec->first; p != NULL; p = p->next, index++) {
		if (esx->values[index] != NULL && !fits(p, esx->values[index])) {
			return sim_esx_fail(esx, sim_fmt("Error: Invalid value %s for --%s\n", esx->values[index],
							 sim_xml_attribute(p, "name", "")));
		}
	}
	const char *line = sim_plugin_expand(command, esx->values, &problem);
	problem = problem != NULL ? problem : split(line, argv, &count);
	if (problem == NULL) {
		const char *program = argv[0];

		argv[0] =
		    sim_fmt("%s%s", esx->state->root, program); /* below the tree, and told so: a host is a root */
		argv[count++] = sim_fmt("--root");
		argv[count] = sim_fmt("%s", esx->state->root);
		if (strstr(program, "..") != NULL || stat(argv[0], &st) != 0 || !S_ISREG(st.st_mode) ||
		    access(argv[0], X_OK) != 0) {
			problem = sim_fmt("%s: no such program", program);
		}
	}
	sim_buf_text(&out, "");
	problem = problem != NULL ? problem : run(esx, argv, &out);
	problem = problem != NULL ? problem : sim_plugin_print(esx, command, out.data, out.len);
	return problem == NULL ? 0 : sim_esx_fail(esx, sim_fmt("%s failed: %s", esx->command->path, problem));
}
