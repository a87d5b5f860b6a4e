#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# libihk: a life of an instance by the functions by number, and threads on one handle.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

test_begin
"$programs/ihklib" "$lwk_cpus" "$lwk_node" "$image"
test_end
