#!/usr/bin/env python3
"""IMAP sessions without a process: how they fall asleep, what wakes them, what they know then."""
import os
import pathlib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time

DIR, BASE, PREFIX = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
PASSWORD = dict(line.split() for line in open(DIR / "credentials", encoding="ascii"))
ALICE, BOB = "alice@demo.test", "bob@demo.test"
PATIENCE_S = 20


def ok(what):
    print("ok", what, flush=True)


def fail(what):
    raise AssertionError(what)


class Imap:
    def __init__(self, tls=False, user=ALICE, box="INBOX"):
        self.s = socket.create_connection(("127.0.0.1", BASE + (993 if tls else 143)), timeout=PATIENCE_S)
        if tls:
            self.s = ssl.create_default_context(cafile=DIR / "etc/cert.pem").wrap_socket(
                self.s, server_hostname="localhost")
        self.f = self.s.makefile("rb")
        self.n = 0
        self.expect("* OK")
        self.do(f"LOGIN {user} {PASSWORD[user]}")
        if box:
            self.do(f"SELECT {box}")

    def line(self):
        return self.f.readline().decode().rstrip("\r\n")

    def expect(self, *wanted):
        """The lines WANTED, one after the other; words that keep the line open may come between."""
        for w in wanted:
            got = self.line()
            while got == "* OK Still here" and w != got:
                got = self.line()
            if not got.startswith(w):
                fail(f"wanted {w!r}, got {got!r}")

    def send(self, text):
        self.s.sendall(text.encode() + b"\r\n")

    def do(self, command):
        """All lines up to the tagged one, which must be OK."""
        self.n += 1
        self.send(f"a{self.n} {command}")
        lines = [self.line()]
        while not lines[-1].startswith(f"a{self.n} "):
            if lines[-1] == "":
                fail(f"{command}: connection lost")
            lines.append(self.line())
        if not lines[-1].startswith(f"a{self.n} OK"):
            fail(f"{command}: {lines[-1]}")
        return lines

    def idle(self):
        self.send("i1 IDLE")
        self.expect("+ idling")

    def done(self):
        self.send("DONE")
        self.expect("i1 OK Idle completed.")


def broker():
    """The imapd that is not draining: the youngest of those that are nobody's job."""
    found = []
    for exe in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            if os.path.realpath(exe) == os.path.realpath(PREFIX / "libexec/buzon/imapd"):
                found.append(int(exe.parent.name))
        except OSError:
            continue
    return found


