/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of a unit test program: a table of tests, each run in a process of
 * its own, so that each finds the kernel's global state untouched and a crash or
 * hang takes only one test along. Output is TAP, one line per test; the exit
 * status is 0 if all passed.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <stdlib.h>

#include "lwk/include/compiler.h"

/**
 * struct unit_test - one test.
 * @name: printed
 * @run: returns if all is well, else does not return
 */
struct unit_test {
	const char *name;
	void (*run)(void);
};

#define UNIT_TEST(fn) { #fn, fn }

/** CHECK() - the test fails unless @cond holds. */
#define CHECK(cond)                                                     \
	do {                                                            \
		if (!(cond)) {                                          \
			printf("# %s:%d: %s: CHECK(%s)\n", __FILE__,    \
			       __LINE__, __func__, #cond);              \
			fflush(stdout);                                 \
			exit(1);                                        \
		}                                                       \
	} while (0)

/** CHECK_EQ() - the test fails unless two integers are equal; prints them. */
#define CHECK_EQ(a, b)                                                     \
	do {                                                               \
		long long check_a_ = (long long)(a);                       \
		long long check_b_ = (long long)(b);                       \
		if (check_a_ != check_b_) {                                \
			printf("# %s:%d: %s: %s is %lld, %s is %lld\n",    \
			       __FILE__, __LINE__, __func__, #a, check_a_, \
			       #b, check_b_);                              \
			fflush(stdout);                                    \
			exit(1);                                           \
		}                                                          \
	} while (0)

/**
 * unit_run() - run all tests, or those whose names are arguments.
 * @argc: of main()
 * @argv: of main()
 * @tests: table
 * @ntests: its length
 *
 * Return: exit status for main().
 */
int unit_run(int argc, char **argv, const struct unit_test *tests, int ntests);

/** UNIT_MAIN() - main() of a test program with this table. */
#define UNIT_MAIN(tests)                                                  \
	int main(int argc, char **argv)                                   \
	{                                                                 \
		return unit_run(argc, argv, tests, ARRAY_SIZE(tests));    \
	}

/**
 * unit_panics() - does this panic?
 * @fn: called in a child process
 * @arg: passed to it
 * @text: what the message must contain
 *
 * Return: true if @fn panicked with such a message.
 */
bool unit_panics(void (*fn)(void *arg), void *arg, const char *text);

/**
 * struct unit_random - a reproducible sequence of numbers.
 * @state: the seed, then the state
 */
struct unit_random {
	u64 state;
};

/**
 * unit_random() - the next number.
 * @rng: sequence
 * @bound: not 0
 *
 * Return: 0 .. @bound - 1, evenly distributed for all that matters here.
 */
u64 unit_random(struct unit_random *rng, u64 bound);

/**
 * unit_threads() - run a function on several CPUs at once and wait for all.
 * @ncpus: how many; they get the numbers 0 .. @ncpus - 1
 * @fn: called with its CPU number
 */
void unit_threads(u32 ncpus, void (*fn)(u32 cpu));

#endif
