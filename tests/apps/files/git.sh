#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The life of a small repository. Names and dates are fixed, so that all hashes are.
# $RUN starts each program.
set -e

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
seconds=1000000000

git() {
	seconds=$((seconds + 60))
	GIT_AUTHOR_DATE="$seconds +0000" GIT_COMMITTER_DATE="$seconds +0000" \
		$RUN git -c gc.auto=0 -c maintenance.auto=0 -c pack.threads=2 "$@"
}

git init -q -b main repository
cd repository
seq 1 200 > numbers
mkdir -p d/e
cp /usr/share/common-licenses/GPL-2 d/e/text
git add .
git commit -q -m 'first'
git checkout -q -b other
sed -i 's/^100$/hundred/' numbers
git commit -q -a -m 'on the branch'
git checkout -q main
sed -i 's/^3$/three/' numbers
git mv d/e/text text
git commit -q -a -m 'on main'
git merge -q -m 'both' other
git log --graph --format='%H %an %ad %s' --date=iso
git diff HEAD^1 HEAD^2 | md5sum
git gc -q
cd ..
git clone -q "file://$PWD/repository" packed
cd packed
git fsck --strict --no-progress
git archive HEAD | tar t
cd ..
rm -rf repository packed
