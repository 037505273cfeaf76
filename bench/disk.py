"""Where the mail of a benchmark lies: a fresh ext4 with a journal, in an image of its own.

Both servers share it. It is mounted in a mount namespace of this process, so it is gone when the
last process that uses it is, however the benchmark ends.
"""
import ctypes
import os
import pathlib
import subprocess

CLONE_NEWNS = 0x20000


def run(*argv):
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise OSError(f"{argv[0]}: {done.stdout.strip() or done.returncode}")
    return done.stdout.strip()


def mount_image(root, size_mb):
    """A directory below ROOT on the fresh file system. OSError: not possible here."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace")
    run("mount", "--make-rprivate", "/")
    image, where = root / "disk.img", root / "disk"
    with open(image, "wb") as f:
        f.truncate(size_mb << 20)
    # everything is laid out now: no kernel thread does it while the servers are measured
    run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
    where.mkdir()
    run("mount", "-o", "loop", image, where)
    image.unlink()
    where.chmod(0o755)
    return where


def unmount(where):
    run("umount", where)


def describe(where):
    """The kind of file system, for the table's head."""
    kind, device = run("findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", where).split()[:2]
    task = pathlib.Path(f"/sys/fs/ext4/{os.path.basename(device)}/journal_task")
    if task.exists() and task.read_text().strip() == "<none>":
        return f"{kind} without a journal"
    return kind
