# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the boot tests share; they source this file first. Runs inside the sandbox.
#
#   . "$(dirname "$0")/lib.sh"
#   test_begin [MODULE-PARAMETER...]	remember what Linux has, load ihk
#   ...
#   test_end				unload ihk, check that Linux has it all again
#
# A command that fails ends the test; then everything that helps to understand it is
# printed, and the partition is taken down by force, so that the tests that follow
# in the same machine start clean. Nothing here waits by time: WAIT_S is but the net
# below events that never come.

set -Eeuo pipefail
shopt -s inherit_errexit

test_name=$(basename "$0" .sh)${1:+-$1}
tree=${MCK_TREE:?source the profile of the sandbox}
image=$MCK_LWK/mckernel.img
programs=$MCK_COPY/tests
modules=$tree/build/tests/$MCK_KERNEL
scratch=$(mktemp -d "/tmp/$test_name.XXXXXX")

# As the tools, they start from memory.
# shellcheck source=sandbox/guest/copy.sh
. "$tree/sandbox/guest/copy.sh"
mapfile -t built < <(find "$tree/build/tests" -maxdepth 1 -type f)
copy_new "$programs" "${built[@]}"

WAIT_S=${WAIT_S:-120}
# Memory of one LWK unless a test needs more, on the last node.
OS_MEM=${OS_MEM:-64M}
# What Linux may lack after a test, in KiB; the smallest piece that is ever reserved is
# 4 MiB. Two looks at a Linux that has loaded and removed the modules differ by up to 700 KiB.
MEM_DRIFT_KIB=1000

# Linux's own ways of saying that it was harmed.
bad_log='WARNING:|BUG:|Oops|Call Trace|general protection|soft lockup|hung task'
bad_log+='|blocked for more than|self-detected stall|detected stalls|nobody cared'
bad_log+='|No irq handler|list_(add|del) corruption|[Bb]ad page|refcount_t:'
bad_log+='|unchecked MSR|scheduling while atomic|APIC error|UBSAN|invalid opcode'

say() {
	echo "== $*"
}

fail() {
	echo "FAIL $test_name: $*" >&2
	exit 1
}

# expect_eq WHAT WANTED GOT
expect_eq() {
	[ "$2" = "$3" ] || fail "$1 is '$3', not '$2'"
}

# expect_match WHAT REGEX TEXT: some line of TEXT matches.
expect_match() {
	grep -Eq -- "$2" <<< "$3" || {
		printf '%s\n' "--- $1" "$3" "---" >&2
		fail "$1: nothing matches /$2/"
	}
}

# expect_no_match WHAT REGEX TEXT
expect_no_match() {
	if grep -E -m 5 -- "$2" <<< "$3" >&2; then
		fail "$1: the lines above match /$2/"
	fi
}

# refuse REGEX COMMAND...: it fails in an orderly way, with one sentence that matches.
refuse() {
	local pattern=$1 status=0

	shift
	"$@" > "$scratch/refused" 2>&1 || status=$?
	echo "   \$ $* => $status: $(cat "$scratch/refused")"
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ] || fail "status $status of: $*"
	grep -Eqi -- "$pattern" "$scratch/refused" || fail "no /$pattern/ from: $*"
	[ "$(wc -l < "$scratch/refused")" -le 2 ] || fail "more than a sentence from: $*"
}

# closed_pipe: descriptor 8 is a pipe that nobody reads.
closed_pipe() {
	mkfifo "$scratch/closed"
	exec 9<> "$scratch/closed"
	exec 8> "$scratch/closed" 9<&-
}

#
# Linux: CPUs, memory, log
#

# cpu_list N...: "1,2,3"
cpu_list() {
	local IFS=,

	echo "$*"
}

online_cpus() {
	cat /sys/devices/system/cpu/online
}

cpu_node() {
	local dir

	for dir in "/sys/devices/system/cpu/cpu$1"/node[0-9]*; do
		echo "${dir##*node}"
	done
}

