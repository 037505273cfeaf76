#!/usr/bin/env python3
"""STARTTLS and AUTH over raw sockets."""
import base64
import pathlib
import socket
import ssl
import sys

DIR, BASE = pathlib.Path(sys.argv[1]), int(sys.argv[2])
SMTP, SUBMISSION, SUBMISSIONS = BASE + 25, BASE + 587, BASE + 465
PASSWORD = dict(line.split() for line in open(DIR / "credentials", encoding="ascii"))
ALICE = "alice@demo.test"


def check(got, wanted, what):
    if not got.startswith(wanted):
        raise AssertionError(f"{what}: wanted {wanted!r}, got {got!r}")
    print("ok", what)


class Client:
    def __init__(self, port, tls_now=False):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=20)
        if tls_now:
            self.secure()
        self.greeting = self.reply()

    def send(self, data):
        self.s.sendall(data)

    def reply(self):
        lines = b""
        while True:
            line = b""
            while not line.endswith(b"\n"):
                c = self.s.recv(1)
                if not c:
                    return (lines + line).decode()
                line += c
            lines += line
            if line[3:4] != b"-":
                return lines.decode()

    def say(self, text):
        self.send(text.encode() + b"\r\n")
        return self.reply()

    def secure(self):
        context = ssl.create_default_context(cafile=DIR / "etc/cert.pem")
        self.s = context.wrap_socket(self.s, server_hostname="localhost")

    def starttls(self, hello="client.test"):
        self.say("EHLO " + hello)
        check(self.say("STARTTLS"), "220 2.0.0 Ready to start TLS\r\n", "STARTTLS")
        self.secure()

    def rest(self):
        out = b""
        try:
            while data := self.s.recv(4096):
                out += data
        except (OSError, ssl.SSLError):
            pass
        return out.decode()


def b64(text):
    return base64.b64encode(text.encode()).decode()


def injection():
    c = Client(SMTP)
    c.say("EHLO client.test")
    c.send(b"STARTTLS\r\nEHLO injected.test\r\nMAIL FROM:<injected@demo.test>\r\n")
    check(c.reply(), "220 2.0.0 Ready", "commands behind STARTTLS: the answer is to STARTTLS")
    c.secure()
    check(c.say("RCPT TO:<bob@demo.test>"), "503 5.5.1 Error: need MAIL command",
          "and they are forgotten")
    check(c.say("QUIT"), "221", "in the same session")


def reset():
    c = Client(SMTP)
    c.say("EHLO client.test")
    c.say("MAIL FROM:<a@demo.test>")
    c.say("RCPT TO:<bob@demo.test>")
    check(c.say("STARTTLS"), "220", "STARTTLS in a transaction")
    c.secure()
    check(c.say("DATA"), "503 5.5.1 Error: need RCPT command", "which is over then")
    features = c.say("EHLO client.test")
    assert "STARTTLS" not in features, features
    check(c.say("STARTTLS"), "554 5.5.1 Error: TLS already active", "one is enough")
    c.say("QUIT")


def broken():
    c = Client(SMTP)
    c.say("EHLO client.test")
    c.say("STARTTLS")
    c.s.close()
    c = Client(SMTP)
    c.say("EHLO client.test")
    c.say("STARTTLS")
    c.send(b"MAIL FROM:<a@demo.test>\r\n")
    if "250" in c.rest():
        raise AssertionError("plain text after STARTTLS was heard")
    print("ok plain text after STARTTLS")


def required():
    c = Client(SUBMISSION)
    features = c.say("EHLO client.test")
    assert "AUTH" not in features and "STARTTLS" in features, features
    for command in ("MAIL FROM:<a@demo.test>", "RCPT TO:<bob@demo.test>", "DATA", "RSET", "VRFY bob",
                    "AUTH PLAIN " + b64(f"\0{ALICE}\0{PASSWORD[ALICE]}")):
        check(c.say(command), "530 5.7.0 Must issue a STARTTLS command first",
              "before TLS: " + command.split()[0])
    for command in ("NOOP", "EHLO again.test"):
        check(c.say(command), "250", "before TLS: " + command)
    check(c.say("QUIT"), "221", "before TLS: QUIT")


def submission():
    c = Client(SUBMISSION)
    c.starttls()
    assert "250-AUTH PLAIN LOGIN\r\n" in c.say("EHLO client.test")
    check(c.say("AUTH LOGIN"), "334 VXNlcm5hbWU6\r\n", "AUTH LOGIN")
    check(c.say("*"), "501 5.7.0 Authentication aborted", "and not")
    check(c.say("AUTH PLAIN"), "334 \r\n", "AUTH PLAIN without a response")
    check(c.say("!"), "535 5.7.8 Error: authentication failed: Invalid base64 data in continued response",
          "no base64")
    check(c.say("AUTH PLAIN " + b64(f"\0{ALICE}\0wrong")), "535 5.7.8 Error: authentication failed: ",
          "a wrong password")
    check(c.say("AUTH LOGIN " + b64(ALICE)), "334 UGFzc3dvcmQ6\r\n", "AUTH LOGIN with the name")
    check(c.say(b64(PASSWORD[ALICE])), "235 2.7.0 Authentication successful\r\n", "and the password")
    check(c.say(f"MAIL FROM:<{ALICE}>"), "250", "MAIL")
    check(c.say("RCPT TO:<bob@demo.test>"), "250", "RCPT")
    check(c.say("DATA"), "354", "DATA")
    check(c.say("Resent-To: bob@demo.test\r\nMessage-Id: <first@x.example>\r\nSubject: sub\r\n\r\n"
                "hi\r\n."), "250 2.0.0 Ok: queued as ", "a message")
    check(c.say("QUIT"), "221", "QUIT")


def without_ehlo():
    c = Client(SUBMISSIONS, tls_now=True)
    check(c.say("AUTH PLAIN " + b64(f"\0{ALICE}\0{PASSWORD[ALICE]}")), "235",
          "AUTH from who does not say EHLO")
    check(c.say("AUTH PLAIN " + b64(f"\0{ALICE}\0{PASSWORD[ALICE]}")),
          "503 5.5.1 Error: already authenticated", "once")
    c.say("QUIT")


for run in (injection, reset, broken, required, submission, without_ehlo):
    run()
