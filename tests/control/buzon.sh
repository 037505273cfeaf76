#!/usr/bin/env bash
# The control command with the real master and a stand-in for the programs: words, exit codes,
# faults all at once. As root and as an ordinary user. Runs in the build directory.
set -euo pipefail
build=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/buzon-control-XXXXXX")
chmod 755 "$work"
etc=$work/etc
# A port that nobody listens on; tests of another tree may run at the same time.
port=$((31100 + $$ % 1000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port < 32100 ? port + 1 : 31100)); done
mkdir "$work/bin" "$etc"
for p in smtpd pickup qmgr cleanup anvil bounce auth auth-worker proxymap resolver imapd pop3d local \
	login; do
	ln -s "$build/tests/unit/master/dummy" "$work/bin/$p"
done
ln -s "$build/master/master" "$work/bin/master"
ln -s "$build/postlogd/postlogd" "$work/bin/postlogd"

buzon() { "$build/cmd/buzon" -c "$etc" "$@" >"$work/out" 2>&1; }
fail() { echo "FAILED: $*"; cat "$work/out"; exit 1; }
says() { grep -qF -- "$1" "$work/out" || fail "not said: $1"; }
holder=
finish() { local rc=$?; buzon abort || true; [ -z "$holder" ] || kill $holder 2>/dev/null || true; rm -rf "$work"; exit $rc; }
trap finish EXIT

main_cf() {
	cat >"$etc/main.cf" <<-EOF
	queue_directory = $work/spool
	data_directory = $work/data
	daemon_directory = $work/bin
	mail_owner = nobody
	auth_owner = nobody
	net_owner = nobody
	setgid_group = $(id -gn nobody)
	inet_interfaces = 127.0.0.1
	inet_protocols = ipv4
	EOF
}
master_cf() {
	cat >"$etc/master.cf" <<-EOF
	127.0.0.1:$port inet n - n - - smtpd
	pickup unix n - n 60 1 pickup
	tlsmgr unix - - y 1000? 1 tlsmgr
	relay unix - - y - - smtp
	EOF
}
main_cf
master_cf

buzon && fail "no verb was accepted"
says "usage: buzon"
buzon frobnicate && fail "an unknown verb was accepted"
says 'no command "frobnicate"'
buzon status && fail "status of what does not run"
says "postfix-script: the Postfix mail system is not running"
buzon stop && fail "stop of what does not run"
says "fatal: the Postfix mail system is not running"
buzon reload && fail "reload of what does not run"

buzon check || fail "check of a good configuration"
says "service tlsmgr: the keys of TLS session tickets are kept by master"
says "service relay: program smtp is not in this version: mail for this transport is deferred"

# What is no fault, but should be known
chmod 664 "$etc/main.cf"
mkdir -p "$work/spool/corrupt"
: >"$work/spool/corrupt/4B0C91"
buzon check || fail "check with things to know"
says "note: group or other writable: $etc/main.cf"
says "note: damaged message: $work/spool/corrupt/4B0C91"
rm "$work/spool/corrupt/4B0C91"
if [ "$(id -u)" -eq 0 ]; then
	chown nobody "$etc/main.cf"
	buzon check || fail "check with another's main.cf"
	says "note: not owned by root: $etc/main.cf"
fi
rm "$etc/main.cf"
main_cf

# Faults are named all at once, with file and line; nothing is started.
cat >>"$etc/main.cf" <<-EOF
	daemon_timeout = soon
	myhostnme = x
EOF
cat >>"$etc/master.cf" <<-EOF
	wonder unix - - n - - nosuchprogram
	127.0.0.1:nosuchport inet n - n - - smtpd
EOF
for verb in check start; do
	buzon $verb && fail "$verb with faults"
	says "main.cf, line 10: bad value of daemon_timeout"
	says "unknown parameter: myhostnme"
	says "master.cf, line 5: service wonder: there is no program nosuchprogram"
	says "master.cf, line 6: service 127.0.0.1:nosuchport: unknown port"
done
[ ! -e "$work/spool/pid/master.pid" ] || fail "a faulty start has started master"
[ -d "$work/spool/active" ] || fail "check makes no missing directories"
main_cf
master_cf
echo 'mail_name = broken' >>"$etc/main.cf"
buzon check && fail "a program's own fault"
says "mail_name is broken"
[ "$(grep -c 'mail_name is broken' "$work/out")" -eq 1 ] || fail "one fault is told several times"
main_cf
rm "$work/bin/qmgr"
buzon check && fail "a missing program"
says "$work/bin/qmgr: No such file"
ln -s "$build/tests/unit/master/dummy" "$work/bin/qmgr"
if [ "$(id -u)" -eq 0 ]; then
	sed -i 's/^net_owner = .*/net_owner = nosuchuser/' "$etc/main.cf"
	buzon check && fail "a missing user"
	says 'net_owner: there is no user "nosuchuser"'
	main_cf
