#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory is taken from the node that was named, in few pieces, all or none, and the
# books are right after every step: what Linux lacks is what the query says.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

nodes=$(seq 0 $(($(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' | wc -l) - 1)))
MIB=$((1024 * 1024))

# What there is, to $scratch/mem. (A failure inside of <() would end nothing.)
query_mem() {
	ihkconfig 0 query mem --all --json > "$scratch/mem"
	[ -s "$scratch/mem" ] || fail "the query of memory says nothing"
}

# sum_mem NODE [OS]: reserved bytes of a node, -1 for all; OS as in the query, "" for all.
sum_mem() {
	local size node os total=0

	query_mem
	json_rows size node os < "$scratch/mem" > "$scratch/rows"
	while read -r size node os; do
		if [[ $1 =~ ^(-1|$node)$ && ${2:-$os} = "$os" ]]; then
			total=$((total + size))
		fi
	done < "$scratch/rows"
	echo "$total"
}

pieces() {
	query_mem
	json_number size < "$scratch/mem" | wc -l
}

# Pieces of a node that are not page-aligned, overlap or are in a row though they touch.
bad_pieces() {
	local start size owner end=0 last=

	query_mem
	json_rows start size node os < "$scratch/mem" | sort -n > "$scratch/rows"
	while read -r start size owner; do
		if [ $((start % 4096 + size % 4096)) -ne 0 ] || [ "$start" -lt "$end" ] ||
			[ "$start $owner" = "$end $last" ]; then
			echo "$start+$size of $owner"
		fi
		end=$((start + size))
		last=$owner
	done < "$scratch/rows"
}

free_kib() {
	awk -v node="$1" '/MemFree/ { print $4 }' "/sys/devices/system/node/node$1/meminfo"
}

# pieces_elsewhere NODE: its pieces that do not lie between the node's first and last page.
pieces_elsewhere() {
	local first end start size node

	read -r first end < <(awk -v node="$1" '/^Node/ { this = $2 + 0 }
		$1 == "spanned" { pages = $2 }
		$1 == "start_pfn:" && this == node && pages {
			if (!end || $2 < first)
				first = $2
			if ($2 + pages > end)
				end = $2 + pages
		}
		END { print first, end }' /proc/zoneinfo)
	query_mem
	json_rows start size node < "$scratch/mem" > "$scratch/rows"
	while read -r start size node; do
		if [ "$node" = "$1" ] && { [ $((start / 4096)) -lt "$first" ] ||
			[ $(((start + size) / 4096)) -gt "$end" ]; }; then
			echo "$start+$size"
		fi
	done < "$scratch/rows"
}

# By a variable: a failure in there ends the test.
expect_good_pieces() {
	local bad

	bad=$(bad_pieces)
	expect_eq "pieces that should not be" "" "$bad"
}

expect_mem() {
	expect_eq "reserved bytes of node $1" "$(($2 * MIB))" "$(sum_mem "$1")"
	expect_good_pieces
}

test_begin
say "each node gives its own memory"
for node in $nodes; do
	ihkconfig 0 reserve mem "128M@$node"
	expect_mem "$node" 128
	elsewhere=$(pieces_elsewhere "$node")
	expect_eq "pieces of node $node that lie elsewhere" "" "$elsewhere"
done
ihkconfig 0 reserve mem 4K@0
ihkconfig 0 reserve mem 36M@0,92K@0
expect_eq "bytes" "$(((128 + 36) * MIB + 96 * 1024))" "$(sum_mem 0)"
expect_good_pieces

say "release by amount, node, all"
refuse 'node 0.*168032' ihkconfig 0 release mem 1G@0
refuse 'only' ihkconfig 0 release mem 16G
refuse 'node 9' ihkconfig 0 release mem 4K@9
ihkconfig 0 release mem 4K@0,92K@0
ihkconfig 0 release mem 36M@0
expect_mem 0 128
ihkconfig 0 release mem ALL@0
expect_mem 0 0
ihkconfig 0 release mem all
expect_mem -1 0
say "all of nothing is nothing"
ihkconfig 0 release mem all

say "all or none"
last=${nodes##*$'\n'}
refuse "node $last" ihkconfig 0 reserve mem "64M@0,64G@$last"
expect_mem -1 0
ihkconfig 0 reserve mem --best-effort "64M@0,64G@$last"
expect_eq "bytes of node 0" "$((64 * MIB))" "$(sum_mem 0)"
got=$(($(sum_mem "$last") / MIB))
say "best effort: $got MiB of node $last"
[ "$got" -ge 256 ] || fail "best effort got next to nothing"
[ "$(free_kib "$last")" -ge 16384 ] || fail "Linux was left with nothing on node $last"
ihkconfig 0 release mem all

say "balanced"
# shellcheck disable=SC2086 # a list of numbers
every=$(printf ',ALL@%s' $nodes)
ihkconfig 0 reserve mem --balanced --max-percent 50 "${every#,}"
for node in $nodes; do
	expect_eq "bytes of node $node" "$(sum_mem 0)" "$(sum_mem "$node")"
done
[ "$(sum_mem 0)" -ge $((64 * MIB)) ] || fail "balanced got next to nothing"
ihkconfig 0 release mem all
refuse 'same size' ihkconfig 0 reserve mem --balanced 64M@0,32M@"$last"

say "pieces no shorter than asked for"
ihkconfig 0 reserve mem --min-chunk 64M 192M@0
query_mem
sizes=$(json_number size < "$scratch/mem")
[ -n "$sizes" ] || fail "there are no pieces"
for size in $sizes; do
	[ "$size" -ge $((64 * MIB)) ] || fail "a piece of $size bytes"
done
ihkconfig 0 release mem all

say "assignment splits, and what comes back is one piece again"
ihkconfig 0 reserve mem 128M@0
whole=$(pieces)
os=$(ihkconfig 0 create)
for _ in 1 2 3; do
	ihkosctl "$os" assign mem 12K@0
	ihkosctl "$os" assign mem 20M@0
	expect_eq "assigned bytes" "$((20 * MIB + 12288))" "$(sum_mem 0 "$os")"
	expect_mem 0 128
	ihkosctl "$os" release mem 12K@0
	refuse 'only' ihkosctl "$os" release mem 21M@0
	ihkosctl "$os" release mem all
	expect_eq "pieces" "$whole" "$(pieces)"
done
ihkosctl "$os" assign mem 64M@0
refuse 'only' ihkconfig 0 release mem 128M@0
ihkconfig 0 destroy "$os"
expect_eq "pieces" "$whole" "$(pieces)"
ihkconfig 0 release mem all

say "rmmod gives back what is merely reserved"
ihkconfig 0 reserve mem 96M@0
os=$(ihkconfig 0 create)
ihkosctl "$os" assign mem 32M@0
rmmod ihk
leak_check
ihk_load
test_end
