#!/usr/bin/env python3
"""Sessions of every kind that live through reloads."""
import imaplib
import pathlib
import socket
import ssl
import subprocess
import sys
import time

DIR, BASE, BUZON = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
PASSWORD = dict(line.split() for line in open(DIR / "credentials", encoding="ascii"))
ALICE = "alice@demo.test"


def check(got, wanted, what):
    if not got.startswith(wanted):
        raise AssertionError(f"{what}: wanted {wanted!r}, got {got!r}")
    print("ok", what)


def reload():
    subprocess.run([BUZON, "-c", DIR / "etc", "reload"], check=True, stderr=subprocess.DEVNULL)
    time.sleep(1.5)


class Smtp:
    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", BASE + port), timeout=20)
        self.reply()

    def reply(self):
        text = b""
        while not text.endswith(b"\r\n") or text.split(b"\r\n")[-2][3:4] == b"-":
            data = self.s.recv(4096)
            if not data:
                raise AssertionError(f"connection lost after {text!r}")
            text += data
        return text.decode()

    def say(self, text):
        self.s.sendall(text.encode() + b"\r\n")
        return self.reply()

    def begin(self, subject):
        check(self.say(f"MAIL FROM:<{ALICE}>"), "250", f"{subject}: MAIL")
        check(self.say(f"RCPT TO:<{ALICE}>"), "250", f"{subject}: RCPT")
        check(self.say("DATA"), "354", f"{subject}: DATA")
        self.s.sendall(f"Subject: {subject}\r\n\r\n".encode())

    def end(self, subject):
        check(self.say("text\r\n."), "250 2.0.0 Ok: queued as ", f"{subject}: accepted")


idle, halfway, secure = Smtp(25), Smtp(25), Smtp(25)
for c in (idle, halfway, secure):
    c.say("EHLO client.test")
secure.say("STARTTLS")
secure.s = ssl.create_default_context(cafile=DIR / "etc/cert.pem").wrap_socket(
    secure.s, server_hostname="localhost")
secure.say("EHLO client.test")
halfway.begin("halfway")
mailbox = imaplib.IMAP4("127.0.0.1", BASE + 143)
mailbox.login(ALICE, PASSWORD[ALICE])
mailbox.select("INBOX")
mailbox.send(b"x IDLE\r\n")
check(mailbox.readline(), b"+ ", "IDLE")
early = imaplib.IMAP4("127.0.0.1", BASE + 143)
pop3 = socket.create_connection(("127.0.0.1", BASE + 110), timeout=20)
check(pop3.recv(1000), b"+OK", "POP3")
for n in range(3):
    reload()
    idle.begin(f"idle{n}")
    idle.end(f"idle{n}")
    secure.begin(f"secure{n}")
    secure.end(f"secure{n}")
halfway.end("halfway")
mailbox.sock.settimeout(20)
check(mailbox.readline(), b"* ", "IDLE hears of new mail")
early.login(ALICE, PASSWORD[ALICE])
print("ok login on a connection from before")
pop3.sendall(f"USER {ALICE}\r\n".encode())
check(pop3.recv(1000), b"+OK", "POP3: USER")
pop3.sendall(f"PASS {PASSWORD[ALICE]}\r\n".encode())
check(pop3.recv(1000), b"+OK", "POP3: PASS")
for c in (idle, halfway, secure):
    check(c.say("QUIT"), "221", "QUIT")
