# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest's root file system, $out/rootfs.ext4: a small Debian with the
# programs of sandbox/rootfs.packages, the files of sandbox/rootfs.unpacked, and in /usr/src the
# source code of sandbox/rootfs.sources. Sourced by sandbox/fetch after packages.sh. Machines
# throw away what they write to it.

rootfs_size=2G

# Another list of packages is another root file system.
rootfs_id() {
	cat "$here"/rootfs.{packages,unpacked,sources} | sha256sum | cut -c 1-12
}

# list_packages FILE: their names.
list_packages() {
	sed 's/#.*//' "$here/$1" | xargs
}

fetch_rootfs() {
	local packages tar=$work/rootfs.tar

	# There is but one, so an earlier list's is no longer there.
	rm -f "$out"/stamps/rootfs-*
	say "root file system (Debian $release)"
	packages=$(list_packages rootfs.packages | tr ' ' ,)
	# shellcheck disable=SC2046
	unpack_packages "$work/unpacked" $(list_packages rootfs.unpacked)
	# shellcheck disable=SC2046
	fetch_sources "$work/unpacked/usr/src" $(list_packages rootfs.sources)
	# What is installed is read into the archive at once and need not reach the disk;
	# man pages stay, which minbase would have too.
	mmdebstrap --quiet --variant=minbase --include="$packages" \
		--dpkgopt=force-unsafe-io \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Languages "none"' \
		--customize-hook='mkdir -p "$1/mckernel"' \
		--customize-hook='rm -rf "$1"/var/cache/apt/*.bin' \
		"$release" "$tar" "$out/apt/etc/sources.list" ||
		die "cannot make the root file system"
	if [ "$(id -u)" -eq 0 ]; then
		pack_rootfs "$tar"
	else
		# Files of the image belong to its root, whoever packs it.
		# fakeroot is a script for a shell that drops exported functions.
		export out work rootfs_size
		fakeroot bash -ec "$(declare -f pack_rootfs); pack_rootfs \"\$1\"" \
			pack "$tar"
	fi
	rm -f "$tar"
}

pack_rootfs() {
	local dir

	dir=$(mktemp -d "$work/rootfs.XXXXXX")
	tar -C "$dir" -xf "$1" --exclude='./dev/*'
	cp -a "$work/unpacked/usr/." "$dir/usr"
	rm -f "$out/rootfs.ext4.new"
	truncate -s "$rootfs_size" "$out/rootfs.ext4.new"
	mke2fs -q -t ext4 -O ^has_journal -d "$dir" "$out/rootfs.ext4.new"
	mv "$out/rootfs.ext4.new" "$out/rootfs.ext4"
	rm -rf "$dir"
}