# meminfo FIELD: KiB
meminfo() {
	awk -v field="$1:" '$1 == field { print $2 }' /proc/meminfo
}

# Memory that Linux has no use for and does not count as free either, in KiB: what
# an alloc_pages() without a matching free takes away. Pages on the CPUs' own free
# lists ("count:" in zoneinfo) are free. CPUs count for themselves for a while, half a
# MiB each: nothing is run between adding that up and looking.
missing_kib() {
	awk 'BEGIN {
		refresh = "/proc/sys/vm/stat_refresh"
		print 1 > refresh
		close(refresh)
		counted = "^(MemFree|Buffers|Cached|SwapCached|AnonPages|Slab|KernelStack|" \
			"PageTables|SecPageTables|Percpu|VmallocUsed):$"
		while ((getline < "/proc/meminfo") > 0)
			kib += $1 == "MemTotal:" ? $2 : $1 ~ counted ? -$2 : 0
		while ((getline < "/proc/zoneinfo") > 0)
			kib -= $1 == "count:" ? 4 * $2 : 0
		print kib
	}'
}

# Bring caches into a state that can be compared.
settle_memory() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	echo 1 > /proc/sys/vm/compact_memory
}

# log_mark: lines from here on are this test's. The console has them all.
log_mark() {
	dmesg --clear
}

# Linux's log since log_mark.
log_since() {
	dmesg
}

expect_log() {
	expect_match "Linux's log" "$1" "$(log_since)"
}

expect_log_clean() {
	expect_no_match "Linux's log" "$bad_log" "$(log_since)"
}

linux_snapshot() {
	settle_memory
	linux_cpus=$(online_cpus)
	linux_irqs=$(wc -l < /proc/interrupts)
	linux_missing=$(missing_kib)
	say "memory of Linux's: $(memory_use)"
	linux_total=$(meminfo MemTotal)
	linux_iomem=$(sha256sum < /proc/iomem)
}

# What Linux has memory for, in KiB: two looks tell which of it has grown.
memory_use() {
	awk '/^(AnonPages|Shmem|Slab|KernelStack|PageTables|Percpu|VmallocUsed):/ {
		printf "%s %s ", $1, $2
	}' /proc/meminfo
}

# memory_is_back BEFORE MOST: Linux misses at most MOST KiB more than BEFORE, a missing_kib.
memory_is_back() {
	local drift

	settle_memory
	drift=$(($(missing_kib) - $1))
	say "memory that Linux misses: $drift KiB; $(memory_use)"
	[ "$drift" -le "$2" ]
}

# expect_memory_back BEFORE [MOST]: Linux frees much of its own later, from worker threads and
# behind grace periods, and compaction holds free pages while it runs: a leak is what does not
# come back.
expect_memory_back() {
	until_true memory_is_back "$1" "${2:-$MEM_DRIFT_KIB}"
}

# Everything as at the snapshot. Ends the test otherwise.
leak_check() {
	expect_eq "the set of online CPUs" "$linux_cpus" "$(online_cpus)"
	expect_eq "the number of lines of /proc/interrupts" "$linux_irqs" \
		"$(wc -l < /proc/interrupts)"
	expect_eq "MemTotal" "$linux_total" "$(meminfo MemTotal)"
	expect_eq "/proc/iomem" "$linux_iomem" "$(sha256sum < /proc/iomem)"
	expect_memory_back "$linux_missing"
	[ -z "$(ls -d /dev/mcd* /dev/mcos* /sys/class/ihk 2>/dev/null)" ] ||
		fail "device nodes are left"
	expect_log_clean
}

#
# The module
#

ihk_load() {
	insmod "$MCK_MODDIR/ihk.ko" "$@"
}

ihk_loaded() {
	[ -d /sys/module/ihk ]
}

