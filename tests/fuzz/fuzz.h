/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One fuzzer per program. It is called by libFuzzer (make fuzz), or by driver.c
 * with its corpus and a fixed number of seeded mutations (make unit).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** FUZZ_CHECK() - abort, which is how a fuzzer reports, unless @cond holds. */
#define FUZZ_CHECK(cond)                                                  \
	do {                                                              \
		if (!(cond)) {                                            \
			fprintf(stderr, "%s:%d: FUZZ_CHECK(%s)\n",        \
				__FILE__, __LINE__, #cond);               \
			abort();                                          \
		}                                                         \
	} while (0)

/**
 * LLVMFuzzerTestOneInput() - try one input; libFuzzer's name for it.
 * @data: input
 * @len: its length in bytes
 *
 * Return: 0; does not return if anything is wrong.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
