# SPDX-License-Identifier: GPL-2.0-only
#
# Compiler flags of both modules, included by their Kbuild files.

# What -Wextra has that Linux's own headers are not clean of is off, as with W=1.
ccflags-y := -I$(TOP) -I$(TOP)/host -I$(BUILD)/gen -Wall -Wextra -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Werror -Wno-unused-parameter -Wno-type-limits \
	-Wno-sign-compare -Wno-missing-field-initializers -Wno-shift-negative-value

asflags-y := -I$(TOP)
