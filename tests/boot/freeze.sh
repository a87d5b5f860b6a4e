#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A frozen LWK does nothing and is not taken for dead; thawed, it goes on where it was.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

counters() {
	ihkosctl "$os" monitor --json | json_number counter
}

test_begin hang_timeout_s=1
os_up "$lwk_cpus"
for n in 1 2 3; do
	say "freeze and thaw, $n"
	ihkosctl "$os" freeze
	expect_status "$os" FROZEN
	frozen=$(counters)
	refuse 'FROZEN' ihkosctl "$os" ping
	refuse 'FROZEN' ihkosctl "$os" freeze
	refuse 'FROZEN' ihkosctl "$os" boot
	# Far beyond the hang timeout: the watchdog must keep quiet.
	refuse 'still FROZEN' ihkosctl "$os" wait HUNGUP,PANIC --timeout 4
	expect_eq "what its CPUs count" "$frozen" "$(counters)"
	ihkosctl "$os" thaw
	expect_status "$os" RUNNING
	ping_all "$os"
done

say "shutdown out of FROZEN"
ihkosctl "$os" freeze
ihkosctl "$os" shutdown
expect_status "$os" INACTIVE
ihkosctl "$os" boot
ping_all "$os"
os_down "$os"
release_all
test_end
