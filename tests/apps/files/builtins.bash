# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Whatever bash does alone, without starting a process.

echo "arguments: $# $1 $2"
list=(one two three "four five")
echo "${#list[@]} ${list[3]} ${list[@]:1:2} ${list[*]/o/0}"
declare -A map=([a]=1 [b]=2)
map[c]=3
sum=0
for key in "${!map[@]}"; do
	((sum += map[$key]))
done
echo $sum
[[ "abc123" =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
text='Some Text'
echo "${text,,} ${text^^} ${text:5} ${text//e/E} ${#text}"
printf -v padded '%08.3f' 3.14159
echo "$padded"
mapfile -t lines <<< $'first\nsecond'
echo "${lines[1]}"
read -r -a words <<< 'x y z'
echo "${words[2]}"
case $text in
Some*) echo matches ;;
esac
shopt -s nullglob extglob
for file in /etc/@(passwd|group); do
	echo "$file"
done
select_none=(/none/*)
echo "${#select_none[@]}"
fib() {
	local n=$1

	if ((n < 2)); then
		result=$n
		return
	fi
	fib $((n - 1))
	local first=$result
	fib $((n - 2))
	result=$((first + result))
}
fib 12
echo "$result"
printf '%(%Y-%m-%d)T\n' 86400
echo {1..5} {a..c}{x,y}
trap 'echo "leaving with $?"' EXIT
exit 4
