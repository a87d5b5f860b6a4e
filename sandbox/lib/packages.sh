# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages from the mirrors that this machine is set up for, through an
# apt state of our own below $out/apt. Sourced by sandbox/fetch, which sets
# $out and $work, defines say() and die(), and calls
# private_apt_init first.

# The release that the sandbox runs, whatever runs on this machine.
release=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Print "URI SUITE" for each of the release's archives this machine knows.
machine_archives() {
	apt-get update --print-uris 2>/dev/null |
		sed -n "s,^'\([^']*\)/dists/\(${release}[^']*\)/InRelease'.*,\1 \2,p"
}

# Backports live beside the main archive, which not every machine lists.
write_sources() {
	local uri suite main=

	while read -r uri suite; do
		echo "deb [signed-by=$keyring] $uri $suite main"
		if [ "$suite" = "$release" ]; then
			main=$uri
		fi
	done < <(machine_archives)
	if [ -z "$main" ]; then
		die "no apt source for Debian $release"
	fi
	echo "deb [signed-by=$keyring] $main $release-backports main"
}

private_apt_init() {
	local dir=$out/apt

	say "package index"
	mkdir -p "$dir"/{state/lists/partial,cache/archives/partial,etc/sources.list.d}
	: > "$dir/status"
	write_sources > "$dir/etc/sources.list"
	# Source code lies there, too; the guest, which gets that list alone, needs none.
	sed -n "s/^deb \(.* $release main\)$/deb-src \1/p" "$dir/etc/sources.list" \
		> "$dir/etc/sources.list.d/source.list"
	cat > "$dir/apt.conf" <<-END
	Dir::Etc::sourcelist "$dir/etc/sources.list";
	Dir::Etc::sourceparts "$dir/etc/sources.list.d";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State "$dir/state";
	Dir::State::status "$dir/status";
	Dir::Cache "$dir/cache";
	APT::Sandbox::User "";
	APT::Update::Error-Mode "any";
	Acquire::Languages "none";
	Acquire::Retries "3";
	END
	APT_CONFIG=$dir/apt.conf apt-get -qq update ||
		die "cannot read the package index of the mirrors in $dir/etc"
}

# private_apt TOOL ARG...: apt-get or apt-cache on our own state.
private_apt() {
	local tool=$1

	shift
	APT_CONFIG=$out/apt/apt.conf "$tool" -qq "$@"
}

# unpack_packages DIR PACKAGE...: download them, unpack them below DIR.
unpack_packages() {
	local dir=$1 debs deb

	shift
	debs=$(mktemp -d "$work/debs.XXXXXX")
	rm -rf "$dir"
	mkdir -p "$dir"
	(cd "$debs" && private_apt apt-get download "$@") || die "cannot download $*"
	for deb in "$debs"/*.deb; do
		# tar complains of every file that a full disk refuses.
		dpkg -x "$deb" "$dir" 2> "$debs/log" || {
			tail -n 2 "$debs/log" >&2
			die "cannot unpack ${deb##*/}"
		}
	done
	rm -rf "$debs"
}

# fetch_sources DIR PACKAGE...: their authors' archives, without Debian's patches, to DIR.
fetch_sources() {
	local dir=$1

	shift
	mkdir -p "$dir" "$work/sources"
	(cd "$work/sources" && private_apt apt-get source --download-only "$@" &&
		mv ./*.orig.tar.* "$dir") || die "cannot download the source code of $*"
}
