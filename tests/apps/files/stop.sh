# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Stops a program and lets it continue; while it is stopped it does nothing.

state() {
	sed 's/.*) \(.\) .*/\1/' "/proc/$pid/stat"
}

wait_state() {
	while ! expr "$1" : ".*$(state)" > /dev/null; do
		sleep 0.05
	done
	echo "state $1"
}

touch out
$RUN sig_outside wait > out &
pid=$!
while ! grep -q ready out; do
	sleep 0.05
done
kill -STOP $pid
wait_state T
kill -USR1 $pid
sleep 0.3
cat out
kill -CONT $pid
wait_state S
kill -TSTP $pid
kill -TERM $pid
wait $pid
echo $?
cat out
