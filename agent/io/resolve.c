#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "file.h"
#include "signals.h"

#define REAP_MS 1000u

/* curl wants brackets around addresses of IPv6. */
static size_t write_address(const struct addrinfo *info, char *ret, size_t room)
{
	const struct sockaddr_in *v4 = (const void *)info->ai_addr;
	const struct sockaddr_in6 *v6 = (const void *)info->ai_addr;
	char address[INET6_ADDRSTRLEN];
	bool six = info->ai_family == AF_INET6;
	if (!six && info->ai_family != AF_INET)
		return 0;
	if (!inet_ntop(info->ai_family, six ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, address,
		       sizeof address))
		return 0;
	int n = snprintf(ret, room, six ? "[%s]" : "%s", address);
	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

/* In the child. An end without a newline, or nothing at all, is no answer. */
static void look_up(const char *name, int fd)
{
	struct addrinfo want, *found = NULL;
	char text[HP_RESOLVE_ADDRESSES * 64];
	size_t n = 0;
	memset(&want, 0, sizeof want);
	want.ai_family = AF_UNSPEC;
	want.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(name, NULL, &want, &found) != 0)
		_exit(1);
	int count = 0;
	for (const struct addrinfo *i = found; i && count < HP_RESOLVE_ADDRESSES; i = i->ai_next) {
		size_t comma = n ? 1 : 0;
		size_t length = write_address(i, text + n + comma, sizeof text - n - comma - 1);
		if (!length)
			continue;
		if (comma)
			text[n] = ',';
		n += comma + length;
		count++;
	}
	text[n++] = '\n';
	_exit(hp_fd_write(fd, (struct hp_str){text, n}) ? 0 : 1);
}

int hp_resolve_start(struct hp_resolve *r, const char *name)
{
	int ends[2] = {-1, -1};
	*r = (struct hp_resolve){.fd = -1};
	if (hp_pipe(ends) < 0)
		return errno;
	pid_t pid = fork();
	int code = errno;
	if (pid == 0) {
		hp_signals_reset_child();
		look_up(name, ends[1]);
	}
	hp_fd_close(&ends[1]);
	if (pid < 0) {
		hp_fd_close(&ends[0]);
		return code;
	}
	r->pid = pid;
	r->fd = ends[0];
	return 0;
}

void hp_resolve_stop(struct hp_resolve *r)
{
	hp_fd_close(&r->fd);
	if (r->pid <= 0)
		return;
	(void)kill(r->pid, SIGKILL);
	/* One that is stuck in the kernel (/etc/hosts on a dead file system) is left behind. */
	for (unsigned i = 0; i < REAP_MS && waitpid(r->pid, NULL, WNOHANG) == 0; i++)
		hp_sleep_ms(1);
	r->pid = 0;
}

enum hp_resolve_news hp_resolve_watch(struct hp_resolve *r)
{
	while (r->n < sizeof r->text) {
		ssize_t got = read(r->fd, r->text + r->n, sizeof r->text - r->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return HP_RESOLVE_GOES_ON;
		if (got <= 0)
			break;
		r->n += (size_t)got;
	}
	hp_resolve_stop(r);
	bool whole = r->n > 1 && r->text[r->n - 1] == '\n';
	r->n = whole ? r->n - 1 : 0;
	r->text[r->n] = '\0';
	return whole ? HP_RESOLVE_HAS_IT : HP_RESOLVE_HAS_NONE;
}
