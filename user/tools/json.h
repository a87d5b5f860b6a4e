/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes one JSON document to stdout, value by value. Commas and indentation
 * take care of themselves. Text that is not UTF-8 is replaced, so that the
 * document is always valid.
 */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct json - a document that is being written; { 0 } to begin with
 * @depth:	open objects and arrays
 * @full:	the innermost one has a member already
 */
struct json {
	int depth;
	bool full;
};

/*
 * In all of these, @key is the member's name, or NULL in an array and for the
 * document itself.
 */

/** json_open() - begin an object ('{') or an array ('['). */
void json_open(struct json *json, const char *key, char bracket);

/** json_close() - end it with '}' or ']'; the outermost one ends the document. */
void json_close(struct json *json, char bracket);

/** json_text() - write a string. */
void json_text(struct json *json, const char *key, const char *text);

/** json_bytes() - write a string of given length. */
void json_bytes(struct json *json, const char *key, const char *text, size_t len);

/** json_number() - write an integer. */
void json_number(struct json *json, const char *key, int64_t number);

/** json_unsigned() - write an unsigned integer. */
void json_unsigned(struct json *json, const char *key, uint64_t number);

#endif
