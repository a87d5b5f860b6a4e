/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mcexec's command line: mcexec [OPTION...] [NUMBER] PROGRAM [ARGUMENT...]
 *
 * Options end at the first word that is none, so that the program's own are left alone.
 */
#ifndef MCEXEC_OPTIONS_H
#define MCEXEC_OPTIONS_H

#include <stdbool.h>

#include "abi/limits.h"
#include "abi/types.h"

/* Exit status of mcexec's own failures; shells, env(1) and timeout(1) leave it to that. */
#define MCEXEC_FAILED 125
#define MCEXEC_NOT_EXECUTABLE 126
#define MCEXEC_NOT_FOUND 127

/**
 * struct options - what the command line asks for
 * @os:		OS instance
 * @cpu:	the only LWK CPU in @cpus, or -1
 * @cpus:	LWK CPUs to run on, a bit each; none: all
 * @cpus_given:	by the command line
 * @stack_premap: bytes of stack to populate at start
 * @twins:	spare twins to keep ready
 * @no_randomize: no address space randomisation
 * @verbose:	say on stderr what is done
 * @trace:	write each call that Linux makes for the program
 * @summary:	write at the end which calls were made
 * @trace_file:	either to this file, or NULL: to stderr
 * @trace_fd:	descriptor of that, or -1: to be opened
 * @trace_lines: descriptor of what those who trace share, or -1
 * @exec_ns:	when the traced execve() began that has led here, or 0
 * @device:	descriptor of /dev/mcosN, or -1: to be opened
 * @exe:	descriptor of mcexec's own file, or -1
 * @nshares:	into how many shares the LWK's CPUs are cut, of which this program has one; 0: none
 * @share:	descriptor that holds its share, or -1
 * @program_flags: with @exec: PROGRAM_* for program_open_file()
 * @blocked:	with @exec: signals that the program blocks, bit n - 1 for signal n
 * @exec:	the program is what another of the LWK's programs executes: @name is not looked
 *		for, and has its argument 0 beside it
 * @file:	with @exec: descriptor of the program's file
 * @name:	program
 * @argv:	arguments, argument 0 included, then NULL
 */
struct options {
	int os;
	int cpu;
	u64 cpus[IHK_MAX_CPUS / 64];
	bool cpus_given;
	u64 stack_premap;
	int twins;
	bool no_randomize;
	bool verbose;
	bool trace;
	bool summary;
	const char *trace_file;
	int trace_fd;
	int trace_lines;
	u64 exec_ns;
	int device;
	int exe;
	int nshares;
	int share;
	unsigned int program_flags;
	u64 blocked;
	bool exec;
	int file;
	const char *name;
	char **argv;
};

/**
 * options_parse() - understand the command line
 * @argc:	of main()
 * @argv:	of main()
 * @options:	result
 *
 * Prints help, version or what is wrong. -e NAME=VALUE goes to the environment at once.
 *
 * Context: start of main(). Return: -1 to go on, or an exit status.
 */
int options_parse(int argc, char **argv, struct options *options);

#endif
