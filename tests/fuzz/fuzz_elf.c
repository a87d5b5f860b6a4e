// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as an LWK image: refused with a reason, or all promises hold. */
#include "tests/fuzz/fuzz.h"

#include "tests/unit/elf_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* A copy that ends with its memory, so that overruns are seen. */
	uint8_t *image = malloc(len ? len : 1);
	struct elf_image out;
	const char *why = NULL;
	int err;

	FUZZ_CHECK(image);
	if (len)
		memcpy(image, data, len);
	err = elf_image_check(image, len, &sample_rules, &out, &why);
	FUZZ_CHECK(!err == !why);
	FUZZ_CHECK(err || sample_promises_hold(image, len, &out));
	free(image);
	return 0;
}
