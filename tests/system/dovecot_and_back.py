#!/usr/bin/env python3
"""One user's Maildir, served by Debian's Dovecot and by Buzon in turn and side by side.

Every state is read over IMAP by one function, so the two servers are held to the same words. What
Buzon changes is also made in a model of the mailboxes, and Dovecot must then see the model.
"""
import contextlib
import getpass
import grp
import hashlib
import imaplib
import os
import pathlib
import poplib
import re
import signal
import subprocess
import sys
import time

DIR, BASE, PREFIX = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
USER = "alice@demo.test"
HOME = DIR / "mail/demo.test/alice"
MAILDIR = HOME / "Maildir"
PASSWORD = dict(x.split(" ") for x in (DIR / "credentials").read_text().splitlines())[USER]
TOP = DIR / "dovecot"
CONF = TOP / "dovecot.conf"
IMAP, POP3, DOVECOT_IMAP, DOVECOT_POP3 = BASE + 143, BASE + 110, BASE + 1, BASE + 2
ROOT = os.geteuid() == 0
UID, GID = (5000, 5000) if ROOT else (os.geteuid(), os.getegid())
LDA = "/usr/lib/dovecot/dovecot-lda"
CONFIG = """
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
lda_mailbox_autocreate = yes
postmaster_address = postmaster@demo.test
first_valid_uid = 1
first_valid_gid = 0
{rootless}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
  {chroot}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
  {chroot}
}}
service anvil {{
  {chroot}
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {top}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {top}/users
}}
"""
checks = 0


def check(condition, what):
    global checks
    if not condition:
        raise AssertionError(what)
    checks += 1
    print("ok", what)


def ok(answer):
    if answer[0] != "OK":
        raise AssertionError(f"the server said {answer}")
    return answer[1]


def within(seconds, condition, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"in vain for {seconds} s: {what}")
        time.sleep(0.05)


# --- servers ---

