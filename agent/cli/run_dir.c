#include "run_dir.h"

#include "../base/num.h"
#include "../io/clock.h"
#include "../io/file.h"

#define TOKEN_LENGTH 36
#define REPORT_LIMIT ((size_t)8 << 20)

const char *hp_uuid(struct hp_arena *a)
{
	unsigned char u[16];
	struct hp_buf b = hp_buf(a);
	if (!hp_random(u)) {
		uint64_t seed = (uint64_t)hp_wall_ms() * 6364136223846793005u + hp_now_ms();
		for (int i = 0; i < 16; i++)
			u[i] = (unsigned char)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
	}
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		hp_putf(&b, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
	return hp_built_text(&b);
}

static const char *path(struct hp_arena *a, const char *root, const char *name)
{
	return hp_format(a, "%s/var/run/hostprep%s%s", root ? root : "", *name ? "/" : "", name);
}

static const char *read_token(struct hp_arena *a, const char *file)
{
	struct hp_str bytes;
	uint64_t digit;
	if (hp_file_read(a, file, 64, &bytes, NULL) != 0)
		return NULL;
	bytes = hp_str_trim(bytes);
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i] != '-' && !hp_number(hp_str_sub(bytes, i, i + 1), 16, 15, &digit))
			return NULL;
	return bytes.n == TOKEN_LENGTH ? hp_copy(a, bytes) : NULL;
}

/* Of runs that begin side by side one makes the token, and the others may find it before it is written. */
const char *hp_boot_token(struct hp_arena *a, const char *root)
{
	const char *file = path(a, root, "boot");
	const char *token = read_token(a, file);
	if (token || !hp_dir_make(path(a, root, "")))
		return token;
	const char *fresh = hp_uuid(a);
	if (hp_file_claim(file, hp_str(hp_format(a, "%s\n", fresh))))
		return fresh;
	for (int tries = 0; tries < 10 && !token; tries++) {
		hp_sleep_ms(10);
		token = read_token(a, file);
	}
	if (!token && hp_file_replace(a, file, hp_str(hp_format(a, "%s\n", fresh))))
		token = fresh; /* what stood there was damaged */
	return token;
}

void hp_last_report_save(struct hp_arena *a, const char *root, struct hp_str json, struct hp_str text)
{
	if (hp_dir_make(path(a, root, "")) && hp_file_replace(a, path(a, root, "last-report.txt"), text))
		(void)hp_file_replace(a, path(a, root, "last-report.json"), json);
}

bool hp_last_report_load(struct hp_arena *a, const char *root, struct hp_last_report *ret)
{
	const char *json = path(a, root, "last-report.json");
	ret->age_s = hp_file_age_s(json);
	return hp_file_read(a, json, REPORT_LIMIT, &ret->json, NULL) == 0 &&
	       hp_file_read(a, path(a, root, "last-report.txt"), REPORT_LIMIT, &ret->text, NULL) == 0;
}
