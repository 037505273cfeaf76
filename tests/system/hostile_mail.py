#!/usr/bin/env python3
"""IMAP and POP3 as no client speaks them, while clients that do go on undisturbed.

The dialogues are made by a generator with a fixed seed. HOSTILE_DIALOGUES says how many (600)."""
import base64
import imaplib
import os
import pathlib
import poplib
import random
import socket
import ssl
import struct
import sys
import threading
import time

DIR, BASE = pathlib.Path(sys.argv[1]), int(sys.argv[2])
IMAP, IMAPS, POP3, POP3S = (BASE + n for n in (143, 993, 110, 995))
CREDENTIALS = [x.split() for x in (DIR / "credentials").read_text().splitlines()]
(VICTIM, PASSWORD), (USER, USER_PASSWORD) = CREDENTIALS[:2]
LOGIN = f"LOGIN {VICTIM} {PASSWORD}".encode()
PLAIN = base64.b64encode(f"\0{VICTIM}\0{PASSWORD}".encode())
COUNT = int(os.environ.get("HOSTILE_DIALOGUES", "600"))
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE

IMAP_LINES = [b"a " + x for x in (
    LOGIN, b"CAPABILITY", b"NOOP", b"LOGOUT", b"ID NIL", b'ID ("a" "b")', b"LOGIN x y", b"LOGIN {3}",
    b"LOGIN {3+}\r\nabc {2+}\r\nxy", b"LOGIN {999999999+}", b'LOGIN "a\\"b" "c"', b"AUTHENTICATE PLAIN",
    b"AUTHENTICATE PLAIN =", b"AUTHENTICATE PLAIN " + PLAIN, b"AUTHENTICATE PLAIN AHgAeQ==",
    b"AUTHENTICATE LOGIN", b"AUTHENTICATE FOO", b"STARTTLS", b"SELECT INBOX", b"FETCH 1:* BODY[]",
    b"UID FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE)", b"SEARCH TEXT a", b"STORE 1:* +FLAGS (\\Deleted kw)",
    b"EXPUNGE", b"APPEND INBOX {5+}\r\nA: b\n", b"APPEND INBOX {100000000+}", b"APPEND INBOX {5}",
    b"CREATE x.y", b"DELETE x.y", b"RENAME x.y x.z", b'LIST "" *', b"IDLE", b"COPY 1:* x.y",
    b"STATUS x.y (MESSAGES)", b"UNSELECT", b"CLOSE", b"(" * 5000,
    b"FETCH 1 BODY[HEADER.FIELDS (" + b"x " * 2000 + b")]",
    b"UID FETCH " + b",".join(b"%d" % i for i in range(3000)) + b" FLAGS",
    b"SEARCH " + b"NOT " * 3000 + b"ALL", b"SEARCH " + b"(" * 400 + b"ALL" + b")" * 400,
    b"SEARCH " + b"OR ALL " * 3000 + b"ALL")] + [b"DONE", b"*", b"AAAA", b"A: b", b"a", b"", b" "]
POP3_LINES = [
    f"USER {VICTIM}".encode(), f"PASS {PASSWORD}".encode(), b"USER x", b"PASS y", b"AUTH PLAIN",
    b"AUTH PLAIN " + PLAIN, b"AUTH PLAIN =", b"*", b"AUTH", b"CAPA", b"STLS", b"QUIT", b"STAT", b"LIST",
    b"UIDL", b"RETR 1", b"RETR 99999999999999999999", b"TOP 1 0", b"TOP 1 99999999999999", b"DELE 1",
    b"RSET", b"NOOP", b"LAST", b"", b"\0", b"x" * 600, b"USER " + b"x" * 300]
checks = 0


def check(condition, what):
    global checks
    if not condition:
        raise AssertionError(what)
    checks += 1
    print("ok", what, flush=True)


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=20)
    return TLS.wrap_socket(s) if port in (IMAPS, POP3S) else s


def reset(s):
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass    # a handshake that failed has closed it
    s.close()


