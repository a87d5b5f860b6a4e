/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of CPUs, one bit for each possible LWK CPU. Bits are set and taken
 * atomically, so a mask may be shared without a lock.
 */
#ifndef LWK_CORE_CPUMASK_H
#define LWK_CORE_CPUMASK_H

#include "abi/limits.h"
#include "lwk/include/compiler.h"

#define CPUMASK_WORDS (IHK_MAX_CPUS / 64)

_Static_assert(IHK_MAX_CPUS % 64 == 0, "whole words");

/** struct cpumask - a set of CPUs */
struct cpumask {
	u64 words[CPUMASK_WORDS];
};

/**
 * cpumask_set() - put a CPU into a shared set.
 * @mask: the set
 * @cpu: LWK CPU number
 *
 * Release: whoever takes the bit with cpumask_take_word() sees what came before.
 *
 * Context: any.
 */
static inline void cpumask_set(struct cpumask *mask, u32 cpu)
{
	__atomic_fetch_or(&mask->words[cpu / 64], 1ULL << cpu % 64, __ATOMIC_RELEASE);
}

/**
 * cpumask_test() - is a CPU in the set?
 * @mask: the set
 * @cpu: LWK CPU number
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool cpumask_test(const struct cpumask *mask, u32 cpu)
{
	return READ_ONCE(mask->words[cpu / 64]) >> cpu % 64 & 1;
}

/**
 * cpumask_take_word() - take all CPUs of one word out of a shared set.
 * @mask: the set
 * @word: below CPUMASK_WORDS; bit b of it is CPU 64 * word + b
 *
 * Context: any.
 * Return: the bits taken. Acquire: partner of cpumask_set().
 */
static inline u64 cpumask_take_word(struct cpumask *mask, u32 word)
{
	if (!READ_ONCE(mask->words[word]))
		return 0;
	return __atomic_exchange_n(&mask->words[word], 0, __ATOMIC_ACQUIRE);
}

#endif