# mcreboot loads it, mcstop removes it; one that booted otherwise does neither. Programs use it a
# little longer than they run.
mcctrl_unload() {
	if [ -d /sys/module/mcctrl ]; then
		until_true no_proxies
		rmmod mcctrl
	fi
}

# Nothing reserved, no instances, nobody uses the module.
expect_nothing_reserved() {
	expect_eq "reserved CPUs" "" "$(ihkconfig 0 query cpu --all)"
	expect_eq "reserved memory" "" "$(ihkconfig 0 query mem --all)"
	expect_eq "instances" "" "$(ihkconfig 0 get os_instances)"
	expect_eq "references to the module" 0 "$(cat /sys/module/ihk/refcnt)"
}

test_begin() {
	trap test_exit EXIT
	trap 'failed_at=$BASH_SOURCE:$LINENO' ERR
	if ihk_loaded; then
		say "ihk is loaded from before: taking it down"
		take_down
	fi
	log_mark
	linux_snapshot
	ihk_load "$@"
}

test_end() {
	mcctrl_unload
	expect_nothing_reserved
	rmmod ihk
	leak_check
	test_passed=yes
}

test_exit() {
	local status=$?

	if [ "${test_passed:-no}" != yes ]; then
		set +e
		diagnose "$status" >&2
		take_down > /dev/null 2>&1
		status=1
	fi
	rm -rf "$scratch"
	trap - EXIT
	exit "$status"
}

# What one wants to see of a test that failed.
diagnose() {
	local os

	echo "FAIL $test_name: ended with status $1${failed_at:+ at $failed_at}"
	if ihk_loaded; then
		for os in $(instances); do
			echo "--- instance $os"
			ihkosctl "$os" status
			ihkosctl "$os" kmsg | tail -n 40
		done
	fi
	echo "--- Linux's log"
	log_since | tail -n 60
}

instances() {
	ihkconfig 0 get os_instances | tr , ' '
}

# By force and without asking whether it works.
take_down() {
	local os

	set +e
	for os in $(instances); do
		ihkosctl "$os" shutdown
		ihkconfig 0 destroy "$os"
	done
	ihkconfig 0 release mem all
	ihkconfig 0 release cpu all
	[ ! -d /sys/module/mcctrl ] || rmmod mcctrl
	rmmod ihk
	set -e
}

#
# Instances
#

# The upper half of the online CPUs, which is what LWKs get: first and last of them.
cpus_count=$(getconf _NPROCESSORS_ONLN)
lwk_first=$((cpus_count / 2))
lwk_last=$((cpus_count - 1))
lwk_cpus=$lwk_first-$lwk_last
[ "$lwk_first" -ne "$lwk_last" ] || lwk_cpus=$lwk_first
lwk_node=$(cpu_node "$lwk_last")

# os_new CPUS [MEM@NODE [KARGS]]: reserve, create, assign, load. Sets $os.
os_new() {
	local cpus=$1 mem=${2:-$OS_MEM@$lwk_node} kargs=${3-test_hooks}

	ihkconfig 0 reserve cpu "$cpus"
	ihkconfig 0 reserve mem "$mem"
	os=$(ihkconfig 0 create)
	ihkosctl "$os" assign cpu "$cpus"
	ihkosctl "$os" assign mem "$mem"
	ihkosctl "$os" load "$image"
	[ -z "$kargs" ] || ihkosctl "$os" kargs "$kargs"
}

# os_up CPUS [MEM@NODE [KARGS]]: the same, and boot.
os_up() {
	os_new "$@"
	ihkosctl "$os" boot
	expect_status "$os" RUNNING
}

# os_down OS...: destroy; an LWK that runs, or ran until it died, is stopped first.
os_down() {
	local one

	for one in "$@"; do
		if [ "$(os_status "$one")" != INACTIVE ]; then
			ihkosctl "$one" shutdown
		fi
		expect_status "$one" INACTIVE
		ihkconfig 0 destroy "$one"
	done
}

