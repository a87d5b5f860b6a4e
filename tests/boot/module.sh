#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module cannot be removed under an LWK that runs; when it is removed, what was
# reserved goes back to Linux.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

test_begin
say "rmmod while an LWK runs, whose devices nobody has open"
os_up "$lwk_cpus"
refuse 'in use|busy' rmmod ihk
ping_all "$os"
ihkosctl "$os" test panic --no-wait
os_wait "$os" PANIC
refuse 'in use|busy' rmmod ihk
ihkosctl "$os" shutdown

say "rmmod with a stopped instance, its CPUs and its memory"
rmmod ihk
leak_check

say "rmmod with mere reservations"
ihk_load
ihkconfig 0 reserve cpu "$lwk_cpus"
ihkconfig 0 reserve mem "$OS_MEM@$lwk_node"
rmmod ihk
leak_check

say "rmmod while a device is open"
ihk_load
exec 3< /dev/mcd0
refuse 'in use|busy' rmmod ihk
exec 3<&-

say "load and unload"
for _ in 1 2 3 4 5; do
	rmmod ihk
	ihk_load
done
refuse 'File exists' insmod "$MCK_MODDIR/ihk.ko"
rmmod ihk
refuse 'Invalid|Unknown' insmod "$MCK_MODDIR/ihk.ko" hang_timeout_s=-1
ihk_load
test_end
