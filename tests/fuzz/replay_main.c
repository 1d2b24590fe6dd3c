/* Runs each file of the directories that are named once: the corpus as a test, in builds without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char *room = malloc(INPUT_MAX);
	if (!f || !room) {
		perror(path);
		return -1;
	}
	size_t n = fread(room, 1, INPUT_MAX, f);
	bool bad = ferror(f) || n == INPUT_MAX;
	(void)fclose(f);
	/* As long as the input and no longer, so that a read beyond its end is seen. */
	unsigned char *data = malloc(n ? n : 1);
	if (!bad && data) {
		if (n)
			memcpy(data, room, n);
		(void)LLVMFuzzerTestOneInput(data, n);
	}
	free(data);
	free(room);
	return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
	unsigned files = 0, failed = 0;
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		if (!dir) {
			perror(argv[i]);
			return 1;
		}
		for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
			char path[4096];
			if (e->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			(void)fprintf(stderr, "%s\n", path);
			failed += run_file(path) < 0;
			files++;
		}
		(void)closedir(dir);
	}
	(void)fprintf(stderr, "%u inputs\n", files);
	return failed || !files;
}
