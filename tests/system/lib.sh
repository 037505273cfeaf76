# tests/system/lib.sh - what system tests share. Source it; PREFIX is the test's first argument.
# shellcheck shell=bash
set -euo pipefail
umask 022

prefix=${1:?usage: t-NAME PREFIX}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0")
work=$(mktemp -d "${TMPDIR:-/tmp}/buzon-$name-XXXXXX")
chmod 755 "$work"
dir=$work/inst
# Ports that nobody uses, below those the kernel gives to clients. Where the search begins is this
# test's own, so that several at once do not meet.
ports_are_free() {
	local port
	for port in 25 110 143 465 587 993 995; do
		if (exec 3<>"/dev/tcp/127.0.0.1/$(($1 + port))") 2>/dev/null; then return 1; fi
	done
}
base=$((10000 + $$ % 100 * 200))
until ports_are_free $base; do base=$((base < 29800 ? base + 200 : 10000)); done
buzon=$prefix/sbin/buzon
checks=0

say() { printf '%s\n' "$*"; }
skip() { say "$*"; exit 77; }
die() {
	say "FAILED: $*"
	[ -f "$dir/log/mail.log" ] && { say "--- log"; tail -40 "$dir/log/mail.log"; }
	exit 1
}
need() { local c; for c in "$@"; do command -v "$c" >/dev/null || skip "no $c on this machine"; done; }
ok() { checks=$((checks + 1)); say "ok $checks $*"; }

# grep -q for the end of a pipe: reads all of it. grep -q leaves at the first match, and a program that
# was not done writing is ended by SIGPIPE, which pipefail takes for its failure.
matches() { grep "$@" >/dev/null; }

# run WHAT COMMAND...: a check that is a command's success.
try() {
	local what=$1
	shift
	"$@" >"$work/out" 2>&1 || { cat "$work/out"; die "$what"; }
	ok "$what"
}

# Repeat COMMAND until it succeeds: SECONDS is plenty on an idle machine, a busy one gets more.
within() {
	local left=$(($1 * 120))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.05
	done
}

make_instance() { "$top/tools/make-instance" --dir "$dir" --port-base $base --prefix "$prefix" "$@"; }
start() { "$buzon" -c "$dir/etc" start || die "start"; }
stop() { "$buzon" -c "$dir/etc" stop || die "stop"; }
password() { awk -v u="$1" '$1 == u { print $2 }' "$dir/credentials"; }
maildir() { printf '%s/mail/%s/%s/Maildir' "$dir" "${1#*@}" "${1%@*}"; }
in_maildir() { grep -rqsF -- "$2" "$(maildir "$1")"/new "$(maildir "$1")"/cur; }
in_log() { grep -qE -- "$1" "$dir/log/mail.log"; }
count_mail() { find "$(maildir "$1")"/new "$(maildir "$1")"/cur -type f 2>/dev/null | wc -l; }
queue_is_empty() {
	[ -z "$(find "$dir"/spool/{incoming,active,deferred,maildrop} -type f 2>/dev/null)" ]
}

# Faults of ours end a process by a signal, in a sanitized build with a report in the log.
crashed() { [ -f "$dir/log/mail.log" ] && in_log 'AddressSanitizer|killed by signal (4|6|7|8|11)( |$)'; }

# suite_processes PREFIX [ETC [PROGRAM]]: those that run from PREFIX (with the configuration ETC).
# By what they execute: their names do not say where it is.
suite_processes() {
	local exe file pid where
	where=$(realpath "$1")
	for exe in /proc/[0-9]*/exe; do
		file=$(readlink "$exe" 2>/dev/null) || continue
		[[ $file == "$where"/libexec/buzon/${3:-*} ]] || continue
		pid=${exe#/proc/}
		pid=${pid%/exe}
		if [ -z "${2:-}" ] || tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | matches -xF -- "$2"; then
			echo "$pid"
		fi
	done
}

finish() {
	local status=$?
	if [ $status -eq 0 ] && crashed; then
		say "FAILED: a process crashed"
		grep -aE 'AddressSanitizer|killed by signal|    #[0-9]' "$dir/log/mail.log" | head -40
		status=1
	fi
	[ -f "$dir/etc/main.cf" ] && "$buzon" -c "$dir/etc" stop >/dev/null 2>&1 || true
	if [ -n "${KEEP:-}" ]; then say "kept: $work"; else rm -rf "$work"; fi
	exit $status
}
trap finish EXIT
