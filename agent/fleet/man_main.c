/* Prints the man page of hostprep-report. */
#include "../io/file.h"
#include "options.h"

int main(void)
{
	static struct hp_arena arena;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	int code = hp_fd_write(1, hp_fleet_man_page(&arena)) ? 0 : 1;
	hp_arena_free(&arena);
	return code;
}
