# tests/compare/lib.sh - run Postfix's own command and ours on equal input and compare.
#
# THEIRS and OURS are programs. same ARGS compares standard output, standard error and exit
# status; same_out leaves standard error out (texts of the system differ). Each runs in its own
# copy of the work directory, $work/theirs and $work/ours.

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
	(cd "$work/theirs" && printf "$stdin" | (exec -a "${THEIRS##*/}" "$THEIRS" "$@") >../t.out 2>../t.err
		echo $? >../t.rc)
	(cd "$work/ours" && printf "$stdin" | "$OURS" "$@" >../o.out 2>../o.err; echo $? >../o.rc)
	for f in out err; do
		normal "$work/theirs" <"$work/t.$f" >"$work/t.$f.n"
		normal "$work/ours" <"$work/o.$f" >"$work/o.$f.n"
	done
	count=$((count + 1))
}

compare() {
	local what=$1 a b f
	shift
	for f in $what; do
		a=$work/t.$f b=$work/o.$f
		[ "$f" = rc ] || { a=$a.n; b=$b.n; }
		cmp -s "$a" "$b" && continue
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

finish() {
	echo "$count comparisons, $failed differences"
	[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
	exit
}
