/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What victim.c shows to those who watch it.
 */
#ifndef TESTS_VICTIM_H
#define TESTS_VICTIM_H

/** VICTIM_FILE - name of the memory file that it maps */
#define VICTIM_FILE "victim"

/** enum revoke_phase - what "victim revoke" does, in the file's first word */
enum revoke_phase {
	REVOKE_READS = 1,
	REVOKE_COMPUTES,
	REVOKE_UNMAPS,
};

#endif
