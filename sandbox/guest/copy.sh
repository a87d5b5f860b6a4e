# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Copies of what was built; commands and tests read this file.

# copy_new TO FROM...: the folder TO has these and nothing else, copied anew if one of them is not
# what it was. (cp -u takes only what is newer: neither what is older again nor what is gone.)
copy_new() (
	to=$1
	shift
	exec 9>> /run/sandbox/copying
	flock 9 || return 1
	now=$(find "$@" -printf '%p %T@ %s\n' | sort) && [ -n "$now" ] || return 1
	[ ! -e "$to/.stamp" ] || [ "$now" != "$(cat "$to/.stamp")" ] || return 0
	rm -rf "$to" && mkdir -p "$to" && cp -a -t "$to" "$@" && printf '%s\n' "$now" > "$to/.stamp"
)
