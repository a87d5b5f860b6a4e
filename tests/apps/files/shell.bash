# SPDX-License-Identifier: GPL-2.0-only
# Bash and its helpers in the ways that scripts of every day use them.
cat <<END
here $((6 * 7)), $(cat <<'INNER'
and $within
INNER
)
END
cat <<< "a string"

(exit 4) &
wait -n
echo "wait -n: $?"
(exit 3) & first=$!
(exit 5) & second=$!
wait "$second"; echo "wait: $?"
wait "$first"; echo "wait: $?"

paste <(seq 3) <(seq 4 6)
seq 5 | tee >(wc -l > counted) > /dev/null
while [ ! -s counted ]; do sleep 0.05; done
cat counted

trap 'echo "trap USR1"' USR1
trap 'echo "trap EXIT $?"' EXIT
kill -USR1 $$
(trap - EXIT; kill -TERM "$BASHPID"); echo "killed: $?"
(trap 'echo inner; exit 9' TERM; kill -TERM "$BASHPID"); echo "trapped: $?"

seq 20 | xargs -P 3 -n 5 sh -c 'echo $#' sh
mkdir d
for i in 1 2 3; do seq "$i" > "d/$i"; done
find d -type f -exec md5sum {} + | sort
tar -c --sort=name d | gzip -n | gunzip | tar -t
coproc rev
# Bash forgets its own two when it hears of the end.
exec 8<&"${COPROC[0]}" 9>&"${COPROC[1]}"
eval "exec ${COPROC[1]}>&-"
echo "coprocess" >&9
exec 9>&-
cat <&8
exec 7<> file
echo "by 7" >&7
cat file
printf '%s\n' a b c | while read -r x; do echo "$x$x"; done | tail -n 1
exit 6