def drain(s, seconds):
    s.settimeout(seconds)
    out = b""
    try:
        while len(out) < 1 << 20:
            piece = s.recv(65536)
            if not piece:
                break
            out += piece
    except OSError:
        pass
    return out


def until(s, text):
    """What comes up to TEXT, or to the end."""
    s.settimeout(20)
    out = b""
    while text not in out:
        piece = s.recv(65536)
        if not piece:
            break
        out += piece
    return out


# --- dialogues made up ---

def spoil(r, line):
    b = bytearray(line)
    for _ in range(r.choice((1, 1, 2, 5))):
        at = r.randrange(len(b) + 1)
        kind = r.random()
        if kind < .4 or not b:
            b.insert(at, r.randrange(256))
        elif kind < .7:
            b[at % len(b)] = r.choice(b'\0\r\n{}()"\\ %*&\xff09a')
        elif kind < .9:
            del b[at % len(b)]
        else:
            b += b[:at]
    return bytes(b)


def dialogue(r, lines, login):
    chosen = (login if r.random() < .6 else []) + [r.choice(lines) for _ in range(r.randrange(1, 30))]
    out = b"".join((spoil(r, x) if r.random() < .3 else x) + r.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b""))
                   for x in chosen)
    return out + (r.randbytes(r.randrange(5000)) if r.random() < .1 else b"")


def send_somehow(r, s, data):
    how = r.random()
    if how < .2:
        for i in range(min(len(data), 300)):
            s.sendall(data[i:i + 1])
        s.sendall(data[300:])
    elif how < .5:
        s.sendall(data)
    elif how < .7:
        while data:
            n = r.randrange(1, 200)
            s.sendall(data[:n])
            data = data[n:]
    else:
        for line in data.split(b"\r\n"):
            s.sendall(line + b"\r\n")
            if r.random() < .2:
                drain(s, .01)


def attack(r):
    is_imap = r.random() < .6
    port = (r.choice((IMAP, IMAP, IMAPS)) if is_imap else r.choice((POP3, POP3, POP3S)))
    data = dialogue(r, IMAP_LINES, [IMAP_LINES[0], b"a SELECT INBOX"]) if is_imap else \
        dialogue(r, POP3_LINES, POP3_LINES[:2])
    s = connect(port)
    try:
        if port in (IMAP, POP3) and r.random() < .1:
            s.sendall(b"a STARTTLS\r\n" if is_imap else b"STLS\r\n")
            until(s, b"OK")
            s = TLS.wrap_socket(s) if r.random() < .5 else s
        send_somehow(r, s, data)
        if r.random() < .5:
            drain(s, .05)
    except OSError:
        pass
    if r.random() < .4:
        reset(s)
    else:
        s.close()


def run_attacks(seed, n, failures):
    r = random.Random(seed)
    try:
        for _ in range(n):
            attack(r)
    except Exception as e:
        failures.append(e)


