// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a script's first line: words without blanks around them, inside the bytes. */
#include "user/mcexec/script.c"

#include "tests/fuzz/fuzz.h"

static void check_word(const char *word, const char *head, size_t len)
{
	size_t n = strlen(word);

	FUZZ_CHECK(n && word >= head && word + n <= head + len);
	FUZZ_CHECK(!is_blank(word[0]) && !strchr(word, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct script script;
	bool has_nul = len && memchr(data, '\0', len);
	char *head;

	if (len > SCRIPT_HEAD_LEN)
		len = SCRIPT_HEAD_LEN;
	head = malloc(len + 1);
	FUZZ_CHECK(head);
	if (len)
		memcpy(head, data, len);
	if (!script_parse(head, len, &script)) {
		check_word(script.interp, head, len);
		FUZZ_CHECK(!strpbrk(script.interp, " \t"));
		if (script.arg)
			check_word(script.arg, head, len);
		/* Linux trims the line's end only, which need not be the string's. */
		if (script.arg && !has_nul)
			FUZZ_CHECK(!is_blank(script.arg[strlen(script.arg) - 1]));
	}
	free(head);
	return 0;
}
