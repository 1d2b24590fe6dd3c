/* The tars of payloads: entries are what their headers say by another reading, their data lie inside and do not
 * overlap, everything else is zero; paths lead nowhere else and stand there once; files and folders are written in
 * GNU's form, and that is read again as the same.
 *
 * Input: the tar's bytes. The checksums of its headers may be wrong: one byte before it tells whether they are made
 * right first ('=': they are left alone). */
#include <stdlib.h>
#include <string.h>

#include "../../vib/tar.h"
#include "fuzz.h"

static unsigned long field(const char *block, size_t at, size_t n)
{
	char text[16] = "";
	memcpy(text, block + at, n);
	return strtoul(text, NULL, 8);
}

static unsigned long little(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return u[0] | (unsigned long)u[1] << 8 | (unsigned long)u[2] << 16 | (unsigned long)u[3] << 24;
}

/* So that what is mutated is looked at at all. */
static void mend_sums(char *bytes, size_t n)
{
	for (size_t at = 0; at + 512 <= n; at += 512) {
		char *block = bytes + at;
		unsigned sum = 8 * ' ';
		if (memcmp(block + 257, "ustar ", 6) != 0 && memcmp(block + 257, "visor ", 6) != 0)
			continue;
		for (size_t i = 0; i < 512; i++)
			sum += i >= 148 && i < 156 ? 0 : (unsigned char)block[i];
		for (size_t i = 6; i-- > 0; sum >>= 3)
			block[148 + i] = (char)('0' + (sum & 7));
		block[154] = '\0';
		block[155] = ' ';
	}
}

static void judge_path(const char *path)
{
	const char *last = strrchr(path, '/');
	MUST(*path && *path != '/' && strlen(path) <= 100 && fuzz_one_line(path));
	MUST(!strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../"));
	MUST(strncmp(path, "./", 2) != 0 && strncmp(path, "../", 3) != 0);
	last = last ? last + 1 : path;
	MUST(*last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0);
}

static void judge_entry(struct hp_str all, const struct hp_tar *tar, const struct hp_tar_entry *e)
{
	MUST(e->at % 512 == 0 && e->at + 512 <= all.n);
	const char *block = all.p + e->at;
	size_t n = strlen(e->path), size = field(block, 124, 12);
	judge_path(e->path);
	MUST(memcmp(block, e->path, n) == 0);
	MUST(n == 100 || !block[n] || (e->type == HP_TAR_FOLDER && block[n] == '/' && (n == 99 || !block[n + 1])));
	MUST(memcmp(block + 257, tar->visor ? "visor  " : "ustar  ", 8) == 0);
	MUST(e->mode == (field(block, 100, 8) & 07777));
	MUST(strchr("0725", block[156]));
	MUST((e->type == HP_TAR_FOLDER) == (block[156] == '5') && (e->type == HP_TAR_LINK) == (block[156] == '2'));
	MUST(!e->target == (e->type != HP_TAR_LINK));
	MUST(e->type == HP_TAR_FILE ? e->body.n == size : !size && !e->body.n);
	if (e->body.n) {
		size_t from = tar->visor ? little(block + 496) : 0;
		MUST(fuzz_inside(e->body, all));
		MUST(e->body.p == (from ? all.p + from : block + 512));
	}
}

/* Each byte belongs to one header, to the data of one file, or is zero. */
static void judge_whole(struct hp_arena *a, struct hp_str all, const struct hp_tar *tar)
{
	char *taken = hp_alloc(a, all.n + 1);
	for (size_t i = 0; i < tar->count; i++) {
		const struct hp_tar_entry *e = &tar->entries[i];
		struct hp_str parts[] = {{all.p + e->at, 512}, e->body};
		for (size_t k = 0; k < 2; k++)
			for (size_t j = 0; j < parts[k].n; j++) {
				size_t at = (size_t)(parts[k].p - all.p) + j;
				MUST(!taken[at]);
				taken[at] = 1;
			}
		for (size_t k = 0; k < i; k++)
			MUST(strcmp(tar->entries[k].path, e->path) != 0);
	}
	for (size_t at = 0; at < all.n; at++)
		MUST(taken[at] || !all.p[at]);
	MUST(all.n >= 512 && (tar->visor || all.n % 512 == 0 || !all.p[all.n - 1]));
}

/* What there is of files and folders, in the form in which vibpack builds. */
static void write_again(struct hp_arena *a, const struct hp_tar *tar)
{
	struct hp_tar_entry *kept = hp_alloc_array(a, tar->count + 1, sizeof *kept);
	char **bodies = hp_alloc_array(a, tar->count + 1, sizeof *bodies);
	struct hp_tar again;
	struct hp_str bytes;
	struct hp_err err = {""};
	size_t n = 0;
	for (size_t i = 0; i < tar->count; i++)
		if (tar->entries[i].type != HP_TAR_LINK && strlen(tar->entries[i].path) <= HP_TAR_PATH)
			kept[n++] = tar->entries[i];
	MUST(hp_tar_frame(a, kept, n, 1, &bytes, bodies, &err) == 0 && bytes.n % 10240 == 0);
	for (size_t i = 0; i < n; i++)
		if (kept[i].body.n)
			memcpy(bodies[i], kept[i].body.p, kept[i].body.n);
	if (!n)
		return;
	MUST(hp_tar_read(a, bytes, &again, &err) == 0 && again.count == n && !again.visor);
	judge_whole(a, bytes, &again);
	for (size_t i = 0; i < n; i++) {
		judge_entry(bytes, &again, &again.entries[i]);
		MUST(strcmp(kept[i].path, again.entries[i].path) == 0 && kept[i].mode == again.entries[i].mode);
		MUST(kept[i].type == again.entries[i].type && hp_str_same(kept[i].body, again.entries[i].body));
		MUST(!again.entries[i].uid && !again.entries[i].gid);
	}
}

void fuzz_one(struct hp_arena *a, struct hp_str input)
{
	struct hp_tar tar = {.count = 0};
	struct hp_err err = {""};
	bool as_it_is = fuzz_byte(&input) == '=';
	char *bytes = malloc(input.n ? input.n : 1); /* no longer than it is, so that a read beyond its end is seen */
	MUST(bytes);
	if (input.n)
		memcpy(bytes, input.p, input.n);
	if (!as_it_is)
		mend_sums(bytes, input.n);
	struct hp_str all = {bytes, input.n};
	if (hp_tar_read(a, all, &tar, &err) < 0) {
		MUST(*err.text && fuzz_one_line(err.text));
	} else {
		MUST(tar.count);
		for (size_t i = 0; i < tar.count; i++)
			judge_entry(all, &tar, &tar.entries[i]);
		judge_whole(a, all, &tar);
		write_again(a, &tar);
	}
	free(bytes);
}
