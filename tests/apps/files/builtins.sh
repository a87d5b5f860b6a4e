# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Whatever a POSIX shell does alone, without starting a process.

echo "arguments: $# $1 $2"
set -- a b c
shift
echo "$@ ${1#a} ${2:-none} ${3:-none}"
total=0
for n in 1 2 3 4 5; do
	case $n in
	2) continue ;;
	5) break ;;
	esac
	total=$((total + n * n))
done
echo $total
count() {
	local i=0

	while [ $i -lt "$1" ]; do
		i=$((i + 1))
	done
	return $((i % 256))
}
count 300
echo $?
echo one > file
echo two >> file
while read -r word; do
	echo "read $word"
done < file
printf '%s|%5d|%x\n' text 42 255
cd / && pwd
cd "$OLDPWD" || exit
umask 027
umask
export EXPORTED=value
[ -f file ] && [ ! -d file ] && echo "a file"
trap 'echo trapped' USR1
kill -USR1 $$
eval 'echo "evaluated $EXPORTED"'
exec 5> other
echo five >&5
exec 5>&-
: > empty
echo * # names in order
exit 3