else
	sed -i "s/127.0.0.1:$port/127.0.0.1:587/" "$etc/master.cf"
	buzon check && fail "a low port without root"
	says "ports below 1024 need root"
	master_cf
	buzon set-permissions && fail "set-permissions without root"
	says "needs root"
	(ulimit -n 100 && buzon start) && fail "a start with few open files"
	says "100 open files are allowed (ulimit -n), and 256 are needed"
fi
: >"$work/file"
sed -i "s|^queue_directory = .*|queue_directory = $work/file/spool|" "$etc/main.cf"
buzon check && fail "a spool that cannot be made"
says "$work/file/spool"
main_cf

# Life; whoever starts it has closed what he does not need
"$build/cmd/buzon" -c "$etc" start <&- >&- 2>&- || fail "start without standard input and output"
buzon status -v || fail "master does not answer"
buzon stop || fail "stop"
buzon start || fail "start"
says "postfix-script: starting the Postfix mail system"
buzon start && fail "a second start"
says "fatal: the Postfix mail system is already running"
buzon status || fail "status"
says "the Postfix mail system is running: PID: $(cat "$work/spool/pid/master.pid")"
for _ in $(seq 1200); do
	"$build/cmd/buzon" -c "$etc" status -v >"$work/out" 2>/dev/null || fail "status -v"
	grep -q "^pickup .* ready " "$work/out" && break
	sleep 0.05
done
grep -q "^127.0.0.1:$port  *smtpd .* waiting  *0  sockets$" "$work/out" || fail "no line for smtpd"
grep -q "^pickup  *pickup  *[0-9]* .* ready .*rw queue/maildrop" "$work/out" || fail "no line for pickup"
exec 8<>"/dev/tcp/127.0.0.1/$port"
echo stamp >&8
read -r stamp <&8
[ "$stamp" = Postfix ] || fail "a session: $stamp"
echo 'mail_name = two' >>"$etc/main.cf"
buzon reload || fail "reload"
says "refreshing the Postfix mail system"
exec 9<>"/dev/tcp/127.0.0.1/$port"
echo stamp >&9
read -r stamp <&9
[ "$stamp" = two ] || fail "after the reload a new session has: $stamp"
echo stamp >&8
read -r stamp <&8
[ "$stamp" = Postfix ] || fail "the reload has touched an old session: $stamp"
echo 'mail_name = broken' >>"$etc/main.cf"
buzon reload && fail "a reload with faults"
says "not reloaded"
buzon status || fail "a refused reload has stopped the suite"
main_cf
# A port in use at a reload: what can be done is done, and said
take_port() {
	python3 - $1 >"$work/py" <<'P' &
import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(1)
print("up", flush=True)
time.sleep(600)
P
	holder=$!
	for _ in $(seq 1200); do grep -q up "$work/py" && break; sleep 0.05; done
}
take_port $((port + 1))
echo "127.0.0.1:$((port + 1)) inet n - n - - smtpd" >>"$etc/master.cf"
buzon reload && fail "a reload with a port in use"
says "warning: service 127.0.0.1:$((port + 1)) cannot listen on all its sockets"
buzon status -v || fail "status -v"
says "no socket"
kill $holder
wait $holder 2>/dev/null || true
master_cf
buzon reload || fail "reload without that service"
if [ "$(id -u)" -eq 0 ]; then
	chown root "$work/spool/hold"
	buzon check && fail "a spool directory of another owner"
	says "$work/spool/hold is not owned by nobody"
	buzon set-permissions || fail set-permissions
	buzon check || fail "check after set-permissions"
	# whoever holds mail_owner may lay out what it likes: nothing outside changes hands
	for bait in file linked; do echo secret >"$work/$bait"; done
	mkdir "$work/bait"; : >"$work/bait/x"; chown root "$work"/{file,linked,bait,bait/x}
	mkdir "$work/spool/hold/A"; : >"$work/spool/hold/A/own"
	ln -s "$work/bait" "$work/spool/hold/B"; ln -s "$work/file" "$work/spool/hold/C"
	ln "$work/linked" "$work/spool/hold/D"
	buzon set-permissions || fail "set-permissions with links about"
	[ "$(stat -c %U "$work"/{file,linked,bait,bait/x} | sort -u)" = root ] ||
		fail "set-permissions gave away what is not the spool's"
	[ "$(stat -c %U "$work/spool/hold/A/own")" = nobody ] || fail "a spool file stays root's"
	rm -r "$work/spool/hold"/[ABCD]
	mv "$work/spool/hold" "$work/held"; ln -s "$work/bait" "$work/spool/hold"
	buzon set-permissions && fail "set-permissions through a link"
	[ "$(stat -c %U "$work/bait")" = root ] || fail "set-permissions followed a link"
	rm "$work/spool/hold"; mv "$work/held" "$work/spool/hold"
