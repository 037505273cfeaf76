#!/usr/bin/env python3
"""imaplib, poplib and smtplib against an instance: every command they have."""
import imaplib
import pathlib
import poplib
import smtplib
import sys
import time

DIR, BASE = pathlib.Path(sys.argv[1]), int(sys.argv[2])
PASSWORDS = dict(line.split(" ", 1) for line in (DIR / "credentials").read_text().split("\n") if line)
USER = "bob@demo.test"


def check(condition, what):
    if not condition:
        raise AssertionError(what)
    print("ok", what)


def ok(answer, what):
    check(answer[0] == "OK", f"{what}: {answer[0]}")
    return answer[1]


def smtp():
    with smtplib.SMTP("127.0.0.1", BASE + 25, timeout=20) as s:
        code, text = s.ehlo("client.example")
        words = [line.split()[0] for line in text.decode().splitlines()[1:]]
        check([w for w in words if w != "AUTH"] == ["PIPELINING", "SIZE", "VRFY", "STARTTLS", "ENHANCEDSTATUSCODES",
                        "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"], f"EHLO order {words}")
        check(s.noop()[0] == 250 and s.rset()[0] == 250, "NOOP, RSET")
        check(s.vrfy(USER)[0] in (250, 252), "VRFY")
        check(s.help() is not None, "HELP")
        refused = s.sendmail("a@b.example", [USER, "nobody@demo.test"], "Subject: two\r\n\r\nx\r\n")
        check(list(refused) == ["nobody@demo.test"] and refused["nobody@demo.test"][0] == 550, "unknown user 550")
        dots = "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nend\r\n"
        s.sendmail("a@b.example", [USER], dots)
        s.sendmail("a@b.example", [USER], "Subject: utf8 ü\r\n\r\nü\r\n".encode(), mail_options=["BODY=8BITMIME"])
        s.docmd("MAIL", "FROM:<a@b.example> SIZE=999999999999")
        code, text = s.docmd("MAIL", "FROM:<a@b.example>")
        check(code == 250, "MAIL after a refused MAIL")
        check(s.docmd("RCPT", "TO:<x@elsewhere.example>")[0] in (250, 454, 554), "RCPT elsewhere")
        s.rset()
        s.mail("a@b.example")
        s.rcpt(USER)
        s.send(b"BDAT 20\r\nSubject: bdat\r\n\r\nab\r\n"[:9] + b"Subject: bdat\r\n\r\nabc")
        code, _ = s.getreply()
        check(code == 250, "BDAT chunk")
        s.send(b"BDAT 5 LAST\r\ndef\r\n")
        code, text = s.getreply()
        check(code == 250 and b"queued as" in text, f"BDAT LAST {text}")


def wait_for(box, count):
    for _ in range(200):
        box.noop()
        n = int(ok(box.select("INBOX"), "SELECT")[0])
        if n >= count:
            return n
        time.sleep(0.1)
    raise AssertionError(f"only {n} of {count}")


