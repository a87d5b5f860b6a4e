/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers of the fuzzers in this folder: the same sequence for the same seed,
 * everywhere. Each program is one file, so the state is its own.
 */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdint.h>

/** rng_state - the seed, not 0, then the state; each thread has its own, and seeds it. */
static _Thread_local uint64_t rng_state;

/** rng() - the next number: xorshift64*. */
static inline uint64_t rng(void)
{
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return rng_state * 0x2545f4914f6cdd1dULL;
}

/** pick() - a number below @n, which is not 0. */
static inline uint64_t pick(uint64_t n)
{
	return (rng() >> 8) % n;
}

#endif
