#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# RUN=... stress.sh JOB: the stressors of stress/JOB, one after the other, each for so many
# operations and no time. Shows what stress-ng says but for ids and times, and ends as it does. Its
# zombie looks at a child that may not have ended yet, on Linux too.
set -u
status=0
# shellcheck disable=SC2086
$RUN stress-ng --job "$FILES/stress/$1" > said 2>&1 || status=$?
sed -E '/zombie: pid [0-9]+ is not in the expected zombie state$/d
	s/\[[0-9]+\]/[PID]/g; s/ in [0-9.]+s/ in TIME/' said
rm said
exit "$status"
