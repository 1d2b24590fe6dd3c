/* misbehave WHAT [ARGUMENT…]: a host's tool that behaves as the word says. The door is tried against it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void nap(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void put(const char *text)
{
	if (write(1, text, strlen(text)) < 0)
		_exit(9);
}

/* One line to the end of a file, so that tests see what ran when. */
static void log_line(const char *path, const char *word, const char *name)
{
	char line[128];
	int n = snprintf(line, sizeof line, "%s %s\n", word, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		_exit(9);
	(void)close(fd);
}

static void forever(bool print)
{
	static char block[4096];
	memset(block, 'x', sizeof block);
	for (;;) {
		if (!print)
			nap(1000);
		else if (write(1, block, sizeof block) < 0)
			_exit(9);
	}
}

/* N bytes, one in 50 ms; the last one is a newline. */
static void drip(int fd, const char *count)
{
	for (int n = atoi(count); n > 0; n--) {
		if (write(fd, n > 1 ? "x" : "\n", 1) < 0)
			_exit(9);
		if (n > 1)
			nap(50);
	}
}

static void circumstances(void)
{
	char cwd[256] = "?", line[300];
	struct stat in;
	for (char **e = environ; *e; e++) {
		(void)snprintf(line, sizeof line, "env %s\n", *e);
		put(line);
	}
	(void)snprintf(line, sizeof line, "cwd %s\n", getcwd(cwd, sizeof cwd) ? cwd : "?");
	put(line);
	(void)snprintf(line, sizeof line, "group %s\n", getpgrp() == getpid() ? "own" : "other");
	put(line);
	bool null = fstat(0, &in) == 0 && S_ISCHR(in.st_mode) && read(0, line, 1) == 0;
	put(null ? "stdin null\n" : "stdin other\n");
	for (int fd = 3; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			(void)snprintf(line, sizeof line, "fd %d\n", fd);
			put(line);
		}
	struct sigaction now;
	for (int i = 1; i < 32; i++)
		if (sigaction(i, NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
			(void)snprintf(line, sizeof line, "ignores %d\n", i);
			put(line);
		}
	sigset_t mask;
	if (sigprocmask(SIG_SETMASK, NULL, &mask) == 0)
		for (int i = 1; i < 32; i++)
			if (sigismember(&mask, i) == 1)
				put("blocked\n");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *one = argc > 2 ? argv[2] : "", *two = argc > 3 ? argv[3] : "";
	if (strcmp(what, "hang-ignoring-term") == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		put("ignoring\n");
		forever(false);
	} else if (strcmp(what, "hang") == 0) {
		put("hanging\n");
		forever(false);
	} else if (strcmp(what, "flood") == 0) {
		forever(true);
	} else if (strcmp(what, "drip") == 0) {
		drip(1, one);
		if (*two)
			log_line(two, "end", "drip");
	} else if (strcmp(what, "drip-ignoring-term") == 0) { /* on stdout or stderr */
		(void)signal(SIGTERM, SIG_IGN);
		drip(atoi(two), one);
	} else if (strcmp(what, "until") == 0) { /* another file is there */
		log_line(one, "begin", "until");
		while (access(two, F_OK) < 0)
			nap(20);
		put("done\n");
	} else if (strcmp(what, "exit") == 0) {
		put("said\n");
		return atoi(one);
	} else if (strcmp(what, "die") == 0) {
		put("half a li");
		(void)raise(atoi(one));
	} else if (strcmp(what, "close-stdout") == 0) { /* and go on */
		put("closing\n");
		(void)close(1);
		(void)close(2);
		nap(600);
		return 5;
	} else if (strcmp(what, "grandchild") == 0) { /* it keeps the pipe, and notes its number */
		char number[32];
		pid_t pid = fork();
		if (pid == 0) {
			(void)signal(SIGTERM, SIG_IGN);
			(void)signal(SIGHUP, SIG_IGN);
			forever(false);
		}
		(void)snprintf(number, sizeof number, "%ld", (long)pid);
		log_line(one, "grandchild", number);
		put("parent\n");
		return 0;
	} else if (strcmp(what, "stderr") == 0) {
		static const char said[] = "only here\n";
		return write(2, said, sizeof said - 1) < 0;
	} else if (strcmp(what, "print") == 0) { /* N bytes, the last one a newline */
		static char block[65536];
		memset(block, 'y', sizeof block);
		for (long n = atol(one); n > 0;) {
			size_t part = n > (long)sizeof block ? sizeof block : (size_t)n;
			if (part == (size_t)n)
				block[part - 1] = '\n';
			ssize_t done = write(1, block, part);
			if (done < 0)
				return 9;
			n -= done;
			block[part - 1] = 'y';
		}
		if (*two)
			log_line(two, "end", "print");
	} else if (strcmp(what, "note") == 0) { /* begin and end, in a file */
		log_line(one, "begin", two);
		nap(60);
		log_line(one, "end", two);
		put("noted\n");
	} else if (strcmp(what, "circumstances") == 0) {
		circumstances();
	} else if (strcmp(what, "quick") == 0) {
		put("quick\n");
	}
	return 0;
}