def write_config():
    for d in (TOP, TOP / "run", TOP / "state"):
        d.mkdir(exist_ok=True, mode=0o755)
    (TOP / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{UID}:{GID}::{HOME}::\n")
    me = "" if ROOT else (f"default_internal_user = {getpass.getuser()}\n"
                          f"default_login_user = {getpass.getuser()}\n"
                          f"default_internal_group = {grp.getgrgid(GID).gr_name}\n")
    CONF.write_text(CONFIG.format(top=TOP, imap=DOVECOT_IMAP, pop3=DOVECOT_POP3, rootless=me,
                                  chroot="" if ROOT else "chroot ="))


@contextlib.contextmanager
def dovecot():
    with subprocess.Popen(["dovecot", "-F", "-c", CONF]) as master:
        try:
            within(10, lambda: can_connect(DOVECOT_IMAP), "Dovecot answers")
            yield
        finally:
            master.terminate()
            try:
                master.wait(10)
            except subprocess.TimeoutExpired:
                master.kill()


def doveadm(*args):
    subprocess.run(["doveadm", "-c", CONF, *args], check=True)


@contextlib.contextmanager
def buzon():
    subprocess.run([PREFIX / "sbin/buzon", "-c", DIR / "etc", "start"], check=True)
    try:
        yield
    finally:
        subprocess.run([PREFIX / "sbin/buzon", "-c", DIR / "etc", "stop"], check=True)


def can_connect(port):
    try:
        imaplib.IMAP4("127.0.0.1", port, timeout=10).shutdown()
        return True
    except (OSError, imaplib.IMAP4.error):
        return False


@contextlib.contextmanager
def imap(port, box=None, readonly=False):
    c = imaplib.IMAP4("127.0.0.1", port, timeout=30)
    c.login(USER, PASSWORD)
    try:
        if box is not None:
            ok(c.select(f'"{box}"', readonly))
        yield c
    finally:
        c.logout()


@contextlib.contextmanager
def pop3(port):
    c = poplib.POP3("127.0.0.1", port, timeout=30)
    c.user(USER)
    c.pass_(PASSWORD)
    yield c
    c.quit()


# --- what a server shows ---

def name_of(line):
    return re.match(rb'\([^)]*\) "." "?([^"]*)"?$', line).group(1).decode()


def message(head, body):
    """One FETCH response: UID, then what must stay with it."""
    text = head.decode()
    flags = re.search(r"FLAGS \(([^)]*)\)", text).group(1).split()
    return int(re.search(r"UID (\d+)", text).group(1)), {
        "flags": {f for f in flags if f != "\\Recent"},
        "date": int(time.mktime(imaplib.Internaldate2tuple(head))),
        "size": int(re.search(r"RFC822.SIZE (\d+)", text).group(1)),
        "content": hashlib.sha1(body).hexdigest()}


def show_box(c, name):
    status = ok(c.status(f'"{name}"', "(UIDVALIDITY UIDNEXT MESSAGES UNSEEN)"))[0].decode()
    number = {k: int(v) for k, v in re.findall(r"([A-Z]+) (\d+)", status.rpartition("(")[2])}
    ok(c.select(f'"{name}"', readonly=True))
    found = ok(c.uid("fetch", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"))
    messages = dict(message(*f) for f in found if isinstance(f, tuple))
    unseen = sum("\\Seen" not in m["flags"] for m in messages.values())
    if (number["MESSAGES"], number["UNSEEN"]) != (len(messages), unseen):
        raise AssertionError(f"{name}: STATUS {status} of {len(messages)}, {unseen} unseen")
    return {"uidvalidity": number["UIDVALIDITY"], "uidnext": number["UIDNEXT"],
            "messages": messages}


def show(port):
    with imap(port) as c:
        names = [name_of(x) for x in ok(c.list()) if x and b"\\Noselect" not in x]
        state = {name: show_box(c, name) for name in names}
        state["subscribed"] = sorted(name_of(x) for x in ok(c.lsub()) if x)
    return state


def uidls(port):
    with pop3(port) as c:
        return [x.split()[1].decode() for x in c.uidl()[1]], [x.split()[1] for x in c.list()[1]]


def same(what, want, got):
    if want != got:
        for key in sorted(set(want) | set(got)):
            w, g = want.get(key), got.get(key)
            if w == g:
                continue
            if not isinstance(w, dict) or not isinstance(g, dict):
                print(f"{key}:\n  want {w}\n  got  {g}")
                continue
            print(f"{key}: want {w['uidvalidity']} {w['uidnext']}, "
                  f"got {g['uidvalidity']} {g['uidnext']}")
            for uid in sorted(set(w["messages"]) | set(g["messages"])):
                a, b = w["messages"].get(uid), g["messages"].get(uid)
                if a != b:
                    print(f"  {uid}:\n    want {a}\n    got  {b}")
    check(want == got, what)


# --- the story ---

def mail(n, lines=None):
    eol = "\n" if n % 2 else "\r\n"
    return (f"From: x@demo.test{eol}To: {USER}{eol}Subject: number {n}{eol}{eol}" +
            f".a line of {n}{eol}" * (n if lines is None else lines)).encode()


def fill():
    """All by Dovecot: LDA, IMAP and doveadm."""
    for n in range(12):
        subprocess.run([LDA, "-c", CONF, "-d", USER, "-f", "x@demo.test", "-m",
                        ("INBOX", "INBOX", "Lists.dev", "öl.x y")[n % 4]],
                       input=mail(n), check=True)
    system = (r"\Seen", r"\Flagged", r"\Answered", r"\Draft", "$Forwarded", "Junk", "work")
    with imap(DOVECOT_IMAP) as c:
        for name in ("Archive", "Archive.2025", "deep.er", "empty", "gone"):
            ok(c.create(f'"{name}"'))
        for name in ("INBOX", "Archive", "&APY-l.x y", "Lists.dev", "gone"):
            ok(c.subscribe(f'"{name}"'))
        ok(c.delete("gone"))
        for n in range(40):
            flags = " ".join(f for k, f in enumerate(system) if n >> (k % 5) & 1)
            box = ("INBOX", "Archive", "Archive.2025")[n % 3]
            ok(c.append(f'"{box}"', f"({flags})",
                        f'"{n % 28 + 1:2d}-Feb-2024 10:00:{n:02d} +0000"', mail(n, 5)))
        ok(c.select("INBOX"))
        ok(c.store("2:3", "+FLAGS", r"(\Deleted)"))
        ok(c.expunge())
        ok(c.copy("1:4", "Archive.2025"))
        ok(c.store("1", "+FLAGS", "(late-keyword)"))
    doveadm("flags", "add", "-u", USER, "\\Flagged by-doveadm", "mailbox", "Lists.dev", "1")
    doveadm("expunge", "-u", USER, "mailbox", "Archive", "2")
    doveadm("mailbox", "subscribe", "-u", USER, "deep.er")


def change_flags(c, model):
    """UID STORE in every form; the model follows."""
    inbox = model["INBOX"]["messages"]
    uids = sorted(inbox)
    for uid, how, flags in (
            (uids[0], "+FLAGS", {r"\Flagged", "from-buzon"}),
            (uids[1], "FLAGS", {r"\Answered", "$Forwarded"}),
            (uids[4], "-FLAGS", {r"\Seen", r"\Flagged", r"\Answered", r"\Draft", "Junk"}),
            (uids[5], "FLAGS.SILENT", set()),
            (uids[6], "+FLAGS.SILENT", {r"\Draft", "two", "more"}),
            (uids[7], "-FLAGS", {"late-keyword", "was-never-there"})):
        ok(c.uid("store", str(uid), how, f"({' '.join(sorted(flags))})"))
        have = inbox[uid]["flags"]
        inbox[uid]["flags"] = have | flags if how[0] == "+" else have - flags if how[0] == "-" \
            else flags


def copy_of(m):
    return {**m, "flags": set(m["flags"])}


def add(model, name, answer, added):
    """ANSWER told the UIDs under which ADDED came to be there."""
    validity, uids = re.search(rb"UID (\d+) (?:[\d:,]+ )?([\d:,]+)\]", answer).groups()
    numbers = []
    for part in uids.decode().split(","):
        low, _, high = part.partition(":")
        numbers += range(int(low), int(high or low) + 1)
    box = model[name]
    if int(validity) != box["uidvalidity"] or numbers[0] < box["uidnext"]:
        raise AssertionError(f"{answer} for {box['uidvalidity']} {box['uidnext']}")
    box["messages"].update(zip(numbers, added, strict=True))
    box["uidnext"] = numbers[-1] + 1


def add_and_remove(c, model):
    inbox = model["INBOX"]["messages"]
    uids = sorted(inbox)
    content = mail(77, 3).replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")
    m = {"flags": {r"\Seen", "work", "new-one"}, "date": 1700000000, "size": len(content),
         "content": hashlib.sha1(content).hexdigest()}
    add(model, "INBOX", ok(c.append("INBOX", r"(\Seen work new-one)",
                                    imaplib.Time2Internaldate(1700000000), content))[0], [m])
    add(model, "empty", ok(c.append("empty", None, imaplib.Time2Internaldate(1700000000),
                                    content))[0], [{**m, "flags": set()}])
    ok(c.noop())
    picked = uids[3:6]
    add(model, "Archive", ok(c.xatom("UID COPY", ",".join(map(str, picked)), "Archive"))[0],
        [copy_of(inbox[u]) for u in picked])
    for uid in (uids[2], uids[8]):
        ok(c.uid("store", str(uid), "+FLAGS", r"(\Deleted)"))
        del inbox[uid]
    ok(c.expunge())
    uid = uids[9]
    ok(c.uid("store", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
    ok(c.uid("expunge", str(uid)))
    del inbox[uid]


def change_names(c, model):
    ok(c.create('"Made.by us"'))
    ok(c.subscribe('"Made.by us"'))
    ok(c.unsubscribe("Archive"))
    ok(c.rename("Archive.2025", "Old.2025"))
    ok(c.rename("Lists.dev", "Lists.devel"))
    ok(c.delete("deep.er"))
    model["Old.2025"] = model.pop("Archive.2025")
    model["Lists.devel"] = model.pop("Lists.dev")
    del model["deep.er"]
    status = ok(c.status('"Made.by us"', "(UIDVALIDITY UIDNEXT)"))[0]
    model["Made.by us"] = {"uidvalidity": int(re.search(rb"UIDVALIDITY (\d+)", status).group(1)),
                           "uidnext": 1, "messages": {}}
    model["subscribed"] = sorted(set(model["subscribed"]) - {"Archive"} | {"Made.by us"})


def deliver():
    """By Buzon's own delivery, and as Postfix's virtual(8) does it: another file in new/."""
    env = {**os.environ, "MAIL_CONFIG": str(DIR / "etc")}
    for n in (101, 102):
        subprocess.run([PREFIX / "sbin/sendmail", "-i", "-f", "x@demo.test", USER],
                       input=mail(n, 2), env=env, check=True)
    within(15, lambda: len(list((MAILDIR / "new").iterdir())) == 2, "delivery")
    content = mail(103, 2).replace(b"\r\n", b"\n")
    st = MAILDIR.stat()
    tmp = MAILDIR / "tmp/postfix"
    tmp.write_bytes(content)
    os.chown(tmp, UID, GID)
    now = time.time()
    tmp.rename(MAILDIR / f"new/{int(now)}.V{st.st_dev:x}I{tmp.stat().st_ino:x}M"
               f"{int(now % 1 * 1000000)}.mail.demo.test")


def take_in_delivered(model, state):
    """The three newest of INBOX are those delivered, one UID after the other."""
    box, got = model["INBOX"], state["INBOX"]
    new = sorted(set(got["messages"]) - set(box["messages"]))
    check(new == list(range(box["uidnext"], box["uidnext"] + 3)), f"delivered mail has UIDs {new}")
    check(all(got["messages"][u]["flags"] == set() for u in new), "and no flags")
    for uid in new:
        box["messages"][uid] = got["messages"][uid]
    box["uidnext"] = new[-1] + 1


def change_by_pop3(model):
    inbox = model["INBOX"]["messages"]
    uids = sorted(inbox)
    with pop3(POP3) as c:
        lines = c.retr(3)[1]
        content = b"".join(x + b"\r\n" for x in lines)
        check(hashlib.sha1(content).hexdigest() == inbox[uids[2]]["content"], "RETR is the message")
        c.dele(5)
    inbox[uids[2]]["flags"].add(r"\Seen")
    del inbox[uids[4]]


def change_by_buzon(model):
    with imap(IMAP, "INBOX") as c:
        change_flags(c, model)
        add_and_remove(c, model)
        change_names(c, model)
    same("Buzon shows what was done", model, show(IMAP))
    deliver()
    take_in_delivered(model, show(IMAP))
    same("and what was delivered", model, show(IMAP))
    change_by_pop3(model)
    same("and what POP3 did", model, show(IMAP))


def forget_indexes():
    for f in MAILDIR.rglob("dovecot*index*"):
        f.unlink()


def response(c, name):
    ok(c.noop())
    return c.response(name)[1]


def side_by_side():
    """Both servers have the mailbox open; what one does the other tells."""
    with imap(DOVECOT_IMAP, "INBOX") as d, imap(IMAP, "INBOX") as b:
        for me, other, keyword in ((d, b, "by-dovecot"), (b, d, "by-buzon")):
            ok(other.noop())
            ok(me.store("2", "+FLAGS", f"({keyword})"))
            within(5, lambda: keyword.encode() in b"".join(x or b"" for x in response(other, "FETCH")),
                   keyword)
            check(True, f"a keyword {keyword} is told by the other server")
            n = len(ok(me.search(None, "ALL"))[0].split())
            ok(me.append("INBOX", r"(\Seen)", None, mail(90, 1)))
            within(5, lambda: str(n + 1).encode() in response(other, "EXISTS"), "EXISTS")
            check(True, f"a message added {keyword} is told by the other server")
            ok(me.noop())
            ok(me.store(str(n + 1), "+FLAGS", r"(\Deleted)"))
            ok(me.expunge())
            within(5, lambda: str(n + 1).encode() in response(other, "EXPUNGE"), "EXPUNGE")
            check(True, f"a message removed {keyword} is told by the other server")
    same("side by side, both show the same", show(DOVECOT_IMAP), show(IMAP))


def story():
    with dovecot():
        fill()
        before, pop3_before = show(DOVECOT_IMAP), uidls(DOVECOT_POP3)
    check(sum(len(b["messages"]) for k, b in before.items() if k != "subscribed") == 53,
          "Dovecot filled the mailboxes")
    with buzon():
        same("Buzon shows what Dovecot wrote", before, show(IMAP))
        check(uidls(POP3) == pop3_before, "POP3: the same UIDLs and sizes")
    with dovecot():
        same("Dovecot finds nothing changed by reading", before, show(DOVECOT_IMAP))
        check(uidls(DOVECOT_POP3) == pop3_before, "nor by POP3")
    model = before
    with buzon():
        change_by_buzon(model)
        pop3_after = uidls(POP3)
    with dovecot():
        same("Dovecot shows what Buzon did", model, show(DOVECOT_IMAP))
        check(uidls(DOVECOT_POP3) == pop3_after, "POP3: the same UIDLs and sizes")
    forget_indexes()
    with dovecot():
        same("and again with nothing but the Maildir to go by", model, show(DOVECOT_IMAP))
        with buzon():
            side_by_side()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("out of time"))
    os.environ["TZ"] = "UTC"
    time.tzset()
    write_config()
    try:
        story()
    except BaseException:
        if (TOP / "log").exists():
            print("--- Dovecot's log\n" + (TOP / "log").read_text()[-3000:])
        raise
    print(checks, "checks")


main()
