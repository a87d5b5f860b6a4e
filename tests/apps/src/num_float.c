// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floating point: results to the last bit, rounding, exceptions, denormal numbers, long
 * double; vectors if the processor has them.
 */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>

#include "app.h"

#define N 1000

static uint64_t bits(double x)
{
	uint64_t value;

	memcpy(&value, &x, sizeof(value));
	return value;
}

static void show_functions(void)
{
	long double series = 0;
	double sum = 0;
	int i;

	for (i = 1; i <= N; i++) {
		const double x = i * 0.37;

		sum += sin(x) * log(x) + pow(x, 1.0 / i) - atan2(x, i) + fma(x, x, -x) / sqrt(x);
		series += 1.0L / ((long double)i * i);
	}
	printf("%016lx %.20Lg\n", bits(sum), series);
	printf("%016lx %016lx\n", bits(DBL_MIN / 3), bits(DBL_MAX * 2));
	printf("%.6a %.6a\n", nextafter(1, 2), ldexp(1, -1074));
}

static void show_rounding(void)
{
	const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
	volatile double one = 1;
	volatile double three = 3;
	volatile long double long_three = 3;
	size_t i;

	for (i = 0; i < 4; i++) {
		MUST(fesetround(modes[i]) == 0);
		printf("%016lx %016lx %.21Lg %g\n", bits(one / three), bits(-one / three),
		       1 / long_three, rint(2.5 * one));
	}
	fesetround(FE_TONEAREST);
}

static void show_exceptions(void)
{
	volatile double zero = 0;
	volatile double huge = DBL_MAX;
	volatile double result;

	feclearexcept(FE_ALL_EXCEPT);
	result = 1 / zero;
	printf("%#x\n", fetestexcept(FE_ALL_EXCEPT));
	result = zero / zero;
	result = huge * huge;
	printf("%#x\n", fetestexcept(FE_ALL_EXCEPT));
	result = DBL_MIN / 3;
	printf("%#x\n", fetestexcept(FE_ALL_EXCEPT));
	(void)result;
}

static double __attribute__((target("avx2,fma"))) avx_sum(const double *x)
{
	double sum[8] = { 0 };
	int i;

	for (i = 0; i < N * 8; i++)
		sum[i % 8] = sum[i % 8] * 0.999 + x[i];
	return sum[0] + sum[3] + sum[7];
}

static void show_vectors(void)
{
	static double x[N * 8];
	int i;

	for (i = 0; i < N * 8; i++)
		x[i] = i * 0.001;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		printf("%016lx\n", bits(avx_sum(x)));
}

int main(void)
{
	show_functions();
	show_rounding();
	show_exceptions();
	show_vectors();
	return 0;
}
