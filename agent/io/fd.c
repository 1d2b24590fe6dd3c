#include "fd.h"

#include <fcntl.h>
#include <unistd.h>

#define FDS_MAX 1024 /* descriptors that a caller may have left open */

int hp_pipe(int ret[2])
{
	if (pipe(ret) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		(void)fcntl(ret[i], F_SETFD, FD_CLOEXEC);
	hp_fd_unblock(ret[0]);
	return 0;
}

void hp_fd_unblock(int fd)
{
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

void hp_fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void hp_fds_keep(void)
{
	for (int fd = 3; fd < FDS_MAX; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}
