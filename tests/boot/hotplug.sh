#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Linux takes CPUs of its own offline and online under an LWK, also the one that serves
# its channels: the doorbells move, no round trip is lost.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

server=$((lwk_first - 1))

# toggle CPU TIMES
toggle() {
	for _ in $(seq "$2"); do
		echo 0 > "/sys/devices/system/cpu/cpu$1/online"
		echo 1 > "/sys/devices/system/cpu/cpu$1/online"
	done
}

# expect_pings MODE: a long run of them survives the server's comings and goings.
expect_pings() {
	local count=3000

	say "pings ($1) while CPU $server comes and goes"
	ihkosctl "$os" ping --json --mode "$1" --count "$count" > "$scratch/pings" &
	pinger=$!
	toggle "$server" 5
	wait "$pinger" || fail "pings were lost: $(cat "$scratch/pings")"
	expect_eq "round trips" "$count" "$(json_number "done" < "$scratch/pings")"
}

[ "$server" -gt 0 ] || fail "needs two CPUs for Linux"
test_begin
os_up "$lwk_cpus"
ihkosctl "$os" set ikc_map "$lwk_cpus:$server"
expect_pings irq
expect_pings work

say "the server stays offline: another serves"
ihkosctl "$os" set ikc_map "$lwk_cpus:$server"
echo 0 > "/sys/devices/system/cpu/cpu$server/online"
ping_all "$os"
refuse 'offline|online' ihkosctl "$os" set ikc_map "$lwk_cpus:$server"
ihkosctl "$os" test log-flood 10
expect_status "$os" RUNNING
echo 1 > "/sys/devices/system/cpu/cpu$server/online"
ping_all "$os"

say "boot and shutdown while it comes and goes"
toggle "$server" 10 &
toggler=$!
for _ in 1 2 3 4 5; do
	ihkosctl "$os" shutdown
	ihkosctl "$os" boot
	ping_all "$os" 3
done
wait "$toggler"

say "affinity of the doorbells"
for irq in $(awk -F: '/ihk/ { print $1 + 0 }' /proc/interrupts); do
	for mask in 1 2 3; do
		# Linux may refuse; what counts is that no bell is lost.
		{ echo "$mask" > "/proc/irq/$irq/smp_affinity"; } 2> /dev/null || true
		ping_all "$os" 3
	done
done
os_down "$os"
release_all
test_end
