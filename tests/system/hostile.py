#!/usr/bin/env python3
"""Dialogues no client would hold. Each checks the answer; a bystander session lives through all."""
import base64
import pathlib
import smtplib
import socket
import ssl
import struct
import sys
import time

DIR, BASE = pathlib.Path(sys.argv[1]), int(sys.argv[2])
SMTP, HELD, SUBMISSION, SUBMISSIONS, IMAP, POP3 = (BASE + n for n in (25, 26, 587, 465, 143, 110))
USER, PASSWORD = (DIR / "credentials").read_text().split()[:2]
TLS = ssl.create_default_context(cafile=DIR / "etc/cert.pem")
checks = 0


def check(condition, what):
    global checks
    if not condition:
        raise AssertionError(what)
    checks += 1
    print("ok", what)


class Raw:
    def __init__(self, port, greeting=True):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=25)
        if greeting:
            self.greeting = self.line()

    def line(self):
        out = b""
        while not out.endswith(b"\n"):
            try:
                c = self.s.recv(1)
            except ConnectionResetError:
                return out
            if not c:
                return out
            out += c
        return out

    def reply(self):
        while True:
            line = self.line()
            if len(line) < 4 or line[3:4] != b"-":
                return line

    def send(self, data):
        try:
            self.s.sendall(data)
        except OSError:
            pass

    def say(self, data):
        self.send(data)
        return self.reply()

    def rest(self):
        out = b""
        self.s.settimeout(2)
        try:
            while True:
                c = self.s.recv(65536)
                if not c:
                    return out
                out += c
        except OSError:
            return out

    def secure(self):
        self.s = TLS.wrap_socket(self.s, server_hostname="localhost")
        return self

    def reset(self):
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.s.close()


def to_data(rcpt=b"bob@demo.test"):
    r = Raw(SMTP)
    r.say(b"EHLO x\r\n")
    r.say(b"MAIL FROM:<a@b.example>\r\n")
    r.say(b"RCPT TO:<" + rcpt + b">\r\n")
    check(r.say(b"DATA\r\n").startswith(b"354"), "354")
    return r


def found(text):
    for f in (DIR / "mail").rglob("Maildir/*/*"):
        if f.parent.name in ("new", "cur") and text in f.read_bytes():
            return f.read_bytes()
    return None


def wait_found(text):
    for _ in range(1200):
        got = found(text)
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"{text} did not arrive")


