/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the LWK is that rows run on.
 */
#ifndef APPS_LWK_H
#define APPS_LWK_H

#include <stdbool.h>

/**
 * lwk_is_well() - does it run, and do its CPUs answer?
 * @closely: ask every CPU, which takes a while
 *
 * Return: if not, its status and the end of its log have been printed.
 */
bool lwk_is_well(bool closely);

/**
 * lwk_count_processes() - how many processes has it had?
 *
 * Return: as many as since it booted, 0 before the first one, and if it cannot be asked.
 */
unsigned long long lwk_count_processes(void);

/** lwk_show_log() - print the end of its log. */
void lwk_show_log(void);

#endif
