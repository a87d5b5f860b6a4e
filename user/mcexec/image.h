/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an open program to a process on the LWK: describe it, have its memory made, fill
 * it, start it.
 */
#ifndef MCEXEC_IMAGE_H
#define MCEXEC_IMAGE_H

#include "user/mcexec/options.h"
#include "user/mcexec/program.h"

/**
 * struct image - a process in the making
 * @proxy:	the proxy's file
 * @program:	what it runs
 * @options:	how
 * @strings:	arguments, environment, file name, as the program will have them
 * @argc:	how many are arguments
 * @envc:	how many are environment
 * @strings_len: bytes
 * @env_start:	offset of the environment in @strings
 * @env_end:	of its end
 * @layout:	where the LWK put things, from image_prepare()
 */
struct image {
	int proxy;
	const struct program *program;
	const struct options *options;
	char *strings;
	u32 argc;
	u32 envc;
	u64 strings_len;
	u64 env_start;
	u64 env_end;
	struct program_layout layout;
};

/**
 * image_prepare() - have the LWK make the process, without contents
 * @image:	the first three fields are set; the others will be
 *
 * Prints why it fails. Context: main thread. Return: 0 or -errno.
 */
int image_prepare(struct image *image);

/**
 * image_load() - fill the process's memory
 * @image:	prepared; the proxy's file is mapped
 *
 * Prints why it fails. Context: main thread. Return: 0 or -errno.
 */
int image_load(const struct image *image);

#endif
