# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sends a program the signals that it asks for, each by a line: requests.sh PROGRAM ARGUMENT

mkfifo requests
$RUN "$1" "$2" &
pid=$!
while read -r signal; do
	kill "-$signal" $pid
done < requests
wait $pid
echo $?
rm requests
