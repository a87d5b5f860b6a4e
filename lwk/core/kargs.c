// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of kernel arguments and their setters.
 */
#include "lwk/include/core/kargs.h"

#include "abi/errno.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/lib/cmdline.h"
#include "lwk/lib/parse.h"
#include "lwk/lib/string.h"

/* Points of which one does something, if test_yield does not say. */
#define YIELD_PERIOD 8

static struct kargs kargs;

const struct kargs *kargs_get(void)
{
	return &kargs;
}

static int set_loglevel(const char *value, void *ctx)
{
	u32 level;
	int err;

	(void)ctx;
	if (!value)
		return -EINVAL;
	err = parse_u32(value, &level);
	if (err)
		return err;
	if (level > KMSG_DEBUG)
		return -ERANGE;
	kmsg_set_level(level);
	return 0;
}

static int set_debug(const char *value, void *ctx)
{
	(void)ctx;
	if (value)
		return -EINVAL;
	kmsg_set_level(KMSG_DEBUG);
	return 0;
}

/* A switch: the word alone, or with a value of parse_bool(). */
static int set_bool(const char *value, void *ctx)
{
	if (value)
		return parse_bool(value, ctx);
	*(bool *)ctx = true;
	return 0;
}

/* SEED or SEED,PERIOD */
static int set_test_yield(const char *value, void *ctx)
{
	u64 seed, period = YIELD_PERIOD;
	int err;

	(void)ctx;
	if (!value)
		return -EINVAL;
	err = parse_u64_at(&value, &seed);
	if (err)
		return err;
	if (*value == ',') {
		err = parse_u64(value + 1, &period);
		if (err)
			return err;
	} else if (*value) {
		return -EINVAL;
	}
	/* If every point gave way, threads could give way to each other for ever. */
	if (seed != (u32)seed || period != (u32)period || period < 2)
		return -ERANGE;
	kargs.yield_seed = (u32)seed;
	kargs.yield_period = (u32)period;
	return 0;
}

static int set_nothing(const char *value, void *ctx)
{
	(void)value;
	(void)ctx;
	return 0;
}

static const struct cmdline_param params[] = {
	/* loglevel=0..7: log messages up to this level (7 is debug); 6 if not given */
	{ "loglevel", set_loglevel, NULL },
	/* debug: the same as loglevel=7 */
	{ "debug", set_debug, NULL },
	/* test_hooks: serve IKC_PORT_TEST, on which the host can make this LWK fail */
	{ "test_hooks", set_bool, &kargs.test_hooks },
	/* test_yield=SEED[,PERIOD]: perturb the schedule, with test_hooks only */
	{ "test_yield", set_test_yield, NULL },
	/* hidos: upstream's launch scripts pass it; it has no effect here or there */
	{ "hidos", set_nothing, NULL },
};

static void report(enum cmdline_problem problem, const char *key, const char *value, int err,
		   void *ctx)
{
	(void)ctx;
	if (problem == CMDLINE_UNKNOWN)
		log_warn("kargs: unknown argument \"%s\" ignored", key);
	else
		log_warn("kargs: bad value \"%s\" of \"%s\" ignored (error %d)",
			 value ? value : "", key, err);
}

void kargs_parse(void)
{
	static char line[IHK_KARGS_LEN]; /* too large for a stack; cut up by the parser */
	const struct cmdline_table table = {
		.params = params,
		.nparams = ARRAY_SIZE(params),
		.report = report,
	};

	strscpy(line, boot_fixed()->kargs, sizeof(line));
	/* Each problem has been reported; the boot goes on with the rest. */
	(void)cmdline_parse(line, &table);
	if (kargs.yield_period && !kargs.test_hooks) {
		log_warn("kargs: test_yield without test_hooks ignored");
		kargs.yield_period = 0;
	}
}