release_all() {
	ihkconfig 0 release mem all
	ihkconfig 0 release cpu all
}

os_status() {
	ihkosctl "$1" get status
}

expect_status() {
	expect_eq "the status of instance $1" "$2" "$(os_status "$1")"
}

# os_wait OS STATUS: sleep until it comes.
os_wait() {
	ihkosctl "$1" wait "$2" --timeout "$WAIT_S" ||
		fail "instance $1 is $(os_status "$1"), $2 did not come"
}

os_reason() {
	ihkosctl "$1" status --json | json_text reason
}

# Our tools print JSON a value a line, which tools-json checks to be JSON. So sed can pick
# from it what Python would take a second for to start.

# json_number NAME: the number of that name in a document on standard input; of an array of
# objects, all of them, a line each.
json_number() {
	sed -n "s/^ *\"$1\": \(-\{0,1\}[0-9]*\),\{0,1\}\$/\1/p"
}

# json_text NAME: the same of a text without control characters.
json_text() {
	sed -n "/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/ { s//\1/; s/\\\\\([\"\\\\]\)/\1/g; p }"
}

# json_items: the numbers of an array of numbers, a line each.
json_items() {
	sed -n 's/^ *\([0-9][0-9]*\),\{0,1\}$/\1/p'
}

# json_rows NAME...: of each object of an array the numbers of these names, a line for each.
json_rows() {
	awk -v names="$*" '
		BEGIN { n = split(names, name) }
		/^ *"[a-z_]*": / {
			gsub(/[":,]/, "")
			value[$1] = $2
		}
		/^ *}/ {
			for (i = 1; i <= n; i++)
				printf "%s%s", value[name[i]], i < n ? " " : "\n"
			split("", value)
		}'
}

# sum: of the numbers on standard input.
sum() {
	local number total=0

	while read -r number; do
		total=$((total + number))
	done
	echo "$total"
}

# json SUBSCRIPT: an item of any JSON document on standard input.
json() {
	python3 -c "import json, sys; print(json.load(sys.stdin)$1)"
}

os_ncpus() {
	ihkosctl "$1" status --json | json_number ncpus
}

# os_mem OS: bytes.
os_mem() {
	ihkosctl "$1" status --json | json_number mem
}

# ping_all OS [COUNT]: every CPU of it, by interrupts and by threads.
ping_all() {
	local cpu mode ncpus

	ncpus=$(os_ncpus "$1")
	for cpu in $(seq 0 $((ncpus - 1))); do
		for mode in irq work; do
			ihkosctl "$1" ping --cpu "$cpu" --mode "$mode" --count "${2:-10}"
		done
	done > "$scratch/ping" || {
		cat "$scratch/ping" >&2
		fail "instance $1 does not answer pings"
	}
}

expect_kmsg() {
	expect_match "the log of instance $1" "$2" "$(ihkosctl "$1" kmsg)"
}

# reboot_and_give_back OS: what must still be possible after whatever happened to it.
reboot_and_give_back() {
	ihkosctl "$1" shutdown
	expect_status "$1" INACTIVE
	ihkosctl "$1" boot
	ping_all "$1"
	os_down "$1"
	release_all
}

#
# Programs on the LWK
#

mcctrl_uses() {
	cat /sys/module/mcctrl/refcnt
}

# until_true COMMAND...: look again and again; there is no event to wait for.
until_true() {
	local deadline=$((SECONDS + WAIT_S))

	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || fail "did not come: $*"
		sleep 0.02
	done
}

# uses_at_most N: no more than when as few programs ran. What the others had on the LWK is free then.
uses_at_most() {
	[ "$(mcctrl_uses)" -le "$1" ]
}

no_proxies() {
	uses_at_most 0
}

# lwk_objects OS: live small objects and pages in use.
lwk_objects() {
	ihkosctl "$1" test --json leak-check | tr -d '[],\n' | awk '{ print $1, $2 }'
}

# programs_up [CPUS [MEM@NODE]]: an LWK that can run programs, and what it has while
# none runs: channels are made for the first one.
programs_up() {
	os_up "${1:-$lwk_cpus}" "${2:-$OS_MEM@$lwk_node}" "${3-test_hooks}"
	mcctrl_load
	mcexec "$os" "$programs/victim" exit 0
	mcexec "$os" /bin/true
	until_true no_proxies
	lwk_objects "$os" > /dev/null
	lwk_before=$(lwk_objects "$os")
}

mcctrl_load() {
	[ -d /sys/module/mcctrl ] || insmod "$MCK_MODDIR/mcctrl.ko"
}

# mcexec_refuses REGEX WORD...: mcexec with these options says so in a line, and runs nothing.
mcexec_refuses() {
	local pattern=$1 status=0

	shift
	mcexec "$@" "$os" /bin/true 2> "$scratch/refused" || status=$?
	expect_eq "the status of mcexec $*" 125 "$status"
	expect_match "what mcexec $* says" "$pattern" "$(cat "$scratch/refused")"
	expect_eq "lines of mcexec $*" 1 "$(wc -l < "$scratch/refused")"
}

# Pages of the LWK that may be in use beyond what was before: small objects that live lie on
# more pages, after programs ran side by side. Many leaks still add up to more.
LWK_PAGES_SLACK=8

# Neither kernel has anything left of the programs that ran.
expect_no_programs() {
	local now

	until_true no_proxies
	now=$(lwk_objects "$os")
	expect_eq "live objects of LWK $os" "${lwk_before% *}" "${now% *}"
	[ "${now#* }" -le $((${lwk_before#* } + LWK_PAGES_SLACK)) ] ||
		fail "LWK $os has ${now#* } pages in use, not ${lwk_before#* }"
	expect_status "$os" RUNNING
	expect_log_clean
}

programs_down() {
	os_down "$os"
	mcctrl_unload
	release_all
}

# victim_start MODE [NUMBER]: in the background, "ready"; sets $victim. Its input is a
# pipe whose other end this shell has. The words of victim_as run it.
victim_as=()
victim_start() {
	rm -f "$scratch/in" "$scratch/out"
	mkfifo "$scratch/in" "$scratch/out"
	"${victim_as[@]}" mcexec "$os" "$programs/victim" "$@" \
		< "$scratch/in" > "$scratch/out" &
	victim=$!
	exec 8> "$scratch/in" 9< "$scratch/out"
	read -r -u 9 -t "$WAIT_S" word || fail "victim $1 is not ready"
	expect_eq "the word of victim $1" ready "$word"
}

# victim_status: sets $status.
victim_wait() {
	status=0
	wait "$victim" || status=$?
	exec 8>&- 9<&-
}

# victim_ends_well: one that reads gets what it waits for.
victim_ends_well() {
	echo >&8
	exec 8>&-
	victim_wait
	expect_eq "status of the one that waited for its input" 0 "$status"
}

# in_call NUMBER: is the victim's proxy inside this system call?
in_call() {
	[ "$(cut -d ' ' -f 1 "/proc/$victim/syscall")" = "$1" ]
}

# goes_under_readers DIR COMMAND...: the command takes it away while all its files are read again and
# again.
goes_under_readers() {
	local dir=$1 reader

	shift
	while [ -d "$dir" ]; do
		grep -rhs . "$dir" > "$scratch/read" || true
	done &
	reader=$!
	until_true test -s "$scratch/read"
	"$@"
	wait "$reader"
	[ ! -e "$dir" ] || fail "$dir is still there"
}

# Does the victim wait on the LWK? It looks for an answer for a while before it does.
sleeps() {
	grep -q '^State:[[:space:]]*S ' "/proc/mcos$os/$victim/status"
}
