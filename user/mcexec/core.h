/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core files. Linux writes that of the proxy, by core_pattern and all of its other rules; before,
 * the proxy is given the program's mappings, and nothing of its own is to be in there. The
 * registers are mcctrl's business.
 */
#ifndef MCEXEC_CORE_H
#define MCEXEC_CORE_H

#include "user/mcexec/image.h"
#include "user/mcexec/twin.h"

/**
 * core_setup() - what files the program is made of
 * @image:	loaded, its files still open
 *
 * Context: main thread.
 */
void core_setup(const struct image *image);

/**
 * core_prepare() - before the proxy dies of a signal
 * @setup:	of the calling twin
 * @args:	of OFFLOAD_NR_DIE
 *
 * If a core file cannot be that of the program there is none.
 *
 * Context: a twin; the program's threads stand still, or others go on with its memory.
 */
void core_prepare(const struct twin_setup *setup, const u64 *args);

#endif
