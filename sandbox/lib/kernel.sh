# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Stock Debian kernels below $out/kernel/SERIES: bzImage and vmlinux to boot,
# modules, and build, the directory that modules are built against. Sourced by
# sandbox/fetch after packages.sh.

# kernel_version SERIES: print the newest version that the archives have both
# an image and headers of. Images linger in the index without their headers.
kernel_version() {
	local pattern

	case $1 in
	6.1) pattern='6\.1\.0-[0-9]+' ;;
	*) pattern="${1//./\\.}\\.[0-9]+\\+deb12" ;;
	esac
	comm -12 <(list_kernels "linux-image-$pattern-amd64") \
		<(list_kernels "linux-headers-$pattern-amd64") |
		sort -V | tail -n 1
}

list_kernels() {
	private_apt apt-cache search --names-only "^$1\$" |
		sed 's/^linux-[a-z]*-\([^ ]*\)-amd64 .*/\1/' | sort
}

# The headers' makefile names their other half by its installed place.
relocate_headers() {
	local build=$1 up

	# shellcheck disable=SC2016
	up='$(dir $(realpath $(lastword $(MAKEFILE_LIST))))..'
	sed -i "s,^include /usr/src/,include $up/," "$build/Makefile"
}

fetch_kernel() {
	local series=$1 dir=$out/kernel/$1 version kbuild

	version=$(kernel_version "$series")
	if [ -z "$version" ]; then
		die "the archives have no Linux $series"
	fi
	say "Linux $version"
	kbuild=$version
	if [ "$series" = 6.1 ]; then
		kbuild=6.1
	fi
	unpack_packages "$dir/root" "linux-image-$version-amd64" \
		"linux-headers-$version-amd64" "linux-headers-$version-common" \
		"linux-kbuild-$kbuild"
	echo "$version-amd64" > "$dir/version"
	ln -sfn "root/usr/src/linux-headers-$version-amd64" "$dir/build"
	relocate_headers "$dir/build"
	link_modules "$dir" "$version-amd64"
	ln -sfn "root/boot/vmlinuz-$version-amd64" "$dir/bzImage"
	"$here/lib/extract-vmlinux.py" "$dir/bzImage" "$dir/vmlinux"
}

# link_modules DIR VERSION: the tree of modules, with its index.
link_modules() {
	local dir=$1 version=$2 lib=lib

	if [ ! -d "$dir/root/lib/modules" ]; then
		lib=usr/lib
	fi
	ln -sfn "root/$lib/modules/$version" "$dir/modules"
	if [ "$lib" = usr/lib ]; then
		ln -sfn usr/lib "$dir/root/lib"
	fi
	depmod -b "$dir/root" -F "$dir/root/boot/System.map-$version" "$version" \
		2> "$dir/depmod.log" || depmod -b "$dir/root" "$version"
}
