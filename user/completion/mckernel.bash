# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# bash completion of mcexec, ihkconfig, ihkosctl, ihkmond, mcreboot and mcstop. Actions come from
# the tools' own --help; instances, CPUs and nodes from the machine.

# Print the actions of a tool: their first words, or the second ones behind a first.
_mck_actions() {
	"$1" --help 2>/dev/null | awk -v first="${2-}" '
		/^Actions:/ { on = 1; next }
		/^$/ { on = 0 }
		{ sub(/^ +/, ""); sub(/  .*/, "") }	# the explanation
		on && first == "" { print $1 }
		on && first != "" && $1 == first && $2 ~ /^[a-z_]+$/ { print $2 }' | sort -u
}

# Print the long options of a tool's action.
_mck_options() {
	"$@" --help 2>/dev/null | grep -o -- '--[a-z-]*=\{0,1\}' | sort -u
}

_mck_instances() {
	local node

	for node in /dev/mcos[0-9]*; do
		[ -e "$node" ] && echo "${node#/dev/mcos}"
	done
}

# Print CPUs that Linux may give away, one by one, and as one range.
_mck_linux_cpus() {
	local dir

	sed 's/^0-/1-/; s/^0,//' /sys/devices/system/cpu/online
	for dir in /sys/devices/system/cpu/cpu[1-9]*; do
		echo "${dir##*cpu}"
	done
}

_mck_memory() {
	local node

	echo ALL
	for node in /sys/devices/system/node/node[0-9]*; do
		printf '%s\n' "ALL@${node##*node}" "512M@${node##*node}" "1G@${node##*node}"
	done
}

# Print what an action of ihkconfig or ihkosctl takes.
_mck_arguments() {
	local tool=$1 number=$2

	case "$tool $3 $4" in
	"ihkconfig reserve cpu") _mck_linux_cpus ;;
	*" reserve mem") _mck_memory ;;
	"ihkosctl assign mem") _mck_memory; ihkconfig 0 query mem 2>/dev/null ;;
	"ihkosctl assign cpu") echo all; ihkconfig 0 query cpu 2>/dev/null ;;
	*" release cpu" | *" release mem") echo all; "$tool" "$number" query "$4" 2>/dev/null ;;
	"ihkconfig destroy"*) _mck_instances ;;
	"ihkosctl wait"*) echo INACTIVE BOOTING RUNNING SHUTDOWN PANIC HUNGUP FREEZING FROZEN ;;
	"ihkosctl test"*) ihkosctl "$number" test 2>/dev/null | awk '{ print $1 }' ;;
	"ihkosctl load"*) compgen -f -- "${COMP_WORDS[COMP_CWORD]}" ;;
	esac
}

_mck_complete() {
	local tool=$1 current=$2 words i word
	local -a plain=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in -*) ;; *) plain+=("$word") ;; esac
	done
	case ${#plain[@]} in
	0)
		words="--json --help --version 0"
		[ "$tool" = ihkconfig ] || words+=" $(_mck_instances)"
		;;
	1) words=$(_mck_actions "$tool") ;;
	*)
		words=$(_mck_actions "$tool" "${plain[1]}")
		if [ -z "$words" ] || [ "${#plain[@]}" -gt 2 ]; then
			words=$(_mck_arguments "$tool" "${plain[0]}" "${plain[1]}" "${plain[2]-}")
		fi
		case $current in
		-*) words=$(_mck_options "$tool" "${plain[@]:0:3}") ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

# Tools that take options only.
_mck_complete_options() {
	local tool=$1 current=$2 words

	case $3 in
	-c | --cpus) words=$(_mck_linux_cpus) ;;
	-m | --mem) words=$(_mck_memory) ;;
	-o | --owner) words=$(compgen -u) ;;
	-I | --image) words=$(compgen -f -- "$current") ;;
	-f | --facility) words=$(echo LOG_LOCAL{0..7}) ;;
	*) words=$(_mck_options "$tool") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

# mcexec: its options, then a program, then what that program completes.
_mck_complete_mcexec() {
	local current=$2 i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | -n | -m | -e | -s | -T | --cpu | --shares | --mem | --env | --stack-premap | --twins) ((i++)) ;;
		-* | = | [0-9]*) ;;
		*)
			if declare -F _command_offset >/dev/null; then
				_command_offset "$i"
			fi
			return
			;;
		esac
	done
	case $current in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(_mck_options mcexec)" -- "$current") ;;
	*) mapfile -t COMPREPLY < <(compgen -A command -- "$current"; compgen -f -- "$current") ;;
	esac
}

complete -o filenames -F _mck_complete_mcexec mcexec
complete -F _mck_complete ihkconfig ihkosctl
complete -F _mck_complete_options ihkmond mcreboot mcstop
