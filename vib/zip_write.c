#include <string.h>
#include <zlib.h>

#include "zip_format.h"

/* Names and sizes, so that nothing has been taken or read when they are wrong. ret_local, ret_central: bytes of all
 * local headers with their data, and of the central directory. */
static int measure(struct hp_arena *a, const struct hp_zip_file *files, size_t count, size_t *ret_local,
		   size_t *ret_central, struct hp_err *err)
{
	size_t local = 0, central = 0;
	if (count > HP_ZIP_ENTRIES)
		return hp_fail(err, "%zu files are more than the %u that an archive may have", count, HP_ZIP_ENTRIES);
	const char **names = hp_alloc_array(a, count, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		struct hp_str name = hp_str(files[i].name);
		const char *why = hp_zip_bad_name(a, name);
		if (!why && hp_str_ends(name, "/"))
			why = "is that of a folder";
		if (why)
			return hp_fail(err, "file %zu of the archive: its name %s", i + 1, why);
		/* All offsets and sizes stay below UINT32_MAX, which would mean zip64. */
		size_t headers = hp_zip_local.size + hp_zip_central.size + 2 * name.n;
		size_t others = local + central + headers + hp_zip_end.size;
		if (files[i].bytes.n >= UINT32_MAX || files[i].bytes.n + others >= UINT32_MAX)
			return hp_fail(err, "%s: the archive would be 4 GiB or more", files[i].name);
		local += hp_zip_local.size + name.n + files[i].bytes.n;
		central += hp_zip_central.size + name.n;
		names[i] = files[i].name;
	}
	const char *twice = hp_zip_twice(names, count);
	if (twice)
		return hp_fail(err, "%s: the archive would have that name twice", twice);
	*ret_local = local;
	*ret_central = central;
	return 0;
}

/* Puts bytes at `to`; gives where they end. */
static char *put(char *to, struct hp_str bytes)
{
	if (bytes.n)
		memcpy(to, bytes.p, bytes.n);
	return to + bytes.n;
}

static char *put_header(char *to, const struct hp_zip_layout *layout, const struct hp_zip_values *values,
			const char *name)
{
	hp_zip_put(layout, values, to);
	return put(to + layout->size, hp_str(name));
}

int hp_zip_write(struct hp_arena *a, const struct hp_zip_file *files, size_t count, int64_t time_s, struct hp_str *ret,
		 struct hp_err *err)
{
	size_t local = 0, central = 0;
	uint32_t time, date;
	struct hp_zip_values values;
	if (measure(a, files, count, &local, &central, err) < 0)
		return -1;
	char *bytes = hp_zip_room(a, local + central + hp_zip_end.size);
	if (!bytes)
		return hp_fail(err, "cannot write the archive: out of memory");
	char *to = bytes, *directory = bytes + local;
	hp_zip_time(time_s, &time, &date);
	for (size_t i = 0; i < count; i++) {
		struct hp_str data = files[i].bytes;
		struct hp_zip_entry entry = {
		    .name = files[i].name, .size = (uint32_t)data.n, .at = (size_t)(to - bytes)};
		entry.crc = data.n ? (uint32_t)crc32(0, (const unsigned char *)data.p, (unsigned)data.n) : 0;
		hp_zip_ours(&entry, time, date, &values);
		to = put(put_header(to, &hp_zip_local, &values, entry.name), data);
		directory = put_header(directory, &hp_zip_central, &values, entry.name);
	}
	hp_zip_ours_end(count, local, central, &values);
	hp_zip_put(&hp_zip_end, &values, directory);
	*ret = (struct hp_str){bytes, local + central + hp_zip_end.size};
	return 0;
}
