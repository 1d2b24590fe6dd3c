/* What goes through the door: a call (run a tool; read, look at or edit a file) and the reply it gets.
 *
 * Paths are relative to the host tree's root and have no leading slash ("bin/esxcli"); the door puts the root before
 * them. A call is data: whoever makes one has not touched the host yet.
 */
#ifndef HP_IO_CALL_H
#define HP_IO_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/str.h"

enum hp_call_kind {
	HP_CALL_RUN,  /* a process: argv, never a shell */
	HP_CALL_FILE, /* the bytes of one regular file */
	HP_CALL_STAT, /* what stands at a path, as one line of text: see below */
	HP_CALL_EDIT, /* one regular file gets other bytes, in place */
	HP_CALL_HTTP  /* one exchange with the host's BMC: see below */
};

/* STAT answers with one of
 *     link TARGET
 *     dir
 *     file SIZE MTIME_NS INODE MODE_OCTAL LINKS      "file 24 1763780645000000000 131 1644 1"
 *     other
 * of the path itself: a link at its end is not followed, links on the way are.
 *
 * EDIT writes over the bytes of the file that is there: same inode, same mode with its sticky bit, same owner, because
 * ESX archives /etc by inode and marker file (KB 342062) and a renamed copy would be lost at the next boot. It opens
 * the file without following a link at the path's end, compares its bytes with `was`, writes `becomes`, truncates,
 * syncs, and reads the whole back. When the write fails on the way, `was` is written back. Ends:
 *     EXIT 0                 the file now holds `becomes`, read back
 *     CHANGED                it did not hold `was`: nothing was written
 *     NOT_FOUND, NOT_STARTED (errno)
 *                            it could not be opened or written; it holds `was`, or was not even read
 *     DAMAGED (errno)        it holds neither: it could not be written, and not put back
 */

/* How a BMC is reached, and whom to trust for it. Paths are the machine's own. Of the policy; the same pointer means
 * the same session. */
struct hp_bmc {
	const char *origin;	      /* "https://192.0.2.17" or with port; nothing after it */
	const char *credentials_file; /* read by the door alone, and only with mode 0600 or less (http.h) */
	const char *cafile;	      /* NULL: no CA */
	const char *pin;	      /* "sha256//BASE64" of the public key; NULL: none */
	bool insecure;		      /* whoever answers is taken for the BMC */
	unsigned connect_ms, request_ms;
};

enum hp_http_auth {
	HP_HTTP_ANYBODY, /* no credentials */
	HP_HTTP_LOGIN,	 /* POST of user and password, which the door puts into the body: `body` is empty */
	HP_HTTP_SESSION	 /* with the token of the login that went through this door before */
};

struct hp_http {
	const struct hp_bmc *bmc;
	const char *method; /* GET POST PATCH DELETE */
	const char *path;   /* "/redfish/v1/Systems?$expand=.($levels=1)": as the BMC gave it, never decoded */
	struct hp_str body; /* JSON, or empty */
	enum hp_http_auth auth;
};

/* HTTP answers: end EXIT with the status as code (200, 401 ...), the body in `out`, and in `err` a line each of these
 * headers, names in lower case: content-type, location, retry-after, allow. Of `location` only the path stands there,
 * and it stands there only if scheme, host and port are the BMC's own. Never there: tokens, cookies, what the
 * credentials file holds (where a body or a header repeats it, "***" takes its place). When there is no answer:
 * NO_ANSWER with libcurl's code; TIMEOUT; TOO_BIG. A redirect is an answer like others: nobody follows it. */

struct hp_call {
	enum hp_call_kind kind;
	const char *const *argv;    /* RUN: NULL at its end; argv[0] is the tool's path */
	const char *path;	    /* FILE, STAT, EDIT */
	bool outside;		    /* FILE, STAT: the path is the machine's own, absolute, and not below the root */
	struct hp_str was, becomes; /* EDIT */
	const struct hp_http *http; /* HTTP */
	const char *lane;	    /* calls of one lane never overlap and keep their order; NULL: a lane of its own */
	unsigned timeout_ms;	    /* 0: the door's own limit (--timeout) */
	unsigned grace_ms;	    /* between TERM and KILL after a time-out; 0: HP_GRACE_MS */
	size_t cap;		    /* bytes of output; more ends the call as too big */
	bool empty_ok;		    /* exit 0 with nothing printed means "none" */
	/* It changes something: once started, it is ended neither by a signal to the program nor by the run's deadline
	 * nor by what it prints, only by its own time limit. */
	bool writes;
	/* RUN: after TERM it is killed only when it has printed nothing for as long as the grace is: what still makes
	 * progress is waited for, HP_PATIENCE_MS at most. What it prints beyond its cap does not end it. */
	bool patient;
	unsigned delay_ms; /* it starts no earlier than this after it was submitted; others of its lane overtake it */
};

#define HP_PATIENCE_MS 600000u

#define HP_GRACE_MS 2000u
/* An MFT tool that is killed inside a register access leaves the device's semaphore taken (mstflint PR 1849, 1854):
 * it defers TERM while inside one, so it gets long to finish. */
#define HP_MFT_GRACE_MS 15000u
#define HP_CAP_LIST ((size_t)4 << 20)	 /* bytes; the PCI list of a host with 1,500 functions is about 3 MB */
#define HP_CAP_SMALL ((size_t)512 << 10) /* bytes; MFT's longest help text is 5 KB */

enum hp_end {
	HP_END_EXIT,	  /* RUN: code is the exit status. FILE: it was read to its end, code is 0 */
	HP_END_SIGNAL,	  /* code is the signal's number */
	HP_END_TIMEOUT,	  /* it ran longer than its limit and was ended; code is the limit in seconds, 0 if not noted */
	HP_END_TOO_BIG,	  /* it printed more than the cap, or the file is longer */
	HP_END_NOT_FOUND, /* no such file */
	HP_END_NOT_STARTED,  /* could not be started or read; code is errno */
	HP_END_CANCELLED,    /* never asked, or ended early: the run's deadline passed or the run was interrupted */
	HP_END_NOT_RECORDED, /* replay: the capture has no such call */
	HP_END_CHANGED,	     /* EDIT: the file is not what it was */
	HP_END_DAMAGED,	     /* EDIT: the file is neither what it was nor what it should become; code is errno */
	HP_END_NO_ANSWER,    /* HTTP: code is libcurl's: 7 nobody there, 60 not trusted, 90 another key ... */
	HP_END_NO_LOGIN	     /* HTTP: not sent, because the credentials file cannot be used; `err` says why */
};

struct hp_reply {
	enum hp_end end;
	int code;
	struct hp_str out, err; /* stdout (or the file's bytes) and stderr (its first HP_CAP_SMALL bytes) */
	uint64_t size;		/* FILE: its length by fstat; a reply with fewer bytes was cut */
	unsigned ms;		/* from start to end */
};

/* "/bin/esxcli --formatter=keyvalue system version get" or "/etc/vmware/passthru.map": how messages and evidence name a
 * call, and what an admin would type. */
const char *hp_call_text(struct hp_arena *a, const struct hp_call *call);
/* Why a reply's bytes are no answer, as an admin would say it ("ran longer than 60 s and was ended"), or NULL when
 * it ended by itself with exit 0, printed something, and its last line is complete. A file may end without newline. */
const char *hp_reply_trouble(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply);
/* The same for how it ended alone, whatever it printed: NULL for any exit status. */
const char *hp_reply_end_trouble(struct hp_arena *a, const struct hp_call *call, const struct hp_reply *reply);

#endif
