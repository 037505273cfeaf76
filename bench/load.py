"""The loads: smtp-source for mail, a small client for IMAP logins, idle sessions."""
import pathlib
import re
import socket
import subprocess
import threading
import time

COUNTERS = ["raw_syscalls:sys_enter", "context-switches", "syscalls:sys_enter_fsync",
            "syscalls:sys_enter_fdatasync", "syscalls:sys_enter_syncfs"]


class Counters:
    """perf stat on all processes of SERVER, children included; empty where perf cannot."""

    def __init__(self, server, out):
        self.out = pathlib.Path(out)
        for _ in range(10):
            pids = server.pids()
            self.proc = subprocess.Popen(
                ["perf", "stat", "-x,", "-o", str(self.out), "-e", ",".join(COUNTERS), "-p",
                 ",".join(map(str, pids))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            if set(server.pids()) == set(pids):
                return
            self.read()		# one came or went while perf was starting

    def read(self):
        self.proc.send_signal(2)
        self.proc.wait()
        got = {}
        for line in self.out.read_text().splitlines() if self.out.exists() else []:
            f = line.split(",")
            if len(f) > 2 and f[0].isdigit():
                got[re.sub(r":[a-zA-Z]+$", "", f[2])] = int(f[0])
        syncs = sum(v for k, v in got.items() if "sync" in k)
        return {"syscalls": got.get("raw_syscalls:sys_enter"),
                "switches": got.get("context-switches"), "syncs": syncs if got else None}


def send_mail(port, user, sessions, messages, size):
    subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(messages), "-l", str(size),
                    "-f", "sender@bench.test", "-t", f"{user}@demo.test", f"127.0.0.1:{port}"],
                   check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_delivered(server, user, messages, timeout_s=120):
    until = time.monotonic() + timeout_s
    while (got := server.delivered(user)) < messages:
        if time.monotonic() > until:
            raise RuntimeError(f"{server.label}: {got} of {messages} arrived")
        time.sleep(0.05)


class Imap:
    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.sock.makefile("rb")
        self.expect(b"* OK")

    def expect(self, start):
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("closed")
            if line.startswith(start):
                return line

    def command(self, tag, text):
        self.sock.sendall(f"{tag} {text}\r\n".encode())
        line = self.expect(f"{tag} ".encode())
        if b" OK" not in line[:20]:
            raise AssertionError(line)

    def close(self):
        self.file.close()
        self.sock.close()


def login_many(port, users, password, clients, total):
    """TOTAL logins and logouts by CLIENTS threads; number that failed."""
    failed, lock, left = [0], threading.Lock(), [total]

    def work(n):
        while True:
            with lock:
                if left[0] == 0:
                    return
                left[0] -= 1
            try:
                box = Imap(port)
                box.command("a", f"LOGIN user{n % users}@demo.test {password}")
                box.command("b", "LOGOUT")
                box.close()
            except (OSError, AssertionError):
                with lock:
                    failed[0] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return failed[0]


def idle_sessions(port, users, password, count):
    boxes = []
    for n in range(count):
        box = Imap(port)
        box.command("a", f"LOGIN user{n % users}@demo.test {password}")
        box.command("b", "SELECT INBOX")
        box.sock.sendall(b"c IDLE\r\n")
        box.expect(b"+")
        boxes.append(box)
    return boxes
