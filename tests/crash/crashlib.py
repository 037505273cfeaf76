"""What the crash tests share: a private instance, mail with marks in it, and the checker of
doc/QUEUE.md, section 1: what was accepted is found at each of its recipients once or twice."""
import itertools
import mmap
import os
import pathlib
import re
import shutil
import smtplib
import socket
import stat
import struct
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
RETURNED = "returned@demo.test"     # accepted, then returned to the sender
LATE = "late@demo.test"             # a mailbox that can be closed, so that mail is deferred
LINES = 20
HOLDING = ("maildrop", "incoming", "active", "deferred")

MAIN_CF = """minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
transport_retry_time = 1s
service_throttle_time = 1s
smtpd_error_sleep_time = 0
transport_maps = inline:{ {bad.test = error:5.1.2 no such place} }
virtual_alias_maps = inline:{ returned@demo.test=nobody@bad.test }
"""


class Failure(Exception):
    pass


def shim(work):
    """Build the preloaded library; its path."""
    so = work / "crashpoint.so"
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE",
                    "-o", str(so), str(TOP / "tests/crash/crashpoint.c")], check=True)
    return so


class State:
    """The struct state of crashpoint.c, shared with every process of the instance."""

    FORMAT = "iiii32s32s"

    def __init__(self, path):
        self.size = struct.calcsize(self.FORMAT)
        path.write_bytes(bytes(self.size))
        path.chmod(0o666)
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), self.size)

    def set(self, program, left, half=False):
        self.map[:] = struct.pack(self.FORMAT, left, 0, half, 0, program.encode(), b"")

    def get(self):
        left, steps, half, fired, program, op = struct.unpack(self.FORMAT, self.map[:])
        return steps, bool(fired), op.rstrip(b"\0").decode()


