"""Private instances of Debian's Postfix and Dovecot and of Buzon, with equal work and limits.

Every server runs on loopback ports of its own, below one temporary directory, in a cgroup of
its own, and is stopped by process id.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

CGROUPS = pathlib.Path("/sys/fs/cgroup")
LOGINS = 20			# userN@demo.test, who log in
BOXES = 500			# boxN@demo.test, who get mail: a new one each round
MAILBOXES = "".join(f"box{n}@demo.test demo.test/box{n}/Maildir/\n" for n in range(BOXES))
PASSWORD = "secret"


def sh(*argv, check=True, **kw):
    return subprocess.run([str(a) for a in argv], check=check, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **kw).stdout


def pss_kb(pids):
    total = 0
    for p in pids:
        try:
            for line in pathlib.Path(f"/proc/{p}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


class Group:
    """A cgroup: what all processes of a server used, those that have ended too. Version 1 or 2."""

    def __init__(self, name):
        self.is_v1 = (CGROUPS / "cpuacct").is_dir()
        tops = [CGROUPS / "cpuacct", CGROUPS / "memory"] if self.is_v1 else [CGROUPS]
        self.paths = [top / name for top in tops if top.is_dir()]
        for path in self.paths:
            path.mkdir()

    def enter(self):
        for path in self.paths:
            (path / "cgroup.procs").write_text(str(os.getpid()))

    def pids(self):
        return [int(p) for p in (self.paths[0] / "cgroup.procs").read_text().split()]

    def cpu_s(self):
        if self.is_v1:
            return int((self.paths[0] / "cpuacct.usage").read_text()) / 1e9
        return int((self.paths[0] / "cpu.stat").read_text().split()[1]) / 1e6

    def kernel_kb(self):
        """Kernel memory: stacks, page tables, sockets, files. None: nobody counts it here."""
        try:
            if self.is_v1:
                return int((self.paths[1] / "memory.kmem.usage_in_bytes").read_text()) / 1024
            stat = (self.paths[0] / "memory.stat").read_text().split()
            return int(stat[stat.index("kernel") + 1]) / 1024
        except (OSError, IndexError, ValueError):
            return None

    def remove(self):
        for path in self.paths:
            path.rmdir()


class Server:
    """Common part: a cgroup for CPU time, start, stop."""

    def __init__(self, root, name, port):
        self.name, self.port = name, port
        self.dir = pathlib.Path(root) / name
        self.dir.mkdir(parents=True)
        self.group = Group(f"buzon-bench-{os.getpid()}-{name}")
        self.used = 0
        self.mail = self.dir / "mail"
        self.mail.mkdir()
        os.chown(self.mail, 5000, 5000)

    def in_group(self, *argv):
        return subprocess.run([str(a) for a in argv], preexec_fn=self.group.enter, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)

    def cpu_s(self):
        return self.group.cpu_s()

    def kernel_kb(self):
        return self.group.kernel_kb()

    def pids(self):
        return self.group.pids()

    def wait_up(self):
        """Until it greets. RuntimeError: it does not."""
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
                    if s.recv(4)[:1] in b"2*":
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"{self.label} does not answer on port {self.port}")

    def next_user(self):
        """A mailbox that has not been used: so no round deletes or inherits files."""
        self.used += 1
        return f"box{self.used % BOXES}"

    def delivered(self, user):
        try:
            return len(os.listdir(self.mail / "demo.test" / user / "Maildir/new"))
        except FileNotFoundError:
            return 0

    def close(self):
        try:
            self.stop()
        finally:
            for _ in range(50):
                left = self.pids()
                if not left:
                    break
                for p in left:
                    os.kill(p, signal.SIGKILL)
                time.sleep(0.1)
            self.group.remove()


class Postfix(Server):
    label = "Postfix"

    def __init__(self, root, port):
        super().__init__(root, "postfix", port)
        etc = self.dir / "etc"
        etc.mkdir()
        for sub in ("spool", "data"):
            (self.dir / sub).mkdir()
        shutil.chown(self.dir / "data", "postfix")
        (etc / "main.cf").write_text(f"""\
compatibility_level = 3.6
queue_directory = {self.dir}/spool
data_directory = {self.dir}/data
maillog_file = {self.dir}/mail.log
maillog_file_prefixes = {self.dir}
myhostname = mail.demo.test
mydestination = localhost
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
default_process_limit = 100
virtual_mailbox_domains = demo.test
virtual_mailbox_base = {self.mail}
virtual_mailbox_maps = texthash:{etc}/mailboxes
virtual_uid_maps = static:5000
virtual_gid_maps = static:5000
""")
        stock = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
        kept = [line for line in stock if not line.startswith("smtp      inet")]
        kept = [line.replace(" y ", " n ") if not line.startswith("#") else line for line in kept]
        (etc / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\n" +
                                       "postlog unix-dgram n - n - 1 postlogd\n" +
                                       "\n".join(x for x in kept if "postlog" not in x) + "\n")
        (etc / "mailboxes").write_text(MAILBOXES)
        self.etc = etc
        self.version = sh("postconf", "-dh", "mail_version").strip()

    def start(self):
        self.in_group("postfix", "-c", self.etc, "start")

    def stop(self):
        sh("postfix", "-c", self.etc, "stop", check=False)


class Dovecot(Server):
    label = "Dovecot"

    def __init__(self, root, port):
        super().__init__(root, "dovecot", port)
        self.imap_port = port
        users = "".join(f"user{n}@demo.test:{{PLAIN}}{PASSWORD}:5000:5000::{self.mail}/user{n}::\n"
                        for n in range(LOGINS))
        (self.dir / "users").write_text(users)
        self.conf = self.dir / "dovecot.conf"
        self.conf.write_text(f"""\
base_dir = {self.dir}/run
state_dir = {self.dir}/state
log_path = {self.dir}/mail.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1000
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {self.dir}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.dir}/users
}}
""")
        self.version = sh("dovecot", "--version").split()[0]

    def start(self):
        self.in_group("dovecot", "-c", self.conf)

    def stop(self):
        sh("doveadm", "-c", self.conf, "stop", check=False)


class Buzon(Server):
    label = "Buzon"

    def __init__(self, root, port, prefix, tools):
        super().__init__(root, "buzon", port)
        self.prefix = prefix
        self.imap_port = port + 118
        (self.dir / "mailboxes").write_text(MAILBOXES)
        sh(tools / "make-instance", "--dir", self.dir, "--port-base", port - 25,
           "--prefix", prefix,
           "--set", "smtpd_client_connection_count_limit = 0",
           "--set", f"virtual_mailbox_maps = texthash:{self.dir}/mailboxes",
           "--set", "virtual_uid_maps = static:5000",
           "--set", "virtual_gid_maps = static:5000",
           "--set", "virtual_alias_maps =",
           "--set", "alias_maps =", "--set", "alias_database =",
           "--set", "smtpd_tls_security_level =",
           "--set", "mail_location = maildir:~/Maildir")
        users = "".join(f"user{n}@demo.test:{{PLAIN}}{PASSWORD}:5000:5000::{self.mail}/user{n}::\n"
                        for n in range(LOGINS))
        with open(self.dir / "etc/users", "a", encoding="ascii") as f:
            f.write(users)
        self.version = sh("git", "-C", tools, "rev-parse", "--short", "HEAD", check=False).strip()

    def buzon(self):
        return self.prefix / "sbin/buzon"

    def start(self):
        self.in_group(self.buzon(), "-c", self.dir / "etc", "start")

    def stop(self):
        sh(self.buzon(), "-c", self.dir / "etc", "stop", check=False)
