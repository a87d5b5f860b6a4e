/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts of /proc/PID for the program, put together from what the LWK says of the process and
 * what Linux says of its proxy. Pure functions; the texts are cut into lines on the way.
 */
#ifndef MCEXEC_PROC_TEXT_H
#define MCEXEC_PROC_TEXT_H

#include <limits.h>
#include <stdio.h>

#include "abi/process.h"

/**
 * struct proc_file_name - a file whose contents were read into the program's memory
 * @path:	as Linux would show it; empty: none
 * @dev:	its device
 * @inode:	its inode
 * @bias:	to add to the addresses of @sections
 * @nsections:	entries of @sections
 * @sections:	where which part of it is
 */
struct proc_file_name {
	char path[PATH_MAX];
	u64 dev;
	u64 inode;
	u64 bias;
	u32 nsections;
	struct program_section sections[PROGRAM_MAX_SECTIONS];
};

/**
 * proc_text_maps() - maps: the LWK's ranges, with the names of the files
 * @out:	where to
 * @lwk:	the LWK's text
 * @linux_text:	that of the proxy, which has the program's file mappings
 * @names:	two of them: program and interpreter
 */
void proc_text_maps(FILE *out, char *lwk, char *linux_text, const struct proc_file_name *names);

/**
 * proc_text_status() - status: Linux's lines, with the LWK's values where it has them
 * @out:	where to
 * @lwk:	the LWK's text
 * @linux_text:	that of the proxy
 * @other:	it is not the process that asks
 */
void proc_text_status(FILE *out, char *lwk, char *linux_text, _Bool other);

/**
 * proc_text_stat() - stat: Linux's fields, but for those that are the LWK's business
 * @out:	where to
 * @lwk:	the LWK's text
 * @linux_text:	that of the proxy
 * @other:	it is not the process that asks
 */
void proc_text_stat(FILE *out, char *lwk, char *linux_text, _Bool other);

/**
 * proc_text_statm() - statm, from the LWK's stat
 * @out:	where to
 * @lwk:	the LWK's text of stat
 */
void proc_text_statm(FILE *out, char *lwk);

#endif
