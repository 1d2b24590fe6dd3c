/* Descriptors of the door's own: closed on execve, and without pipe2, which VMkernel may lack. */
#ifndef HP_IO_FD_H
#define HP_IO_FD_H

/* A pipe whose reading end does not block. -1 and errno when there is none. */
int hp_pipe(int ret[2]);
void hp_fd_unblock(int fd);
/* Closes it, if it is open, and makes it -1. */
void hp_fd_close(int *fd);
/* No open descriptor but 0, 1 and 2 is for the tools: all are closed on execve. */
void hp_fds_keep(void);

#endif