def jobs():
    """Processes of imapd whose parent is one of its brokers."""
    all_of_it = broker()
    n = 0
    for pid in all_of_it:
        try:
            parent = int(re.search(r"^PPid:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M)[1])
        except (OSError, TypeError):
            continue
        n += parent in all_of_it
    return n


def wait_jobs(n, what):
    end = time.time() + PATIENCE_S
    while jobs() != n:
        if time.time() > end:
            fail(f"{what}: {jobs()} jobs, not {n}")
        time.sleep(0.05)
    ok(what)


def log_has(text, what):
    end = time.time() + PATIENCE_S
    while text not in open(DIR / "log/mail.log", encoding="utf-8").read():
        if time.time() > end:
            fail(f"{what}: no {text!r} in the log")
        time.sleep(0.05)
    ok(what)


def mail(to=ALICE):
    with smtplib.SMTP("127.0.0.1", BASE + 25) as s:
        s.sendmail("x@y.test", [to], "Subject: x\r\n\r\nx\r\n")


def buzon(verb):
    subprocess.run([PREFIX / "sbin/buzon", "-c", DIR / "etc", verb], check=True,
                   stderr=subprocess.DEVNULL)


# --- new mail wakes every session, in clear and under TLS ---
sessions = [Imap(tls=i % 2 == 1) for i in range(6)]
for c in sessions:
    c.idle()
wait_jobs(0, "six sessions sleep")
mail()
for c in sessions:
    c.expect("* 1 EXISTS")
    c.line()        # who was first has it as \Recent
ok("new mail is told to all of them")
wait_jobs(0, "they fall asleep again")
for c in sessions[2:]:
    c.done()
    c.do("LOGOUT")
plain, tls = sessions[0], sessions[1]
wait_jobs(0, "the ones that are left sleep")

# --- what others change meanwhile is told, with the numbers the client knows ---
mail()
plain.expect("* 2 EXISTS", "* ")
tls.expect("* 2 EXISTS", "* ")
mail()
plain.expect("* 3 EXISTS", "* ")
tls.expect("* 3 EXISTS", "* ")
wait_jobs(0, "asleep with three messages")
other = Imap()
other.do(r"STORE 2 +FLAGS (\Flagged blue)")
for c in (plain, tls):
    c.expect(r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft blue)", "* OK [PERMANENTFLAGS",
             "* 2 FETCH (FLAGS (")
other.idle()
wait_jobs(0, "flags and a new keyword were told")
other.done()
other.do(r"STORE 1 +FLAGS.SILENT \Deleted")
other.do("EXPUNGE")
other.do("LOGOUT")
for c in (plain, tls):
    got = c.line()
    while got.startswith("* 1 FETCH") or got == "* OK Still here":
        got = c.line()
    if got != "* 1 EXPUNGE":
        fail(f"wanted EXPUNGE, got {got!r}")
ok("an expunge was told")
wait_jobs(0, "asleep with two messages")
for c in (plain, tls):
    c.done()
    if [x for x in c.do("UID SEARCH ALL") if x.startswith("* SEARCH")] != ["* SEARCH 2 3"]:
        fail("UIDs behind the sleep")
    if not any(r"\Flagged" in x and "blue" in x for x in c.do("FETCH 1 (UID FLAGS)")):
        fail("flags behind the sleep")
ok("numbers, UIDs and flags are right behind it")

# --- words that keep the line open; half a line ---
plain.idle()
wait_jobs(1, "one sleeps")          # TLS is awake outside IDLE
plain.expect("* OK Still here", "* OK Still here")
ok("a sleeping session is told that we are still here")
plain.s.sendall(b"DO")
plain.expect("* OK Still here")
plain.s.sendall(b"NE\r\n")
plain.expect("i1 OK Idle completed.")
ok("a line that comes in two halves")
plain.s.sendall(b"i1 IDLE\r\nDONE\r\na77 NOOP\r\n")
plain.expect("+ idling", "i1 OK", "a77 OK")
ok("everything at once")

# --- without a mailbox, and with one that is only read ---
none = Imap(user=BOB, box=None)
none.idle()
mail(BOB)
reader = Imap(user=BOB, box=None)
reader.do("EXAMINE INBOX")
reader.idle()
wait_jobs(2, "without a mailbox, and read-only")
mail(BOB)
got = reader.line()
while not got.startswith("* 2 EXISTS"):
    if not got.startswith("* "):
        fail(f"read-only: {got!r}")
    got = reader.line()
reader.expect("* 2 RECENT")
ok("what is only looked at stays recent")
none.done()
reader.done()
try:
    reader.do(r"STORE 1 +FLAGS \Seen")
except AssertionError:
    ok("a mailbox opened by EXAMINE is still read-only")
else:
    fail("EXAMINE was forgotten")
none.do("LOGOUT")
reader.do("LOGOUT")

# --- the mailbox goes ---
plain.do("CREATE gone")
doomed = Imap(box="gone")
doomed.idle()
wait_jobs(2, "one sleeps in a mailbox")
plain.do("DELETE gone")
doomed.expect("* BYE Selected mailbox was deleted")
ok("its mailbox was deleted")

# --- the client goes ---
quitter = Imap()
quitter.idle()
wait_jobs(2, "one more sleeps")
quitter.f.close()
quitter.s.close()
log_has("Disconnected: Connection closed", "the end of a sleeping session is logged")
wait_jobs(2, "and nothing is left of it")

# --- sleepers count ---
crowd = [Imap() for _ in range(18)]
for c in crowd:
    c.idle()
wait_jobs(2, "a crowd sleeps")
try:
    Imap()
except AssertionError as e:
    if "Maximum number of connections" not in str(e):
        raise
    ok("sleepers count as connections of the user")
else:
    fail("21 sessions where 20 are allowed")
for c in crowd:
    c.done()
    c.do("LOGOUT")

# --- reload and stop ---
plain.idle()
tls.idle()
wait_jobs(0, "asleep before a reload")
buzon("reload")
mail()
plain.expect("* 3 EXISTS")
plain.line()
tls.expect("* 3 EXISTS")
tls.line()
ok("sleepers live through a reload")
wait_jobs(0, "and sleep on")
buzon("stop")
plain.expect("* BYE Server shutting down.")
if plain.line() != "":
    fail("still open")
ok("the last word before the stop")
log_has("Disconnected: Server shutting down. in=", "and its line in the log")
