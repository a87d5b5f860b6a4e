// SPDX-License-Identifier: GPL-2.0-only
/*
 * A JSON document on stdout.
 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence at @s, 0 if there is no valid one (RFC 3629). */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (n == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_string(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	putchar('"');
	for (size_t i = 0; i < len; i += n) {
		n = utf8_len(s + i, len - i);
		if (!n) {
			fputs("\\ufffd", stdout);
			n = 1;
		} else if (s[i] < 0x20 || s[i] == 0x7f) {
			printf("\\u%04x", s[i]);
		} else {
			if (s[i] == '"' || s[i] == '\\')
				putchar('\\');
			fwrite(s + i, 1, n, stdout);
		}
	}
	putchar('"');
}

static void begin_value(struct json *json, const char *key)
{
	if (json->full)
		putchar(',');
	if (json->depth)
		printf("\n%*s", 2 * json->depth, "");
	if (key) {
		put_string(key, strlen(key));
		fputs(": ", stdout);
	}
	json->full = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	putchar(bracket);
	json->depth++;
	json->full = false;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->full)
		printf("\n%*s", 2 * json->depth, "");
	putchar(bracket);
	json->full = true;
	if (!json->depth)
		putchar('\n');
}

void json_text(struct json *json, const char *key, const char *text)
{
	json_bytes(json, key, text, strlen(text));
}

void json_bytes(struct json *json, const char *key, const char *text, size_t len)
{
	begin_value(json, key);
	put_string(text, len);
}

void json_number(struct json *json, const char *key, int64_t number)
{
	begin_value(json, key);
	printf("%" PRId64, number);
}

void json_unsigned(struct json *json, const char *key, uint64_t number)
{
	begin_value(json, key);
	printf("%" PRIu64, number);
}
