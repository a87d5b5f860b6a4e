# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sends signals to a program that has handlers, asleep or computing: signals.sh wait|spin [SUFFIX]

touch out
$RUN "sig_outside$2" "$1" > out &
pid=$!
while ! grep -q ready out; do
	sleep 0.05
done
for signal in HUP USR1 USR2 WINCH 40; do
	kill "-$signal" $pid
done
kill -TERM $pid
wait $pid
echo $?
cat out
