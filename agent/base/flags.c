#include "flags.h"

#include <string.h>

bool hp_words_have(const char *words, const char *name)
{
	struct hp_str rest = hp_str(words), word;
	while (hp_next_word(&rest, &word))
		if (hp_str_eq(word, name))
			return true;
	return false;
}

const struct hp_flag *hp_flag_find(const struct hp_flag *flags, size_t count, const char *arg, const char **ret_value)
{
	const char *equals = strchr(arg, '=');
	*ret_value = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct hp_flag *f = &flags[i];
		if (arg[1] != '-' && arg[1] == f->letter && !arg[2])
			return f;
		struct hp_str name = hp_str(arg + 2);
		if (equals)
			name.n = (size_t)(equals - arg - 2);
		if (arg[1] == '-' && hp_str_eq(name, f->name)) {
			*ret_value = equals ? equals + 1 : NULL;
			return f;
		}
	}
	return NULL;
}

int hp_flag_set(void *options, const struct hp_flag *flag, const char *value, const char *next, bool *ret_used_next,
		struct hp_err *err)
{
	void *member = (char *)options + flag->offset;
	*ret_used_next = false;
	if (!flag->value) {
		if (value)
			return hp_fail(err, "--%s takes no value", flag->name);
		*(bool *)member = true;
		return 0;
	}
	*ret_used_next = !value;
	value = value ? value : next;
	if (!value || !*value)
		return hp_fail(err, "--%s wants a value: %s", flag->name, flag->value);
	if (*(const char **)member)
		return hp_fail(err, "--%s stands twice", flag->name);
	*(const char **)member = value;
	return 0;
}

const struct hp_flag *hp_flag_missing(const struct hp_flag *flags, size_t count, const void *options,
				      const char *needed)
{
	for (size_t i = 0; i < count; i++) {
		const char *const *member = (const void *)((const char *)options + flags[i].offset);
		if (flags[i].value && hp_words_have(needed, flags[i].name) && !*member)
			return &flags[i];
	}
	return NULL;
}

const char *hp_flag_head(struct hp_arena *a, const struct hp_flag *flag)
{
	return hp_format(a, "%s--%s%s%s", flag->letter ? hp_format(a, "-%c, ", flag->letter) : "", flag->name,
			 flag->value ? " " : "", flag->value ? flag->value : "");
}
