#!/usr/bin/env python3
"""Check a Maildir that smtp-source filled with N messages of 4096 bytes: check_load.py DIR N LOG."""
import collections
import pathlib
import re
import sys

MAILDIR, N, LOG = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
HEADER = re.compile(
    r"Return-Path: <load@b\.example>\n"
    r"X-Original-To: alice@demo\.test\n"
    r"Delivered-To: alice@demo\.test\n"
    r"Received: from \S+ \(localhost \[127\.0\.0\.1\]\)\n"
    r"\tby mail\.demo\.test \(Postfix\) with SMTP id ([0-9A-Za-z]+)\n"
    r"\tfor <alice@demo\.test>; (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), .* [-+]\d{4} \(\S+\)\n"
    r"From: <load@b\.example>\n"
    r"To: <alice@demo\.test>\n"
    r"Date: .*\n"
    r"Message-Id: <([0-9a-f.]+)@\S+>\n"
    r"\n")


def body():
    """What smtp-source sends for -l 4096, line ends as stored: numbered lines of 80 bytes, a rest."""
    lines = [f"{n % 10}{'X' * 77}" for n in range(1, 4096 // 80 + 1)]
    return "\n".join(lines + ["X" * (4096 % 80)]) + "\n"


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def main():
    want = body()
    queue_ids, message_ids = set(), set()
    files = list((MAILDIR / "new").iterdir())
    for f in files:
        text = f.read_bytes().decode("ascii")
        head = HEADER.match(text)
        check(head, f"{f.name}: header\n{text[:1000]}")
        check(text[head.end():] == want, f"{f.name}: body\n{text[head.end():]}")
        sizes = re.search(r",S=(\d+),W=(\d+)$", f.name)
        check(sizes and [int(x) for x in sizes.groups()] == [len(text), len(text) + text.count("\n")],
              f"{f.name}: sizes in the name, of {len(text)} bytes")
        queue_ids.add(head[1])
        message_ids.add(head[2])
    check(len(files) == N, f"{len(files)} files for {N} messages")
    check(len(message_ids) == N, f"{len(message_ids)} Message-Ids for {N} messages")
    log = LOG.read_text()
    sent = collections.Counter(re.findall(r" ([0-9A-Za-z]+): to=<alice@demo\.test>.* status=sent ", log))
    check(sent == collections.Counter(queue_ids), "the log's status=sent lines are not the deliveries")
    removed = collections.Counter(re.findall(r" ([0-9A-Za-z]+): removed$", log, re.M))
    check(removed == sent, "not each message was removed once, as the log says it")


main()