def made_up():
    failures = []
    threads = [threading.Thread(target=run_attacks, args=(i, COUNT // 6, failures)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check(not failures, f"{COUNT // 6 * 6} broken dialogues {failures}")


# --- what has a name ---

def logged_in(port):
    s = connect(port)
    s.sendall(b"l " + LOGIN + b"\r\ns SELECT INBOX\r\n")
    check(b"s OK" in until(s, b"s OK"), f"a login and SELECT in one packet, port {port - BASE}")
    return s


def bytewise():
    for port in (IMAP, IMAPS):
        s = connect(port)
        for c in b"l " + LOGIN + b"\r\ns SELECT INBOX\r\nf FETCH 1 FLAGS\r\no LOGOUT\r\n":
            s.sendall(bytes((c,)))
        answers = until(s, b"o OK")
        check(all(t in answers for t in (b"l OK", b"s OK", b"o OK")), "a session byte by byte")


def files():
    box = DIR / "mail" / VICTIM.split("@")[1] / VICTIM.split("@")[0] / "Maildir"
    return [len(list((box / d).glob("*"))) for d in ("new", "cur", "tmp")]


def half_append():
    """The client is gone in the middle of its message: nothing of it stays."""
    def given_up():
        return (DIR / "log/mail.log").read_text(errors="replace").count("Disconnected in APPEND")
    before, seen = files(), given_up()
    for port in (IMAP, IMAPS):
        s = logged_in(port)
        s.sendall(b"a APPEND INBOX {5000000+}\r\n" + b"x" * 3000000)
        reset(s)
    for _ in range(100):
        if given_up() >= seen + 2:
            break
        time.sleep(.1)
    check(given_up() >= seen + 2 and files() == before, f"half an APPEND leaves nothing {before} {files()}")


def no_reader():
    """Clients that ask for much and read nothing, then are gone."""
    s = logged_in(IMAP)
    body = b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100000
    s.sendall(b"a APPEND INBOX {%d+}\r\n" % len(body) + body + b"\r\n")
    check(b"a OK" in until(s, b"a OK"), "a large message")
    others = [logged_in(port) for port in (IMAP, IMAPS) * 3]
    for o in others:
        o.sendall(b"f FETCH 1:* BODY.PEEK[]\r\n" * 5)
    time.sleep(.5)
    s.sendall(b"n NOOP\r\n")
    check(b"n OK" in until(s, b"n OK"), "others are served while some do not read")
    for o in others:
        reset(o)
    s.close()


def same_messages():
    """Two sessions remove the same messages, a third reads them."""
    a, b, c = (logged_in(port) for port in (IMAP, IMAPS, IMAP))
    for s in (a, b):
        s.sendall(b"t STORE 1:* +FLAGS.SILENT (\\Deleted)\r\nx EXPUNGE\r\n")
    c.sendall(b"f FETCH 1:* BODY.PEEK[]\r\nn NOOP\r\n")
    for s, end in ((a, b"\r\nx "), (b, b"\r\nx "), (c, b"\r\nn ")):
        check(end in until(s, end), "a session whose messages others remove goes on")
        s.close()


def cut_off():
    """Half a command and a reset, in each state of each protocol."""
    imap = [b"a CAPABILITY", b"a LOGIN %s {%d}" % (VICTIM.encode(), len(PASSWORD)), PASSWORD.encode(),
            b"a SELECT INBOX", b"a APPEND INBOX {20}", b"Subject: x\r\n\r\n123456", b"a FETCH 1:* (BODY[])",
            b"a STORE 1 +FLAGS (\\Seen)", b"a IDLE", b"DONE", b"a UID SEARCH TEXT {3}", b"abc",
            b"a COPY 1 INBOX", b"a EXPUNGE", b"a CLOSE", b"a LOGOUT"]
    pop3 = [b"CAPA", b"USER " + VICTIM.encode(), b"PASS " + PASSWORD.encode(), b"STAT", b"UIDL", b"RETR 1",
            b"TOP 1 1", b"DELE 1", b"RSET", b"QUIT"]
    for port, lines, starttls in ((IMAP, imap, b""), (IMAPS, imap, b""), (IMAP, imap, b"a STARTTLS\r\n"),
                                  (POP3, pop3, b""), (POP3S, pop3, b""), (POP3, pop3, b"STLS\r\n")):
        for state, line in enumerate(lines):
            s = connect(port)
            s.recv(4096)
            if starttls:
                s.sendall(starttls)
                until(s, b"OK")
                s = TLS.wrap_socket(s)
            for before in lines[:state]:
                s.sendall(before + b"\r\n")
                drain(s, .02)
            try:
                s.sendall(line[:len(line) // 2 + 1])
            except OSError:
                pass    # the dialogue was over
            reset(s)
    check(True, "clients that are cut off")


def no_reader_yet():
    """Clients who ask without end before their login, and read nothing."""
    deaf = []
    for port, line in ((IMAP, b"a CAPABILITY\r\n"), (IMAPS, b"a NOOP\r\n"), (POP3, b"CAPA\r\n"), (POP3S, b"CAPA\r\n")):
        s = connect(port)
        s.settimeout(1)
        try:
            for _ in range(300):
                s.sendall(line * 5000)
        except OSError:
            pass
        deaf.append(s)
    with imaplib.IMAP4("127.0.0.1", IMAP, timeout=20) as box:
        check(box.login(USER, USER_PASSWORD)[0] == "OK", "a login beside clients who do not read")
    for s in deaf:
        reset(s)


def broken_files():
    """What the mailbox's own files can become while a session has it open: each command is answered,
    and the next session finds every message."""
    box = DIR / "mail" / VICTIM.split("@")[1] / VICTIM.split("@")[0] / "Maildir"
    owner = box.stat()
    s = logged_in(IMAP)
    s.sendall(b"a APPEND INBOX {5+}\r\nA: b\n\r\n")
    until(s, b"a OK")
    s.close()
    count = sum(files()[:2])
    noise = random.Random(1).randbytes(5000)
    makers = [("empty", lambda p: p.write_bytes(b"")), ("noise", lambda p: p.write_bytes(noise)),
              ("the last UID", lambda p: p.write_bytes(b"3 V7 N4294967295 G00\n4294967294 :a\n")),
              ("one long line", lambda p: p.write_bytes(b"3 V7 N9 G00\n1 :" + b"x" * 100000)),
              ("a FIFO", lambda p: os.mkfifo(p, 0o666)), ("a link", lambda p: p.symlink_to("/etc/passwd")),
              ("a directory", lambda p: p.mkdir())]
    for name in ("dovecot-uidlist", "dovecot-keywords", "subscriptions", "cur/1000.x:2,"):
        for what, make in makers:
            path, saved = box / name, DIR / "saved"
            s = logged_in(IMAP)
            if path.exists():
                path.rename(saved)
            make(path)
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
            s.sendall(b"".join(b"f%d %s\r\n" % x for x in enumerate((
                b"NOOP", b"FETCH 1:* (UID FLAGS BODY.PEEK[])", b"STORE 1 +FLAGS (kw)", b'LSUB "" *', b"LOGOUT"))))
            answers = until(s, b"f4 OK")
            check(b"f4 OK" in answers or b"* BYE" in answers, f"{name} becomes {what}: answers")
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            elif path.is_symlink() or path.exists():
                path.unlink()
            if saved.exists():
                saved.rename(path)
            s = logged_in(IMAP)
            s.sendall(b"c SEARCH ALL\r\n")
            found = until(s, b"c OK").split(b"* SEARCH")[1].split(b"\r\n")[0].split()
            check(len(found) == count, f"{name} was {what}: every message is there {len(found)} {count}")
            s.close()


def crowd():
    """Hundreds who say nothing, or half of something: more than the process limit of t-hostile-mail."""
    idle = []
    for i in range(300):
        s = connect((IMAP, POP3)[i % 2])
        s.sendall((b"a LOGIN {60+}\r\nxx", b"USER x\r\nPA")[i % 2] if i % 3 else b"")
        idle.append(s)
    with imaplib.IMAP4("127.0.0.1", IMAP, timeout=20) as box:
        check(box.login(USER, USER_PASSWORD)[0] == "OK", "a login in a crowd")
    for s in idle:
        reset(s)


def main():
    bystander = imaplib.IMAP4_SSL("127.0.0.1", IMAPS, ssl_context=TLS, timeout=30)
    bystander.login(USER, USER_PASSWORD)
    bystander.append("INBOX", None, None, b"Subject: bystander\r\n\r\nx\r\n")
    bystander.select("INBOX")
    pop = poplib.POP3("127.0.0.1", POP3, timeout=30)
    pop.user(USER)
    pop.pass_(USER_PASSWORD)
    for run in (bytewise, made_up, half_append, no_reader, no_reader_yet, cut_off, same_messages,
                broken_files, crowd):
        run()
        check(bystander.noop()[0] == "OK" and pop.noop().startswith(b"+OK"),
              f"the bystanders live after {run.__name__}")
    check(b"Subject: bystander" in bystander.fetch("1", "(BODY[])")[1][0][1], "and have their mail")
    bystander.logout()
    pop.quit()
    print(checks, "checks")


main()
