/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the measured programs have in common: a clock, and the form of their output, which
 * bench/run reads: one line a sample, "name;unit;value".
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Marks for bench/trace around what is to be looked at closely: nopl with a displacement
 * that nobody else has. They do nothing and cost nothing.
 */
#define MARK_BEGIN() __asm__ volatile(".byte 0x0f, 0x1f, 0x80; .ascii \"MCK1\"" : : : "memory")
#define MARK_END() __asm__ volatile(".byte 0x0f, 0x1f, 0x80; .ascii \"MCK2\"" : : : "memory")

/**
 * now_ns() - read CLOCK_MONOTONIC.
 *
 * Return: nanoseconds.
 */
uint64_t now_ns(void);

/**
 * sample() - report a duration.
 * @name: of what
 * @ns: the duration
 * @count: how many times it was done; the sample is the time of one
 *
 * Nothing is written before the program ends: a write would be part of the next measurement.
 */
void sample(const char *name, uint64_t ns, uint64_t count);

/**
 * check() - end the program unless something has worked.
 * @ok: whether it has
 * @what: it was
 */
void check(bool ok, const char *what);

/**
 * number() - read an argument of the command line; ends the program if it is none.
 * @text: the argument
 * @most: greatest number allowed; the least is 1
 *
 * Return: the number.
 */
unsigned int number(const char *text, unsigned int most);

#endif
