/* Captures: what the calls of a run got, as text that people can read, send, edit and keep as a test.
 *
 *     hostprep-capture 1
 *     # a comment
 *     made 2026-11-22T03:04:05Z hostprep 0.1.0
 *     run bin/esxcli --formatter=keyvalue system version get
 *     end exit 0
 *     ms 671
 *     out
 *     |VersionGet.Version.string=9.0.0
 *     file etc/vmware/passthru.map
 *     end exit 0
 *     size 24
 *     out
 *     |10de ffff bridge false
 *     stat etc/vmware/passthru.map
 *     end exit 0
 *     out
 *     |file 24 1763780645000000000 131 1644 1
 *     http GET https://192.0.2.17/redfish/v1
 *     end exit 200
 *     out
 *     |{"RedfishVersion":"1.18.0"}\
 *     err
 *     |content-type: application/json
 *
 * A path is below the host's root, but one that begins with a slash: the program asked that of the machine itself.
 * Edits are not recorded, nor is what PATCH and POST got, but for logins. No call stands in a capture twice: when it
 * was asked again, the last answer stands. A URL that holds a control is not recorded.
 *
 * `end` is one of: exit N (of `http` the status), signal N, timeout N (seconds), too-big, not-found, not-started N
 * (errno), cancelled, no-answer N (libcurl's code), no-login.
 * After `out` and `err` each line of bytes stands behind a '|'. In it \\ is a backslash, \r a carriage return, \xNN any
 * other byte that is not printable ASCII or a tab; a single backslash at a line's end means that no newline followed.
 *
 * A capture that says by whom it was made ends with the line `complete`; else it was cut off.
 *
 * A case file is a capture with its policy and what is expected of it (tests/cases):
 *     policy                             then lines behind '|': the policy to judge by
 *     expect TEXT                        kept as it is; the program itself ignores it
 *
 * A name that ends in .gz is gzip.
 */
#ifndef HP_IO_CAPTURE_H
#define HP_IO_CAPTURE_H

#include "../base/err.h"
#include "door.h"

#define HP_CAPTURE_LIMIT ((size_t)32 << 20) /* bytes, unpacked */

struct hp_recorded {
	const char *key; /* "run bin/esxcli …", "file etc/…", "stat etc/…" or "http GET https://…" */
	struct hp_reply reply;
};

struct hp_capture {
	struct hp_recorded *calls;
	size_t count, room;
	const char *made;     /* the text after `made`, or NULL */
	struct hp_str policy; /* its bytes; p is NULL when the capture has none */
	const char **expects;
	size_t expect_count, expect_room;
};

/* How a call stands in a capture. */
const char *hp_call_key(struct hp_arena *a, const struct hp_call *call);
void hp_capture_add(struct hp_arena *a, struct hp_capture *c, const char *key, const struct hp_reply *reply);

/* The capture as text, calls in the order of their keys, so that equal hosts give equal captures but for times. */
struct hp_str hp_capture_text(struct hp_arena *a, const struct hp_capture *c);
/* `name` is for messages: "x.cap:12: …". */
int hp_capture_parse(struct hp_arena *a, struct hp_str text, const char *name, struct hp_capture *ret,
		     struct hp_err *err);

int hp_capture_load(struct hp_arena *a, const char *path, struct hp_capture *ret, struct hp_err *err);
int hp_capture_save(struct hp_arena *a, const struct hp_capture *c, const char *path, struct hp_err *err);

/* A door that answers from a capture; a call that it does not have ends as not recorded. */
struct hp_door *hp_replay_door(struct hp_arena *a, const struct hp_capture *c);
/* A door that passes everything on to `inner` and adds each reply to the capture, but for those of what changes the
 * host. */
struct hp_door *hp_recording_door(struct hp_arena *a, struct hp_door *inner, struct hp_capture *c);

#endif
