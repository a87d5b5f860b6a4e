#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line of ihkconfig and ihkosctl: every query as JSON in every state of an
# instance, help for every action, and what is said about wrong command lines; output of all tools
# that is lost.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir "$scratch/json"
documents=0

# valid COMMAND...: it prints one JSON document; expect_valid has a look at all of them.
valid() {
	documents=$((documents + 1))
	"$@" > "$scratch/json/$documents: $*"
}

expect_valid() {
	expect_eq "documents that are valid" "$documents" "$(python3 - "$scratch"/json/* << 'END'
import json, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as document:
        try:
            json.load(document)
        except ValueError as err:
            sys.exit(f"{name}: {err}")
print(len(sys.argv) - 1)
END
	)"
}

# Queries that work in every state.
valid_queries() {
	local words

	for words in "query cpu" "query mem" "get os_instances" "get buildid"; do
		# shellcheck disable=SC2086
		valid ihkconfig 0 --json $words
	done
	for words in "query cpu" "query mem" "get ikc_map" "get kargs" "get status" status \
		"get buildid"; do
		# shellcheck disable=SC2086
		valid ihkosctl 0 $words --json
	done
}

# wrong SENTENCE COMMAND...: exit status 2 and exactly that sentence.
wrong() {
	local sentence=$1 status=0 said

	shift
	said=$("$@" 2>&1) || status=$?
	expect_eq "exit status of: $*" 2 "$status"
	expect_eq "message of: $*" "$1: $sentence" "$said"
}

# lost STATUS TOOL WORD...: on a full disk and in a pipe that nobody reads it ends so, with one
# sentence.
lost() {
	local wanted=$1 status

	shift
	status=0
	"$@" > /dev/full 2> "$scratch/err" || status=$?
	expect_eq "status at a full disk: $*" "$wanted" "$status"
	expect_eq "what it says" "$1: cannot write the output: No space left on device" \
		"$(cat "$scratch/err")"
	status=0
	"$@" >&8 2> "$scratch/err" || status=$?
	expect_eq "status at a closed pipe: $*" "$wanted" "$status"
	expect_eq "what it says" "$1: cannot write the output: Broken pipe" "$(cat "$scratch/err")"
}

# Each action that --help lists has help of its own.
check_help() {
	local tool=$1 words

	"$tool" --help | sed -n '/^Actions:/,/^$/s/^  \([a-z_]*\( [a-z_]*\)\{0,1\}\) .*/\1/p' \
		> "$scratch/actions"
	[ "$(wc -l < "$scratch/actions")" -ge 10 ] || fail "$tool lists too few actions"
	while read -r words; do
		# shellcheck disable=SC2086
		expect_match "help" "^Usage: $tool [A-Z]* $words " "$("$tool" 0 $words --help)"
	done < "$scratch/actions"
}

test_begin
say "help and wrong command lines"
check_help ihkconfig
check_help ihkosctl
wrong 'an action is missing; see ihkconfig --help' ihkconfig 0
wrong 'bad DEVICE "x": expected a number at "x"' ihkconfig x create
wrong 'unknown action "reserve cpus": did you mean "reserve cpu"? See ihkconfig --help' \
	ihkconfig 0 reserve cpus 1
wrong 'unknown action "statsu": did you mean "status"? See ihkosctl --help' ihkosctl 0 statsu
wrong 'unknown action "frobnicate": see ihkosctl --help' ihkosctl 0 frobnicate
wrong '"reserve cpu" needs LIST; see ihkconfig 0 reserve cpu --help' ihkconfig 0 reserve cpu
wrong '"create": unexpected argument "1"' ihkconfig 0 create 1
wrong '"boot" prints no JSON' ihkosctl 0 boot --json
wrong 'bad CPU list "1,x": expected a number at "x"' ihkconfig 0 reserve cpu 1,x
wrong 'bad CPU list "3-1": range runs backwards at "3-1"' ihkconfig 0 reserve cpu 3-1
wrong 'bad memory list "64M@": expected a number at its end' ihkconfig 0 reserve mem 64M@
wrong 'bad memory list "100": size is no multiple of 4K at "100"' ihkconfig 0 reserve mem 100
wrong "bad IKC map \"2\": expected ':' and a Linux CPU at its end" ihkosctl 0 set ikc_map 2
wrong 'bad mode "x": one of irq, work, poll' ihkosctl 0 ping --mode x
wrong 'bad count "0": at least 1' ihkosctl 0 ping --count 0
wrong 'bad timeout "0": at least 1' ihkosctl 0 ping --timeout 0
wrong 'bad timeout "0": at least 1' ihkconfig 0 reserve mem --timeout 0 64M
wrong 'bad max-percent "0": at least 1' ihkconfig 0 reserve mem --max-percent 0 ALL
wrong 'there is no test "x"' ihkosctl 0 test x
wrong 'there is no status "x"' ihkosctl 0 wait x
expect_nothing_reserved

say "output that is lost"
closed_pipe
for tool in ihkconfig ihkosctl ihkmond mcreboot mcstop; do
	lost 1 "$tool" --help
	lost 1 "$tool" --version
done
lost 125 mcexec --help
lost 125 mcexec --version

say "JSON in every state"
valid ihkconfig 0 --json create
valid_queries
refuse 'has no log' ihkosctl 0 --json kmsg
ihkconfig 0 destroy 0
os_new "$lwk_cpus" "$OS_MEM@$lwk_node" 'test_hooks "quoted"\back'
valid_queries
expect_eq "kernel arguments" 'test_hooks "quoted"\back' "$(ihkosctl 0 --json get kargs | json '["kargs"]')"
ihkosctl 0 boot
valid_queries
for words in kmsg monitor query_free_mem "ping --count 3" "ping --mode work" "test leak-check"; do
	# shellcheck disable=SC2086
	valid ihkosctl 0 --json $words
done
lost 1 ihkosctl 0 kmsg
lost 1 ihkosctl 0 kmsg --follow
lost 1 ihkosctl 0 --json monitor
lost 1 ihkconfig 0 query cpu --all
ihkosctl 0 freeze
valid_queries
valid ihkosctl 0 --json monitor
ihkosctl 0 thaw
ihkosctl 0 test panic --no-wait
os_wait 0 PANIC
valid_queries
valid ihkosctl 0 --json kmsg
expect_match "the reason" . "$(ihkosctl 0 --json status | json_text reason)"
ihkosctl 0 shutdown
valid_queries

say "waiting"
expect_eq "exit status of wait" 0 "$(ihkosctl 0 wait INACTIVE,PANIC; echo $?)"
refuse 'OS instance 0 is still INACTIVE, not RUNNING, after 0 s' \
	ihkosctl 0 wait RUNNING --timeout 0
ihkosctl 0 wait RUNNING --timeout "$WAIT_S" > "$scratch/wait" 2>&1 &
waiter=$!
ihkosctl 0 boot
wait "$waiter" || fail "RUNNING was missed: $(cat "$scratch/wait")"
# One that waits for ever ends with the instance.
ihkosctl 0 shutdown
ihkosctl 0 wait FROZEN > "$scratch/wait" 2>&1 &
waiter=$!
ihkconfig 0 destroy 0
status=0
wait "$waiter" || status=$?
expect_eq "exit status of wait" 1 "$status"
# It may have come too late to see the instance at all.
expect_match "message of wait" 'OS instance 0.*(destroyed|there is no)|there is no OS instance 0' \
	"$(cat "$scratch/wait")"

say "$documents documents"
expect_valid
release_all
test_end
