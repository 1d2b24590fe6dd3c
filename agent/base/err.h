/* Trouble with the program (bad policy, unreadable capture, cannot write the report): the function returns -1 and
 * fills this. Trouble with the host is data instead: a reply's end, a fact without data, a finding. */
#ifndef HP_BASE_ERR_H
#define HP_BASE_ERR_H

struct hp_err {
	char text[1024]; /* one line for the admin: what, where, what to do; no newline at its end */
};

/* Fills err and returns -1. */
int hp_fail(struct hp_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
