#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Git on a repository with some hundreds of commits (history.py). Names and dates are
# fixed, so that all hashes are. $RUN starts each program.
set -e

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='1500000000 +0000' GIT_COMMITTER_DATE='1500000000 +0000'
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat GIT_EDITOR=true

git() {
	$RUN git -c gc.auto=0 -c maintenance.auto=0 -c advice.detachedHead=false "$@"
}

# Heads, index and working tree.
state() {
	git rev-parse HEAD 'HEAD^{tree}'
	git status --short --branch
}

import() {
	git init -q -b main repository
	cd repository
	python3 "$FILES/history.py" 120 | git fast-import --quiet --done
	git checkout -q main
	state
}

look() {
	git log --oneline --graph | md5sum
	git log -p --stat -M main | md5sum
	git blame --line-porcelain lib/4/abc.py | md5sum
	git grep -c 'import' HEAD~30 -- '*.py' | md5sum
	git shortlog -sn HEAD
	git archive HEAD lib/3 | tar t | wc -l
}

change() {
	git checkout -q -b topic HEAD~10
	for i in 1 2 3; do
		echo "line $i" >> "topic$i"
		git add "topic$i"
		git commit -q -m "topic $i"
	done
	git rebase -q main
	state
	git checkout -q main
	echo other > topic1
	git add topic1
	git commit -q -m 'in the way'
	git merge -q topic > merged 2>&1 || grep CONFLICT merged
	rm merged
	git checkout --theirs topic1
	git commit -q -a -m 'merged'
	state
}

# Which commit broke it?
bisect() {
	git bisect start HEAD HEAD~80
	git bisect run sh -c 'grep -q well state' | grep 'first bad'
	git bisect reset > /dev/null 2>&1
}

keep() {
	git -c pack.threads=2 repack -q -a -d -f --depth=20
	git fsck --strict --no-progress
	git gc -q --prune=now
	git count-objects -v | grep -E 'count|in-pack|garbage'
	cd ..
	git clone -q --no-hardlinks repository clone
	cmp repository/lib/4/abc.py clone/lib/4/abc.py
	git clone -q --bare --depth 20 "file://$PWD/repository" shallow
	git -C shallow log --oneline | wc -l
	git -C clone fsck --no-progress
}

import
look
change
bisect
keep
rm -rf repository clone shallow
