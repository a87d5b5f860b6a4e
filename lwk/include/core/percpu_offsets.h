/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offsets into struct percpu for assembly and for headers that come before it;
 * asserted in lwk/include/core/percpu.h.
 */
#ifndef LWK_CORE_PERCPU_OFFSETS_H
#define LWK_CORE_PERCPU_OFFSETS_H

#define PERCPU_SELF 0
#define PERCPU_ID 8
#define PERCPU_STACK 16
#define PERCPU_SLOT_VA 24
#define PERCPU_ENTRY_STACK 32
#define PERCPU_USER_SP 40

#endif
