// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine checks: Intel SDM 3, chapter 16; AMD APM 2, chapter 9.
 *
 * Intel's processors tell all CPUs of one that an instruction of one of them met; those that
 * have no part in it go on. What remains in the banks is for Linux to read, which knows them all.
 */
#include <trap.h>

#include "lwk/include/core/kmsg.h"
#include "x86.h"

#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MC0_STATUS 0x401
#define MSRS_OF_BANK 4

#define MCG_CAP_NBANKS 0xffU
#define MCG_CAP_SER (1ULL << 24) /* banks say what software has to do */
#define MCG_STATUS_RIPV (1ULL << 0) /* the interrupted code may go on */

#define MCI_VALID (1ULL << 63)
#define MCI_UNCORRECTED (1ULL << 61)
#define MCI_ENABLED (1ULL << 60)
#define MCI_CONTEXT_CORRUPT (1ULL << 57)
#define MCI_ACTION_REQUIRED (1ULL << 55)

/* Has the error in a bank, if there is one, to be borne by who reads it? */
static bool is_fatal(u64 status, bool recovery)
{
	const u64 error = MCI_VALID | MCI_UNCORRECTED | MCI_ENABLED;

	if ((status & error) != error)
		return false;
	return !recovery || (status & (MCI_CONTEXT_CORRUPT | MCI_ACTION_REQUIRED));
}

bool machine_check_passes(void)
{
	u64 cap = x86_rdmsr(MSR_MCG_CAP);
	u64 global = x86_rdmsr(MSR_MCG_STATUS);
	bool passes = global & MCG_STATUS_RIPV;
	u64 status;

	for (u32 bank = 0; bank < (cap & MCG_CAP_NBANKS); bank++) {
		status = x86_rdmsr(MSR_MC0_STATUS + bank * MSRS_OF_BANK);
		if (status & MCI_VALID)
			log_warn("trap: machine check: bank %u says %llx", bank, status);
		passes &= !is_fatal(status, cap & MCG_CAP_SER);
	}
	log_warn("trap: machine check, MCG_STATUS %llx", global);
	/* The next one would reset the machine if this one were still in progress. */
	x86_wrmsr(MSR_MCG_STATUS, 0);
	return passes;
}
