/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that glibc's start-up code calls; see crt.c.
 */
#ifndef MCEXEC_CRT_H
#define MCEXEC_CRT_H

/** _dl_relocate_static_pie() - does nothing: mcexec is where it was linked to be. */
void _dl_relocate_static_pie(void);

/** __pthread_initialize_minimal() - does nothing: glibc has no use for it since 2.34. */
void __pthread_initialize_minimal(void);

#endif
