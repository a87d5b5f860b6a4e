# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2086,SC2016 # for $RUN; for perl
#
# The file that a process executes, as Linux shows it, and that nobody writes to it meanwhile.

# Whatever runs says a word, and reads a line before it goes on.
start() {
	echo "-- $1"
	shift
	rm -f in out
	mkfifo in out
	"$@" < in > out &
	pid=$!
	exec 3> in 4< out
	read -r word <&4
}

show() {
	echo "$1: $(basename "$(readlink "/proc/$2/exe")")"
	cmp "/proc/$2/exe" "$3" && echo 'the same file'
}

may_write() {
	(: >> "$1") 2> message
}

refused() {
	may_write "$1" && echo "$1 can be written to"
	sed 's/.*: //' message
}

# An address space may outlive its process a little, while somebody looks at it.
free_again() {
	until may_write "$1"; do
		sleep 0.05
	done
	echo "$1 is free"
}

cp "$(command -v perl)" program
cp "$(command -v cat)" other
printf '#!%s/program\n$| = 1; print "ready\\n"; <STDIN>;\n' "$PWD" > script
chmod +x script

start killed $RUN ./program -e '$| = 1; print "ready\n"; <STDIN>'
show exe $pid program
refused program
kill -9 $pid
wait $pid 2> message
free_again program

start executes $RUN ./program -e '$| = 1; print "ready\n"; sysread STDIN, $word, 3; exec "./other"'
echo go >&3
echo again >&3
read -r word <&4
show exe $pid other
free_again program
refused other
exec 3>&-
wait $pid
free_again other

start 'forks, ends' $RUN ./program -e '$| = 1; if ($p = fork) { print "$p\n"; exit } <STDIN>'
wait $pid
show 'exe of its child' "$word" program
refused program
exec 3>&-
free_again program

start script $RUN ./script
show exe $pid program
refused program
echo '# more' >> script
exec 3>&-
wait $pid
free_again program

start removed $RUN ./program -e '$| = 1; print "ready\n"; <STDIN>'
rm program
cp other program
echo "exe: $(basename "$(readlink /proc/$pid/exe)")"
may_write program && echo 'another of its name is free'
exec 3>&-
wait $pid

echo '-- open for writing'
$RUN perl -e 'open F, ">>", "other" or die; exec { "./other" } "other", "/dev/null"; print "$!\n"'
$RUN perl -e 'open F, ">>", "other"; close F; exec { "./other" } "other", "/proc/self/comm"'
rm -f in out program other script message