class Instance:
    def __init__(self, prefix, work, base, extra=""):
        self.prefix, self.work, self.base = pathlib.Path(prefix), work, base
        self.dir = work / "inst"
        self.serials = itertools.count(1)   # one step: several threads take from it
        self.accepted = []      # (mark, recipients)
        subprocess.run([str(TOP / "tools/make-instance"), "--dir", str(self.dir), "--port-base",
                        str(base), "--prefix", str(prefix)], check=True)
        # Copies of the commands, so that no set-group-ID bit keeps the library out of them.
        shutil.copytree(self.prefix / "sbin", work / "sbin")
        for tool in (work / "sbin").iterdir():
            tool.chmod(0o755)
        with open(self.dir / "etc/main.cf", "a") as f:
            f.write(MAIN_CF + extra + f"command_directory = {work}/sbin\n")
        users = self.dir / "etc/users"
        lines = users.read_text().splitlines()
        users.write_text("\n".join([*lines, lines[0].replace("alice", "late")]) + "\n")
        top = (self.dir / "mail/demo.test").stat()
        self.late_box = self.dir / "mail/demo.test/late/Maildir/tmp"
        for box in ("", "Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur"):
            path = self.dir / "mail/demo.test/late" / box
            path.mkdir(mode=0o700)
            os.chown(path, top.st_uid, top.st_gid)
        self.env = dict(os.environ, MAIL_CONFIG=str(self.dir / "etc"))

    def preload(self, so, state_path):
        with open(self.dir / "etc/main.cf", "a") as f:
            f.write(f"import_environment = MAIL_CONFIG TZ LANG=C LD_PRELOAD={so} "
                    f"CRASH_STATE={state_path}\n")
        self.env.update(LD_PRELOAD=str(so), CRASH_STATE=str(state_path))

    def run(self, *command, **more):
        env = {k: v for k, v in self.env.items() if k not in ("LD_PRELOAD", "CRASH_STATE")}
        return subprocess.run([str(c) for c in command], env=env, capture_output=True, text=True,
                              timeout=60, **more)

    def control(self, verb):
        return self.run(self.prefix / "sbin/buzon", "-c", self.dir / "etc", verb)

    def start(self):
        done = self.control("start")
        if done.returncode != 0:
            raise Failure("start: " + done.stdout + done.stderr)

    def stop(self):
        self.control("stop")

    def pids(self):
        """{program: [pid, ...]} of all that descends from master: daemons, brokers, workers."""
        parent, name = {}, {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    text = (entry / "stat").read_text()
                except OSError:
                    continue
                pid, rest = int(entry.name), text[text.rindex(")") + 2:].split()
                parent[pid], name[pid] = int(rest[1]), text[text.index("(") + 1:text.rindex(")")]
        master = int((self.dir / "spool/pid/master.pid").read_text())
        found = {}
        for pid in parent:
            up = pid
            while up in parent and up != master:
                up = parent[up]
            if up == master and pid != master:
                found.setdefault(name[pid], []).append(pid)
        return found

    # --- mail ---

    def mark(self):
        return f"mark-{os.getpid()}-{next(self.serials):06d}-x"

    def message(self, mark, sender):
        return f"From: {sender}\nSubject: {mark}\n\nThe mark is {mark}.\n" + "line of text\n" * LINES

    def by_sendmail(self, sender, rcpts):
        mark = self.mark()
        done = subprocess.run([str(self.work / "sbin/sendmail"), "-i", "-f", sender, *rcpts],
                              input=self.message(mark, sender), env=self.env, text=True,
                              capture_output=True, timeout=60)
        return mark if done.returncode == 0 else None

    def by_smtp(self, sender, rcpts):
        mark, accepted = self.mark(), False
        try:
            with smtplib.SMTP("127.0.0.1", self.base + 25, timeout=30) as s:
                # from here on it is accepted, whatever becomes of QUIT
                accepted = not s.sendmail(sender, rcpts, self.message(mark, sender))
        except (smtplib.SMTPException, OSError):
            pass
        return mark if accepted else None

    def submit(self, how, sender, rcpts, tries=120):
        """Until it is accepted, as a client does."""
        for _ in range(tries):
            mark = how(sender, rcpts)
            if mark is not None:
                self.accepted.append((mark, rcpts, sender))
                return
            time.sleep(0.25)
        raise Failure(f"not accepted after {tries} tries")

    def close_late_box(self):
        self.late_box.chmod(0o500)

    def open_late_box(self, limit=3):
        """Once something waits for it, or ought to."""
        end = time.time() + limit
        while time.time() < end and not any(p.is_file() for p in (self.dir / "spool/deferred").rglob("*")):
            time.sleep(0.02)
        self.late_box.chmod(0o700)

    # --- the checker ---

    def queue_files(self):
        """Messages; a file without the x bit is unfinished, and nobody was promised anything."""
        found = []
        for q in HOLDING:
            for p in (self.dir / "spool" / q).rglob("*"):
                try:
                    st = p.stat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(st.st_mode) and st.st_mode & stat.S_IXUSR:
                    found.append(p)
        return found

    def settle(self, limit=60):
        """Until nothing is queued and nothing comes any more."""
        end, quiet, flushed = time.time() + limit, 0, time.time()
        while quiet < 3:
            quiet = quiet + 1 if not self.queue_files() else 0
            if time.time() > end:
                names = [str(p.relative_to(self.dir)) for p in self.queue_files()]
                raise Failure("still queued: " + " ".join(names))
            if time.time() > flushed + 2:
                self.run(self.work / "sbin/postqueue", "-f")
                flushed = time.time()
            time.sleep(0.05)

    def mailbox(self, address):
        """{mark: [text, ...]} of what is in a Maildir."""
        user, domain = address.split("@")
        box = self.dir / "mail" / domain / user / "Maildir"
        found = {}
        for sub in ("new", "cur"):
            for p in (box / sub).iterdir() if (box / sub).is_dir() else ():
                text = p.read_text(errors="replace")
                for mark in set(re.findall(r"mark-\d+-\d+-x", text)):
                    found.setdefault(mark, []).append(text)
        return found

    def copies(self, mark, texts):
        """How often a message is there, by its own identity: a report may be made twice, and each
        report is a message that may come twice."""
        found = {}
        for text in texts:
            if f"The mark is {mark}." in text and text.count("line of text\n") == LINES:
                name = re.search(r"^Message-Id: (.*)$", text, re.M | re.I)
                found[name.group(1)] = found.get(name.group(1), 0) + 1
        return found

    def verify(self):
        """Every accepted message once or twice at each recipient; failures reported."""
        boxes, faults, twice = {}, [], 0
        for mark, rcpts, sender in self.accepted:
            for rcpt in rcpts:
                to = sender if rcpt == RETURNED else rcpt
                if to not in boxes:
                    boxes[to] = self.mailbox(to)
                texts = [t for t in boxes[to].get(mark, ())
                         if ("Undelivered Mail" in t) == (rcpt == RETURNED)]
                found = self.copies(mark, texts)
                torn = len(texts) - sum(found.values())
                total = sum(found.values())
                # A submission that was taken twice is two messages, a report too.
                much = max(found.values(), default=0) if rcpt == RETURNED else total
                if total == 0 or len(found) > 2 or much > 2 or torn:
                    faults.append(f"{mark} to {rcpt}: {sorted(found.values())}, {torn} torn")
                twice += total > 1
        damaged = [p.name for p in (self.dir / "spool/corrupt").rglob("*") if p.is_file()]
        if damaged:
            faults.append("in corrupt/: " + " ".join(damaged))
        if faults:
            raise Failure("; ".join(faults))
        checked = len(self.accepted)
        self.accepted = []
        return checked, twice

    def log_tail(self, n=200):
        log = self.dir / "log/mail.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-n:]) if log.exists() else ""


def free_base():
    """A port base nobody uses (smtp is base + 25), below the ports the kernel gives to clients."""
    for turn in range(100):
        base = 10000 + (os.getpid() + turn) % 100 * 200
        try:
            for port in (25, 110, 143, 465, 587, 993, 995):
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", base + port))
            return base
        except OSError:
            continue
    raise Failure("no free ports")


def need(prefix, *programs):
    missing = [p for p in programs if not (pathlib.Path(prefix) / "libexec/buzon" / p).exists()]
    if missing:
        print("not built: " + " ".join(missing))
        sys.exit(77)


def say(text):
    print(text, flush=True)


def sanitized(prefix):
    """A library cannot be preloaded before ASan's."""
    blob = (pathlib.Path(prefix) / "libexec/buzon/qmgr").read_bytes()
    return re.search(rb"__asan_init", blob) is not None
