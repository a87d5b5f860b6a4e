/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts of /proc/PID for the program, put together from what the LWK says of the process and
 * what Linux says of its proxy. Pure functions; the texts are cut into lines on the way.
 */
#ifndef MCEXEC_PROC_TEXT_H
#define MCEXEC_PROC_TEXT_H

#include <stdio.h>

#include "abi/types.h"

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
