#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boot and orderly shutdown, and whether both kernels and the tools agree on what
# the LWK has. Run on every kind of machine.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# The local APIC mode that Linux is in, as the LWK should find it; from all of the log, of which
# dmesg shows what is new.
linux_apic_mode() {
	dd if=/dev/kmsg of="$scratch/log" bs=8K iflag=nonblock 2> /dev/null || true
	if grep -Eq 'x2apic enabled|APIC routing to:? .*x2apic' "$scratch/log"; then
		echo x2APIC
	else
		echo xAPIC
	fi
}

check_log() {
	local log=$1 cpu node

	expect_match "the LWK's log" "$(linux_apic_mode)" "$log"
	for cpu in $(seq 0 $((ncpus - 1))); do
		expect_match "the LWK's log" "CPU $cpu is Linux CPU $((lwk_first + cpu))," "$log"
	done
	expect_match "the LWK's log" "running on $ncpus CPUs" "$log"
	for node in $nodes; do
		expect_match "the LWK's log" "\(Linux node $node\): 64 MiB granted" "$log"
	done
	expect_no_match "the LWK's log" '^<[0-4]>' "$log"
}

check_json() {
	expect_eq "status" RUNNING "$(ihkosctl "$os" status --json | json_text status)"
	expect_eq "boots" 1 "$(ihkosctl "$os" status --json | json_number boots)"
	ihkosctl "$os" query cpu --json > "$scratch/cpus"
	expect_eq "the LWK's CPUs" "$(seq 0 $((ncpus - 1)))" "$(json_number lwk_cpu < "$scratch/cpus")"
	expect_eq "Linux's names of them" "$(seq "$lwk_first" "$lwk_last")" \
		"$(json_number cpu < "$scratch/cpus")"
	expect_eq "whose they are" "$os" "$(json_number os < "$scratch/cpus" | sort -u)"
	expect_eq "different APIC ids" "$ncpus" "$(json_number apic_id < "$scratch/cpus" | sort -u | wc -l)"
	check_json_memory
}

check_json_memory() {
	local start node nodes_seen=0 total free sum=0

	ihkosctl "$os" query mem --json > "$scratch/mem"
	expect_eq "bytes of memory" $((mem_mib << 20)) "$(json_number size < "$scratch/mem" | sum)"
	json_number start < "$scratch/mem" > "$scratch/starts"
	[ -s "$scratch/starts" ] || fail "no memory has a start"
	for start in $(cat "$scratch/starts"); do
		[ "$start" -gt 0 ] && [ $((start % 4096)) -eq 0 ] || fail "memory starts at $start"
	done
	ihkosctl "$os" query_free_mem --json > "$scratch/free"
	json_rows node total free < "$scratch/free" > "$scratch/rows"
	while read -r node total free; do
		[ "$free" -gt 0 ] && [ "$free" -le "$total" ] ||
			fail "node $node: $free of $total bytes are free"
		nodes_seen=$((nodes_seen + 1))
		sum=$((sum + total))
	done < "$scratch/rows"
	expect_eq "nodes" "$nnodes" "$nodes_seen"
	[ "$sum" -le $((mem_mib << 20)) ] && [ "$sum" -gt $((mem_mib * 3 << 18)) ] ||
		fail "the LWK has $sum bytes"
}

# The default map spreads the LWK's CPUs over what Linux kept; another may be set.
check_ikc_map() {
	local map

	map=$(ihkosctl "$os" get ikc_map)
	expect_match "the IKC map" "^$lwk_first" "$map"
	ihkosctl "$os" set ikc_map "$lwk_cpus:0"
	expect_eq "the IKC map" "$lwk_cpus:0" "$(ihkosctl "$os" get ikc_map)"
	ping_all "$os"
}

test_begin
ncpus=$((lwk_last - lwk_first + 1))
# Memory of node 0 and of each node that has one of its CPUs.
nodes=$({ echo 0; for cpu in $(seq "$lwk_first" "$lwk_last"); do cpu_node "$cpu"; done; } | sort -nu)
nnodes=$(wc -l <<< "$nodes")
mem=$(sed 's/^/64M@/' <<< "$nodes" | paste -sd,)
mem_mib=$((64 * nnodes))

say "boot on CPUs $lwk_cpus with $mem"
os_up "$lwk_cpus" "$mem"
expect_eq "Linux's CPUs" "0-$((lwk_first - 1))" "$(online_cpus | sed 's/^0$/0-0/')"
expect_eq "online file of CPU $lwk_last" 0 \
	"$(cat "/sys/devices/system/cpu/cpu$lwk_last/online")"
log=$(ihkosctl "$os" kmsg)
printf '%s\n' "$log"
check_log "$log"
check_json
check_ikc_map

say "ping in every mode"
for cpu in $(seq 0 $((ncpus - 1))); do
	for mode in irq work poll; do
		ihkosctl "$os" ping --json --cpu "$cpu" --mode "$mode" --count 10 > "$scratch/ping"
		expect_eq "round trips to CPU $cpu, mode $mode" 10 "$(json_number "done" < "$scratch/ping")"
	done
done

# bells: doorbell interrupts that Linux has taken so far.
bells() {
	awk '/ihk/ { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' /proc/interrupts
}

say "shutdown ends a ping"
before=$(bells)
ihkosctl "$os" ping --count 10000000 2> "$scratch/endless" &
pinger=$!
until [ "$(bells)" -gt $((before + 100)) ]; do
	kill -0 "$pinger" || fail "the ping ended: $(cat "$scratch/endless")"
done
ihkosctl "$os" shutdown
! wait "$pinger" || fail "the ping went on"
expect_match "what the ping says" 'error -32' "$(cat "$scratch/endless")"
expect_status "$os" INACTIVE
expect_kmsg "$os" 'shutdown|stopp'
expect_eq "Linux's CPUs" "0-$((lwk_first - 1))" "$(online_cpus | sed 's/^0$/0-0/')"
os_down "$os"
release_all
test_end
