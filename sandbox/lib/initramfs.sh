# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The agent and, for each kernel that is there, an initramfs with what leads to
# the root file system. Sourced by sandbox/fetch after kernel.sh.

guest_modules="virtio_pci virtio_blk virtio_console ext4 crc32c_generic 9p 9pnet_virtio"
guest_cflags="-O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes
	-Wstrict-prototypes -Wshadow -Wundef -Wvla -Werror"

build_guest() {
	local dir

	if [ -n "$(newer_sources "$out/agent")" ]; then
		# shellcheck disable=SC2086
		gcc $guest_cflags -static -o "$out/agent" "$here"/guest/*.c
	fi
	for dir in "$out"/kernel/*/; do
		if [ -n "$(newer_sources "$dir/initramfs.gz")" ]; then
			build_initramfs "${dir%/}"
		fi
	done
}

# newer_sources PRODUCT: print what it has to be built again for.
newer_sources() {
	if [ ! -e "$1" ]; then
		echo "$1"
	else
		find "$here/guest" "$here/lib/initramfs.sh" -type f -newer "$1"
	fi
}

# add_modules DIR TREE: the guest's modules, unpacked, listed in load order.
add_modules() {
	local dir=$1 tree=$2 module file name

	for module in $guest_modules; do
		modprobe -d "$dir/root" -S "$(cat "$dir/version")" \
			--show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
	while read -r file; do
		name=$(basename "$file" .xz)
		case $file in
		*.xz) xz -dc "$file" > "$tree/modules/$name" ;;
		*) cp "$file" "$tree/modules/$name" ;;
		esac
		echo "$name" >> "$tree/modules/order"
	done
}

build_initramfs() {
	local dir=$1 tree

	say "initramfs for Linux $(cat "$dir/version")"
	tree=$(mktemp -d "$work/initramfs.XXXXXX")
	mkdir -p "$tree"/{bin,modules,sandbox,dev}
	cp /bin/busybox "$tree/bin/"
	cp "$here/guest/init" "$tree/init"
	cp "$here"/guest/{run,profile,bashrc} "$out/agent" "$tree/sandbox/"
	chmod 755 "$tree/init" "$tree/sandbox/run"
	add_modules "$dir" "$tree"
	(cd "$tree" && find . | cpio -o -H newc --quiet -R 0:0) |
		gzip -1 > "$dir/initramfs.gz.new"
	mv "$dir/initramfs.gz.new" "$dir/initramfs.gz"
	rm -rf "$tree"
}