def smtp_lines():
    r = Raw(SMTP)
    check(r.say(b"EHLO " + b"x" * 100000 + b"\r\n")[:1] == b"5", "an over-long command is refused")
    r = Raw(SMTP)
    check(r.say(b"EHLO a\0b\r\n")[:1] == b"5", "NUL in a command is refused")
    r = Raw(SMTP)
    r.say(b"EHLO x\r\n")
    for _ in range(200):
        if not r.say(b"BOGUS\r\n"):
            break
    check(r.line() == b"", "after too many errors the server hangs up")
    r = Raw(SMTP)
    r.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    check(r.rest()[:3] in (b"221", b"554", b""), "a web browser is sent away")
    for cut in (b"E", b"EHLO x\r\nMAIL FR", b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\n"):
        r = Raw(SMTP, greeting=False)
        r.send(cut)
        r.reset()
    r = Raw(SMTP, greeting=False)
    r.send(b"EHLO early\r\nMAIL FROM:<a@b>\r\n")
    answer = r.rest()
    check(b"554" in answer or b"503" in answer or b"250" not in answer, "talking before the greeting is refused")


def smuggling():
    r = to_data()
    r.send(b"Subject: smuggle-one\r\n\r\nx\n.\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<bob@demo.test>\r\n"
           b"DATA\r\nSubject: smuggled-two\r\n\r\ny\r\n.\r\n")
    first = r.reply()
    got = r.rest() if first.startswith(b"5") else b""
    # mynetworks are excluded from the rule by default; either one message or a refusal, never two
    time.sleep(1)
    whole = found(b"smuggle-one")
    check(found(b"Subject: smuggled-two") in (None, whole), f"no second message by LF . CRLF {first!r} {got[:40]!r}")
    r = to_data()
    r.send(b"Subject: bare-cr\r\n\r\nx\r.\r\ny\r\n.\r\n")
    check(r.reply()[:3] in (b"250", b"550", b"521"), "a bare CR ends nothing")
    r = to_data()
    r.send(b"Subject: split-end\r\n\r\nx\r\n")
    for c in (b".", b"\r", b"\n"):
        time.sleep(0.05)
        r.send(c)
    check(r.reply().startswith(b"250"), "the end of data may come byte by byte")


def big():
    r = to_data()
    r.send(b"Subject: long-line\r\n\r\n" + b"a" * 3000000 + b"\r\n.\r\n")
    check(r.reply()[:3] in (b"250", b"552", b"500"), "a line of 3 MB")
    r = to_data()
    r.send(b"X-Big: " + b"b" * 2000000 + b"\r\nSubject: big-header\r\n\r\nx\r\n.\r\n")
    check(r.reply()[:3] in (b"250", b"552"), "a header of 2 MB")
    r = to_data()
    chunk = b"c" * 998 + b"\r\n"
    r.send(b"Subject: too-big\r\n\r\n" + chunk * 11000)
    r.send(b".\r\n")
    answer = r.reply()
    check(answer.startswith(b"552"), f"over message_size_limit {answer!r}")
    r = Raw(SMTP)
    r.say(b"EHLO x\r\n")
    r.say(b"MAIL FROM:<a@b.example>\r\n")
    codes = {}
    for n in range(1200):
        code = r.say(b"RCPT TO:<bob+%d@demo.test>\r\n" % n)[:3]
        codes[code] = codes.get(code, 0) + 1
        if code[:1] not in (b"2", b"4"):
            break
    check(codes.get(b"250") == 1000 and codes.get(b"452"), f"1000 recipients, then 452 {codes}")
    r.reset()
    r = Raw(SMTP)
    r.say(b"EHLO x\r\n")
    r.say(b"MAIL FROM:<a@b.example>\r\n")
    r.say(b"RCPT TO:<bob@demo.test>\r\n")
    check(r.say(b"BDAT 99999999999999999999 LAST\r\n")[:1] == b"5", "an absurd BDAT size")


def to_many(count):
    """A session on the port whose mail is held, up to DATA."""
    r = Raw(HELD)
    r.say(b"EHLO x\r\n")
    lines = [b"MAIL FROM:<a@b.example>"] + [b"RCPT TO:<postmaster+%d@demo.test>" % n
                                                 for n in range(count)]
    got = b""
    for start in range(0, len(lines), 1000):
        part = lines[start:start + 1000]
        r.send(b"".join(line + b"\r\n" for line in part))
        got = b""
        while got.count(b"\n") < len(part):
            got += r.s.recv(1 << 20)
        if got.count(b"250 2.1.") != len(part):
            raise AssertionError(f"recipients: {got[-200:]!r}")
    check(r.say(b"DATA\r\n").startswith(b"354"), f"{count} recipients")
    r.send(b"Subject: many\r\n\r\nx\r\n")
    return r


def many():
    r = to_many(70000)
    r.send(b".\r\n")
    answer = r.reply()
    check(answer.startswith(b"250"), f"a message to all of them is kept {answer!r}")
    queue_id = answer.split()[-1].decode()
    kept = (DIR / "spool/hold" / queue_id).read_bytes().count(b"postmaster+")
    check(kept == 70000, f"with each of them: {kept}")
    crowd = [to_many(1000) for _ in range(90)]
    for r in crowd:
        r.send(b".\r\n")
    answers = [r.reply() for r in crowd]
    check(all(a.startswith(b"250") for a in answers), f"long envelopes of many at once {set(answers)}")


def ids():
    """What is taken from the content is a stranger's text as well."""
    for odd in (b"\x01", b"\t", b"\r\n\t", b"\x7f", b"\0", b"\xff", b"x" * 3000):
        for name in (b"Message-Id", b"Resent-Message-Id"):
            r = to_data()
            r.send(name + b": <a" + odd + b"b@c.example>\r\nSubject: id\r\n\r\nx\r\n.\r\n")
            answer = r.reply()
            check(answer.startswith(b"250"), f"{name} with {odd[:8]!r} {answer!r}")


def nul():
    r = to_data()
    r.send(b"Subject: with-nul\r\n\r\nfirst\0second\r\n.\r\n")
    answer = r.reply()
    check(answer[:3] in (b"250", b"550", b"554"), f"NUL in content {answer!r}")


def starttls():
    r = Raw(SUBMISSION)
    r.say(b"EHLO x\r\n")
    r.send(b"STARTTLS\r\nMAIL FROM:<injected@b.example>\r\n")
    check(r.reply()[:3] in (b"220", b"554"), "STARTTLS with something in the same packet")
    check(b"250" not in r.rest()[:200], "what came in clear is not answered")
    r = Raw(IMAP)
    r.send(b"a STARTTLS\r\nb LOGIN x y\r\n")
    check(b"b OK" not in r.rest()[:500], "IMAP: nothing in clear survives STARTTLS")
    r = Raw(POP3)
    r.send(b"STLS\r\nUSER x\r\n")
    time.sleep(0.5)
    check(r.line().startswith(b"+OK"), "POP3: STLS")


def imap():
    r = Raw(IMAP)
    r.send(b"a LOGIN {999999999}\r\n")
    check(not r.line().startswith(b"+"), "IMAP: no literal of 1 GB before login")
    r = Raw(IMAP)
    r.send(b"a " + b"(" * 200000 + b"\r\n")
    check(b"OK" not in r.rest()[:200], "IMAP: a forest of brackets")
    r = Raw(IMAP)
    r.send(b"a NOOP\0\r\n")
    check(not r.line().startswith(b"a OK"), "IMAP: NUL")
    r = Raw(IMAP)
    for _ in range(30):
        r.send(b"x\r\n")
    check(r.rest().count(b"BAD") < 30, "IMAP: too many bad commands end the session")
    r = Raw(POP3)
    r.send(b"USER " + b"x" * 100000 + b"\r\n")
    check(b"+OK" not in r.rest()[:100], "POP3: an over-long command")


def cut_off():
    """Half a command and a reset, in each state: in clear, after STARTTLS, over TLS from the start."""
    login = b"AUTH PLAIN " + base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    mail = [b"MAIL FROM:<a@b.example> SIZE=100", b"RCPT TO:<bob@demo.test>", b"RCPT TO:<alice@demo.test>", b"DATA",
            b"Subject: cut-off\r\n\r\nhello\r\n.", b"MAIL FROM:<a@b.example>", b"RCPT TO:<bob@demo.test>",
            b"BDAT 10\r\n12345678", b"BDAT 5 LAST\r\n123", b"RSET", b"VRFY bob", b"QUIT"]
    accepted = 0
    for port, lines in ((SMTP, [b"EHLO x"] + mail), (SMTP, [b"EHLO x", b"STARTTLS", b"EHLO x"] + mail),
                        (SUBMISSION, [b"EHLO x", b"STARTTLS", b"EHLO x", login] + mail),
                        (SUBMISSIONS, [b"EHLO x", login] + mail)):
        for state, line in enumerate(lines):
            r = Raw(port, greeting=False)
            if port == SUBMISSIONS:
                r.secure()
            r.line()
            for before in lines[:state]:
                reply = r.say(before + b"\r\n")
                accepted += before.startswith(b"Subject") and reply.startswith(b"250")
                if before == b"STARTTLS":
                    r.secure()
            r.send(line[:len(line) // 2 + 1])
            r.reset()
    check(accepted > 20, f"{accepted} messages between what is cut off")
    for _ in range(1200):
        there = sum(f.parent.name in ("new", "cur") and b"Subject: cut-off" in f.read_bytes()
                    for f in (DIR / "mail").rglob("Maildir/*/*"))
        if there == 2 * accepted:
            break
        time.sleep(0.05)
    check(there == 2 * accepted, f"each of them arrives, and no other: {there}")


def deaf():
    """Commands without end from clients who read no answer, and lines without end."""
    others = []
    for port, piece in ((SMTP, b"EHLO x\r\n" * 9000), (SUBMISSIONS, b"NOOP\r\n" * 9000), (SMTP, b"x" * 65536),
                        (IMAP, b"x" * 65536), (POP3, b"x" * 65536)):
        r = Raw(port, greeting=False)
        r.s.settimeout(2)
        if port == SUBMISSIONS:
            r.secure()
        try:
            for _ in range(300):
                r.s.sendall(piece)
        except OSError:
            pass    # it was sent away, or is not read
        others.append(r)
    with smtplib.SMTP("127.0.0.1", SMTP, timeout=20) as s:
        check(s.ehlo()[0] == 250, "a session beside clients who do not read")
    for r in others:
        r.reset()


def main():
    with smtplib.SMTP("127.0.0.1", SMTP, timeout=30) as bystander:
        bystander.ehlo()
        for run in (smtp_lines, smuggling, big, many, ids, nul, starttls, imap, cut_off, deaf):
            run()
            check(bystander.noop()[0] == 250, f"the bystander lives after {run.__name__}")
        bystander.sendmail("by@stander.example", ["bob@demo.test"], "Subject: bystander\r\n\r\nx\r\n")
    wait_found(b"Subject: bystander")
    wait_found(b"Subject: split-end")
    print(checks, "checks")


main()
