// SPDX-License-Identifier: GPL-2.0-only
/* The kernel command line; see cmdline.h. */
#include "lwk/lib/cmdline.h"

#include "abi/errno.h"
#include "lwk/lib/string.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Take a pair of quotes off a string that starts with one. */
static char *strip_quotes(char *s)
{
	size_t len;

	if (*s != '"')
		return s;
	s++;
	len = strlen(s);
	if (len && s[len - 1] == '"')
		s[len - 1] = '\0';
	return s;
}

bool cmdline_next(char **pos, char **key, char **value)
{
	bool quoted = false;
	char *s = *pos;
	char *word;
	char *equals = NULL;

	while (is_space(*s))
		s++;
	word = s;
	for (; *s && (quoted || !is_space(*s)); s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (*s == '=' && !equals)
			equals = s;
	}
	if (s == word)
		return false;
	if (*s)
		*s++ = '\0';
	*pos = s;

	*key = strip_quotes(word);
	*value = NULL;
	if (equals) {
		*equals = '\0';
		*value = strip_quotes(equals + 1);
	}
	/* A lone -- ends the arguments: what follows is not the kernel's. */
	return equals || strcmp(*key, "--") != 0;
}

static bool key_matches(const char *key, const char *known)
{
	for (;; key++, known++) {
		char a = *key == '-' ? '_' : *key;
		char b = *known == '-' ? '_' : *known;

		if (a != b)
			return false;
		if (!a)
			return true;
	}
}

static const struct cmdline_param *find_param(const struct cmdline_table *table,
					      const char *key)
{
	size_t i;

	for (i = 0; i < table->nparams; i++) {
		if (key_matches(key, table->params[i].key))
			return &table->params[i];
	}
	return NULL;
}

static void report(const struct cmdline_table *table,
		   enum cmdline_problem problem, const char *key,
		   const char *value, int err)
{
	if (table->report)
		table->report(problem, key, value, err, table->ctx);
}

int cmdline_parse(char *line, const struct cmdline_table *table)
{
	const struct cmdline_param *param;
	char *key, *value;
	int first_err = 0;
	int err;

	while (cmdline_next(&line, &key, &value)) {
		param = find_param(table, key);
		if (!param) {
			report(table, CMDLINE_UNKNOWN, key, value, -ENOENT);
			continue;
		}
		err = param->set(value, param->ctx);
		if (!err)
			continue;
		report(table, CMDLINE_BAD_VALUE, key, value, err);
		if (!first_err)
			first_err = err;
	}
	return first_err;
}
