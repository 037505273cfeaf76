# tests/compare/lib.sh - run Postfix's own command and ours on equal input and compare.
# shellcheck shell=bash
#
# THEIRS and OURS are programs. same ARGS compares standard output, standard error and exit
# status; same_out leaves standard error out (texts of the system differ). Each runs in its own
# copy of the work directory, $work/theirs and $work/ours. Postfix's commands sleep for a second
# when they fail, so a comparison that leaves nothing behind may go "aside": in a copy of both
# directories, many at once.

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/theirs" "$work/ours"
failed=0
count=0

# File index names differ, and so does the order in which databases are listed.
normal() {
	sed -e 's/\.db\b/.cdb/g' -e "s,$1,DIR,g" -e 's/ [0-9]* & sleep/ PID \& sleep/' -e 's/fatal: usage: .*/USAGE/' -e '/YP_LAST_MODIFIED/d' -e '/YP_MASTER_NAME/d' \
		-e '/^@:/d' | LC_ALL=C sort
}

run_both() {
	printf "$stdin" >"$work/stdin"
	(cd "$work/theirs" && exec -a "${THEIRS##*/}" "$THEIRS" "$@" <../stdin >../t.out 2>../t.err)
	echo $? >"$work/t.rc"
	(cd "$work/ours" && exec "$OURS" "$@" <../stdin >../o.out 2>../o.err)
	echo $? >"$work/o.rc"
	count=$((count + 1))
}

compare() {
	local what=$1 a b f once
	shift
	for f in $what; do
		a=$work/t.$f b=$work/o.$f
		cmp -s "$a" "$b" && continue
		if [ "$f" != rc ]; then
			# Postfix reads its files several times, and says the same each time
			[ "$f" = err ] && once=uniq || once=cat
			normal "$work/theirs" <"$a" | $once >"$a.n"
			normal "$work/ours" <"$b" | $once >"$b.n"
			a=$a.n b=$b.n
			cmp -s "$a" "$b" && continue
		fi
		failed=$((failed + 1))
		echo "FAIL: $(basename "$OURS") $*: $f differs (< Postfix, > ours)"
		diff "$a" "$b"
	done
}

same() { run_both "$@"; compare "rc out err" "$@"; }
same_out() { run_both "$@"; compare "rc out" "$@"; }

# The same file in both directories.
both() {
	cat >"$work/theirs/$1"
	cp -p "$work/theirs/$1" "$work/ours/$1"
}

asides=0
aside() {
	local w=$work/aside.$((asides += 1))
	[ $asides -le 80 ] || wait -n
	mkdir "$w" && cp -pR "$work/theirs" "$work/ours" "$w"
	(
		work=$w failed=0 count=0
		"$@" >"$w/said"
		echo "$count $failed" >"$w/sum"
	) &
}

# What went aside counts, in its order.
gather() {
	local i c f
	wait
	for ((i = 1; i <= asides; i++)); do
		cat "$work/aside.$i/said"
		read -r c f <"$work/aside.$i/sum"
		count=$((count + c)) failed=$((failed + f))
	done
	asides=0
}

finish() {
	gather
	echo "$count comparisons, $failed differences"
	[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
	exit
}
