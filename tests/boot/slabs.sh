# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# Live objects of Linux's slab caches, before and after something that must leave none. Sourced
# after lib.sh.

# slab_objects PATTERN: "CACHE OBJECTS OBJECTS-OF-A-SLAB" of each cache that matches, sorted.
slab_objects() {
	local cache objects per_slab rest

	for cache in /sys/kernel/slab/$1; do
		# A link is another name of a cache.
		[ ! -L "$cache" ] || continue
		echo 1 > "$cache/shrink"
		read -r objects rest < "$cache/objects"
		read -r per_slab < "$cache/objs_per_slab"
		echo "${cache##*/} $objects $per_slab"
	done | sort
}

# slab_growth BEFORE AFTER MOST SLABS: lines of "CACHE MORE" for each cache that gained more objects
# than MOST and what CPUs can hide, each SLABS of its own: the cache counts them as full.
slab_growth() {
	join "$1" "$2" | awk -v most="$3" -v slabs="$4" -v cpus="$cpus_count" \
		'$4 - $2 >= most + slabs * $3 * (cpus + 1) { print $1, $4 - $2 }'
}

slabs_are_back() {
	local growth

	settle_memory
	slab_objects "$1" > "$3"
	growth=$(slab_growth "$2" "$3" "$4" "$5")
	say "slab caches that grew: ${growth//$'\n'/, }"
	[ -z "$growth" ]
}

# expect_slabs_back PATTERN BEFORE AFTER MOST SLABS: as slab_growth, and as expect_memory_back: what
# waits for a grace period, or for a worker thread, counts as live until then.
expect_slabs_back() {
	until_true slabs_are_back "$@"
}
