/*
 * A login, two requests and the end of the session, by the door that is shipped.
 *
 *   http_probe ORIGIN CREDENTIALS CAFILE
 *
 * Exits with 0 if all four are answered as they should be, else with the number of the first that is not.
 */
#include <string.h>

#include "../../agent/io/host.h"

static struct hp_reply ask(struct hp_arena *a, struct hp_door *door, const struct hp_http *http)
{
	struct hp_call *call = hp_alloc(a, sizeof *call);
	struct hp_reply reply = {.end = HP_END_CANCELLED};
	unsigned id;
	call->kind = HP_CALL_HTTP;
	call->http = http;
	call->cap = HP_CAP_SMALL;
	door->submit(door, call, 0);
	(void)door->wait(door, &id, &reply);
	return reply;
}

static int run(struct hp_arena *a, char **argv)
{
	struct hp_bmc bmc = {.origin = argv[1], .credentials_file = argv[2], .cafile = argv[3]};
	struct hp_host_options options = {.jobs = 1, .timeout_ms = 20000, .deadline_ms = 20000};
	struct hp_door *door;
	struct hp_err err;
	if (hp_host_door(a, &options, &door, &err) < 0)
		return 9;
	struct hp_http login = {&bmc, "POST", "/redfish/v1/SessionService/Sessions", {NULL, 0}, HP_HTTP_LOGIN};
	struct hp_reply r = ask(a, door, &login);
	if (r.end != HP_END_EXIT || r.code != 201)
		return 1;
	struct hp_http first = {&bmc, "GET", "/gzip/100000", {NULL, 0}, HP_HTTP_SESSION};
	r = ask(a, door, &first);
	if (r.end != HP_END_EXIT || r.code != 200 || r.out.n != 100000)
		return 2;
	struct hp_http second = {&bmc, "GET", "/dated/120", {NULL, 0}, HP_HTTP_SESSION};
	r = ask(a, door, &second);
	if (r.end != HP_END_EXIT || r.code != 503 || !hp_str_has(r.err, "retry-after: 120\n"))
		return 3;
	return 0; /* the session is left to the door */
}

int main(int argc, char **argv)
{
	struct hp_arena arena;
	if (argc != 4)
		return 10;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	int code = run(&arena, argv);
	hp_arena_free(&arena);
	return code;
}
