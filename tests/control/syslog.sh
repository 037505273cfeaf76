#!/usr/bin/env bash
# The way to syslog: /dev/log in a mount namespace of our own; lines go there with priority and
# time, and find the way again after syslog was restarted. Runs in the build directory.
set -euo pipefail
[ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null || { echo "needs root and mount namespaces"; exit 77; }
if [ -z "${IN_NAMESPACE:-}" ]; then
	IN_NAMESPACE=1 exec unshare --mount --propagation private "$0"
fi
build=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/buzon-syslog-XXXXXX")
chmod 755 "$work"
mkdir "$work/dev" "$work/bin" "$work/etc"
mount -t tmpfs -o mode=755 none "$work/dev"
for n in null zero urandom random tty; do cp -a "/dev/$n" "$work/dev/" 2>/dev/null || true; done
mkdir "$work/dev/shm"
mount --move "$work/dev" /dev

syslog() {
	python3 - "$work/syslog" <<'P' &
import os, socket, sys
try:
    os.unlink("/dev/log")
except FileNotFoundError:
    pass
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
os.chmod("/dev/log", 0o666)
out = open(sys.argv[1], "ab", buffering=0)
while True:
    out.write(s.recv(8192) + b"\n")
P
	syslogd=$!
	for _ in $(seq 1200); do [ -S /dev/log ] && break; sleep 0.05; done
}
buzon() { "$build/cmd/buzon" -c "$work/etc" "$@" >"$work/out" 2>&1; }
fail() { echo "FAILED: $*"; cat "$work/out" "$work/syslog"; exit 1; }
finish() {
	local rc=$?
	buzon abort || true
	kill "$syslogd" 2>/dev/null || true
	rm -rf "$work"
	exit $rc
}
in_log() { for _ in $(seq 1200); do grep -qE "$1" "$work/syslog" && return; sleep 0.05; done; fail "no $1"; }

for p in smtpd pickup qmgr cleanup anvil bounce auth auth-worker proxymap resolver imapd pop3d local \
	login postlogd; do
	ln -s "$build/tests/unit/master/dummy" "$work/bin/$p"
done
ln -s "$build/master/master" "$work/bin/master"
cat >"$work/etc/main.cf" <<EOF
queue_directory = $work/spool
data_directory = $work/data
daemon_directory = $work/bin
mail_owner = nobody
auth_owner = nobody
net_owner = nobody
setgid_group = $(id -gn nobody)
syslog_facility = local3
syslog_name = postfix/one
EOF
echo "pickup unix n - n 1 1 pickup" >"$work/etc/master.cf"
syslog
trap finish EXIT
buzon start || fail start
# local3 is 19: 19 * 8 + 6 for information
in_log '^<158>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} postfix/one/master\[[0-9]+\]: daemon started'
in_log '^<158>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} postfix/one/postfix-script\[[0-9]+\]: starting the Postfix mail system'
in_log '^<158>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} postfix/one/pickup\[[0-9]+\]: woken as pickup'
kill $syslogd
wait $syslogd 2>/dev/null || true
mv "$work/syslog" "$work/syslog.1"
: >"$work/syslog"
sleep 1.2
syslog
in_log 'postfix/one/pickup\[[0-9]+\]: woken as pickup'
# Nobody may read what a script's command says.
if "$build/cmd/sendmail" -C "$work/etc" </dev/null >"$work/out" 2>&1; then fail "sendmail without recipients"; fi
in_log '^<154>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} postfix/one/sendmail\[[0-9]+\]: fatal: root\(0\): Recipient addresses must be'
grep -q '^sendmail: fatal: root' "$work/out" || fail "not on standard error"
buzon stop || fail stop
in_log 'postfix/one/master\[[0-9]+\]: terminating on signal 15'
# And where there is none, who starts it should know
kill $syslogd
wait $syslogd 2>/dev/null || true
rm -f /dev/log
buzon start || fail "start without syslog"
grep -q 'warning: nothing will be logged: there is no /dev/log' "$work/out" || fail "no warning"
buzon stop || fail stop
echo "all in syslog"