fi
buzon stop || fail "stop"
says "stopping the Postfix mail system"
exec 8>&- 9>&-
buzon status && fail "status after stop"

# maillog_file: written by postlogd; a reload lets go of a renamed file; nothing is lost
cat >>"$etc/main.cf" <<-EOF
	maillog_file = $work/mail.log
EOF
buzon check && fail "a log file outside of maillog_file_prefixes"
says "not below one of maillog_file_prefixes"
echo "maillog_file_prefixes = $work" >>"$etc/main.cf"
buzon start || fail "start with maillog_file"
in_log() { for _ in $(seq 1200); do grep -qE "$1" "$2" 2>/dev/null && return; sleep 0.05; done; fail "$2: no $1: $(cat "$2")"; }
in_log '^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [^ .]+ postfix/master\[[0-9]+\]: daemon started -- version' "$work/mail.log"
in_log 'postfix/pickup\[[0-9]+\]: woken as pickup' "$work/mail.log"
mv "$work/mail.log" "$work/mail.log.1"
buzon reload || fail "reload after renaming the log"
both() { cat "$work/mail.log.1" "$work/mail.log" >"$work/both"; }
for _ in $(seq 1200); do both; [ "$(grep -c 'woken as pickup' "$work/both")" -ge 2 ] && break; sleep 0.05; done
in_log 'postfix/postfix-script\[[0-9]+\]: refreshing the Postfix mail system' "$work/both"
in_log 'postfix/master\[[0-9]+\]: reload -- version' "$work/both"
[ "$(grep -c 'woken as pickup' "$work/both")" -ge 2 ] || fail "a line was lost in the reload"
[ "$(stat -c %a "$work/mail.log")" = 600 ] || fail "permissions of the log"
buzon stop || fail stop
in_log 'terminating on signal 15' "$work/mail.log"
main_cf

# start builds the index of a table that has none
echo 'a: b' >"$work/aliases"
cat >>"$etc/main.cf" <<-EOF
	alias_maps = hash:$work/aliases
	alias_database = hash:$work/aliases
	command_directory = $build/cmd
EOF
buzon start || fail "start with an alias table"
[ -s "$work/aliases.cdb" ] || fail "no index was built"
grep -qx b <("$build/cmd/postalias" -c "$etc" -q a "cdb:$work/aliases") || fail "the index does not answer"
buzon stop || fail stop
main_cf

# A port in use
take_port $port
buzon start && fail "a port in use"
kill $holder
wait $holder 2>/dev/null || true
holder=
says "cannot listen on 127.0.0.1:$port"
says "another program listens there"

# In the foreground, until a signal
"$build/cmd/buzon" -c "$etc" start-fg >"$work/fg" 2>&1 &
fg=$!
for _ in $(seq 1200); do grep -q "daemon started" "$work/fg" && break; sleep 0.05; done
buzon status || fail "start-fg does not run"
kill -TERM $fg
wait $fg || fail "start-fg ends with $?"
# As process 1 it reaps what nobody else does
if [ "$(id -u)" -eq 0 ] && unshare --pid --fork --mount-proc true 2>/dev/null; then
	unshare --pid --fork --mount-proc "$build/cmd/buzon" -c "$etc" start-fg >"$work/fg" 2>&1 &
	outer=$!
	for _ in $(seq 1200); do grep -q "daemon started" "$work/fg" && break; sleep 0.05; done
	inner=$(pgrep -P $outer)
	[ "$(cat "$work/spool/pid/master.pid")" -eq 1 ] || fail "it is not process 1"
	nsenter --target "$inner" --pid --mount sh -c '(sleep 0.1 &)'
	sleep 0.5
	for _ in $(seq 1200); do pgrep -P "$inner" -r Z >"$work/out" || break; sleep 0.05; done
	[ ! -s "$work/out" ] || fail "an orphan was not reaped"
	kill -TERM "$inner"
	wait $outer || fail "process 1 ends with $?"
fi
buzon start || fail "start"
buzon abort || fail abort
says "aborting the Postfix mail system"
buzon status && fail "status after abort"

# The rest as an ordinary user, where one may read this tree
may_read() { runuser -u nobody -- test -x "$build/cmd/buzon" && runuser -u nobody -- test -r "$0"; }
if [ "$(id -u)" -eq 0 ] && command -v runuser >/dev/null && may_read; then
	rm -rf "$work/spool" "$work/data"
	mkdir -m 777 "$work/user"
	trap 'rm -rf "$work"' EXIT
	cd "$build"
	TMPDIR=$work/user runuser -u nobody -- bash "$0" >"$work/out" 2>&1 || fail "as an ordinary user"
fi
echo "all said"
