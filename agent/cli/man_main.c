/* Prints the man page; the build runs it. */
#include "session.h"

int main(void)
{
	static struct hp_arena arena;
	hp_arena_init(&arena, HP_ARENA_LIMIT, NULL);
	bool good = hp_print(hp_man_page(&arena));
	hp_arena_free(&arena);
	return good ? 0 : 1;
}