def imap():
    box = imaplib.IMAP4("127.0.0.1", BASE + 143)
    check("IMAP4REV1" in box.capabilities, "capabilities")
    for word in ("IDLE", "NAMESPACE", "UIDPLUS", "UNSELECT", "LITERAL+"):
        box.login(USER, PASSWORDS[USER]) if box.state == "NONAUTH" else None
        check(word in ok(box.capability(), "CAPABILITY")[0].decode().upper(), word)
    ok(box.namespace(), "NAMESPACE")
    total = wait_for(box, 4)
    ok(box.create("Work"), "CREATE")
    done = "Work" + ok(box.list('""', '""'), "LIST separator")[0].split(b'"')[1].decode() + "Done"
    ok(box.create(done), "CREATE below")
    ok(box.subscribe("Work"), "SUBSCRIBE")
    listed = b"\n".join(ok(box.list(), "LIST"))
    check(done.encode() in listed and b"INBOX" in listed, "LIST shows both")
    check(b"Work" in b"\n".join(ok(box.lsub(), "LSUB")), "LSUB")
    ok(box.status("INBOX", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"), "STATUS")
    body = b"From: x@y.example\r\nTo: z@y.example\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9F?=\r\n" \
           b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n" \
           b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n" \
           b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+\r\n--b--\r\n"
    appended = ok(box.append("Work", r"(\Seen MyTag)", imaplib.Time2Internaldate(1700000000), body), "APPEND")
    check(b"APPENDUID" in appended[0], "APPENDUID")
    ok(box.select("Work"), "SELECT Work")
    data = ok(box.fetch("1", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE UID)"), "FETCH")[0]
    data = data if isinstance(data, bytes) else b" ".join(data)
    check(b"MyTag" in data and b"14-Nov-2023" in data and str(len(body)).encode() in data, "flags, date, size")
    check(b'"multipart"' not in data and b'"MIXED"' in data.upper(), "BODYSTRUCTURE")
    check(ok(box.fetch("1", "(BODY.PEEK[])"), "BODY[]")[0][1] == body, "same bytes back")
    check(ok(box.fetch("1", "(BODY[1])"), "BODY[1]")[0][1] == b"Hello", "part 1")
    check(ok(box.fetch("1", "(BODY[2.MIME])"), "BODY[2.MIME]")[0][1].startswith(b"Content-Type: text/html"), "MIME")
    check(ok(box.fetch("1", "(BODY[HEADER.FIELDS (SUBJECT)]<0.7>)"), "partial")[0][1] == b"Subject", "partial")
    box.literal = "grüß".encode()
    check(ok(box.search("UTF-8", "SUBJECT"), "SEARCH UTF-8")[0] == b"1", "found by decoded subject")
    check(ok(box.search(None, "BODY", "hi</b>"), "SEARCH BODY")[0] == b"1", "found in decoded body")
    check(ok(box.search(None, "KEYWORD", "MyTag", "NOT", "FLAGGED"), "SEARCH")[0] == b"1", "keyword")
    ok(box.store("1", "+FLAGS.SILENT", r"(\Flagged)"), "STORE")
    copied = ok(box.copy("1", done), "COPY")
    check(b"COPYUID" in copied[0], "COPYUID")
    ok(box.store("1", "+FLAGS", r"(\Deleted)"), "STORE deleted")
    check(ok(box.expunge(), "EXPUNGE") == [b"1"], "EXPUNGE 1")
    ok(box.unselect(), "UNSELECT")
    ok(box.rename(done, "Old"), "RENAME")
    ok(box.select("Old", readonly=True), "EXAMINE")
    check(b"\\Flagged" in ok(box.fetch("1", "(FLAGS)"), "FETCH")[0], "the copy kept its flags")
    ok(box.close(), "CLOSE")
    ok(box.delete("Old"), "DELETE")
    ok(box.unsubscribe("Work"), "UNSUBSCRIBE")
    ok(box.delete("Work"), "DELETE")
    bye = box.logout()
    check(bye[0] == "BYE", "LOGOUT")
    return total


def pop3(total):
    box = poplib.POP3("127.0.0.1", BASE + 110)
    check("UIDL" in box.capa(), "CAPA")
    box.user(USER)
    box.pass_(PASSWORDS[USER])
    n, size = box.stat()
    check(n == total, f"STAT {n} of {total}")
    uidls = [u.split()[1] for u in box.uidl()[1]]
    check(len(set(uidls)) == n, "UIDL unique")
    check(sum(int(x.split()[1]) for x in box.list()[1]) == size, "LIST adds up")
    dots = [i for i in range(1, n + 1) if b"Subject: dots" in box.top(i, 0)[1]]
    lines = box.retr(dots[0])[1]
    check(lines[-4:] == [b".", b"..", b".x", b"end"], f"dots survive {lines[-4:]}")
    box.dele(dots[0])
    box.rset()
    box.dele(dots[0])
    box.quit()
    box = poplib.POP3("127.0.0.1", BASE + 110)
    box.user(USER)
    box.pass_(PASSWORDS[USER])
    check(box.stat()[0] == n - 1, "deleted at QUIT")
    check([u.split()[1] for u in box.uidl()[1]] == [u for i, u in enumerate(uidls, 1) if i != dots[0]], "UIDL stable")
    box.dele(1)
    box.close()
    box = poplib.POP3("127.0.0.1", BASE + 110)
    try:
        box.user(USER)
        box.pass_("wrong")
        raise AssertionError("wrong password accepted")
    except poplib.error_proto as e:
        check(b"-ERR" in e.args[0], "wrong password refused")


def too_many():
    """Ten sessions of one user from one address are served, an eleventh is told why not."""
    def pop3_login():
        box = poplib.POP3("127.0.0.1", BASE + 110)
        box.user(USER)
        box.pass_(PASSWORDS[USER])
        return box

    def imap_login():
        box = imaplib.IMAP4("127.0.0.1", BASE + 143)
        box.login(USER, PASSWORDS[USER])
        return box

    for login, code in ((pop3_login, "-ERR [IN-USE]"), (imap_login, "[LIMIT]")):
        open_ones = [login() for _ in range(10)]
        try:
            login()
            raise AssertionError("the eleventh session was served")
        except (poplib.error_proto, imaplib.IMAP4.error) as e:
            check(code in str(e), f"the eleventh session is refused: {e}")
        for box in open_ones:
            box.quit() if login is pop3_login else box.logout()


smtp()
pop3(imap())
too_many()
