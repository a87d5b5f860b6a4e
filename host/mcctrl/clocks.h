/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where Linux's time pages have its clocks.
 */
#ifndef MCCTRL_CLOCKS_H
#define MCCTRL_CLOCKS_H

struct program_clocks;

/** clocks_describe() - for the LWK, which reads them as the vDSO does. Context: any. */
void clocks_describe(struct program_clocks *clocks);

#endif
