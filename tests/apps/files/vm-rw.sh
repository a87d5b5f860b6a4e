#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-rw.sh RUN-A RUN-B: a program started by RUN-B copies from and to one started by RUN-A.
set -eu
mkfifo in out
# shellcheck disable=SC2086
$1 mm_vm_rw target < in > out &
exec 3> in
read -r pid address < out
# shellcheck disable=SC2086
$2 mm_vm_rw reach "$pid" "$address"
exec 3>&-
wait $!
rm in out
