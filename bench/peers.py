"""Private instances of Debian's Postfix and Dovecot and of Buzon, with equal work and limits.

Every server runs on loopback ports of its own, below one temporary directory, in a cgroup of
its own, and is stopped by process id.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import time

CPUACCT = pathlib.Path("/sys/fs/cgroup/cpuacct")
USERS = 20
MAILBOXES = "".join(f"user{n}@demo.test demo.test/user{n}/Maildir/\n" for n in range(USERS))
PASSWORD = "secret"


def sh(*argv, check=True, **kw):
    return subprocess.run([str(a) for a in argv], check=check, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **kw).stdout


def children(pid):
    """PID and everything below it."""
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                todo += [int(c) for c in
                         pathlib.Path(f"/proc/{p}/task/{task}/children").read_text().split()]
        except OSError:
            pass
    return found


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


class Server:
    """Common part: a cgroup for CPU time, start, stop."""

    def __init__(self, root, name, port):
        self.name, self.port = name, port
        self.dir = pathlib.Path(root) / name
        self.dir.mkdir(parents=True)
        self.group = CPUACCT / f"buzon-bench-{os.getpid()}-{name}"
        self.group.mkdir()
        self.mail = self.dir / "mail"
        self.mail.mkdir()
        os.chown(self.mail, 5000, 5000)

    def in_group(self, *argv):
        def enter():
            (self.group / "cgroup.procs").write_text(str(os.getpid()))
        return subprocess.run([str(a) for a in argv], preexec_fn=enter, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)

    def cpu_s(self):
        return int((self.group / "cpuacct.usage").read_text()) / 1e9

    def pids(self):
        return [int(p) for p in (self.group / "cgroup.procs").read_text().split()]

    def delivered(self):
        return sum(len(list(p.glob("new/*"))) for p in self.mail.rglob("Maildir"))

    def clear_mail(self):
        for p in self.mail.iterdir():
            shutil.rmtree(p)

    def close(self):
        try:
            self.stop()
        finally:
            for _ in range(50):
                if not self.pids():
                    break
                for p in self.pids():
                    os.kill(p, signal.SIGKILL)
                time.sleep(0.1)
            self.group.rmdir()


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
        users = "".join(f"user{n}@demo.test:{{PLAIN}}{PASSWORD}:5000:5000::{self.mail}/user{n}::\n"
                        for n in range(USERS))
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
           "--set", f"mail_location = maildir:~/Maildir")
        users = "".join(f"user{n}@demo.test:{{PLAIN}}{PASSWORD}:5000:5000::{self.mail}/user{n}::\n"
                        for n in range(USERS))
        with open(self.dir / "etc/users", "a", encoding="ascii") as f:
            f.write(users)
        self.version = sh("git", "-C", tools, "rev-parse", "--short", "HEAD", check=False).strip()

    def buzon(self):
        return self.prefix / "sbin/buzon"

    def start(self):
        self.in_group(self.buzon(), "-c", self.dir / "etc", "start")

    def stop(self):
        sh(self.buzon(), "-c", self.dir / "etc", "stop", check=False)
