"""What sshd runs for every command: farm_answer.py HOSTS HOSTPREP. See farm.py."""
import os
import shlex
import signal
import subprocess
import sys
import time

folder, hostprep = sys.argv[1:]
address = os.environ["SSH_CONNECTION"].split()[2]
with open(os.path.join(folder, address), encoding="utf-8") as file:
    kind, tree = file.read().split("\n")[:2]
if kind == "gateway": # a Linux machine in between, which runs what it is told
    os.execv("/bin/sh", ["sh", "-c", os.environ["SSH_ORIGINAL_COMMAND"]])
words = shlex.split(os.environ.get("SSH_ORIGINAL_COMMAND", ""))
if "--delay" in words: # a slow host
    at = words.index("--delay")
    time.sleep(float(words[at + 1]))
    del words[at:at + 2]
if not words or not words[0].endswith("hostprep"):
    sys.exit(f"sh: {words[0] if words else ''}: not found")
agent = [hostprep, *words[1:], "--root", tree]


def run(limit=None):
    done = subprocess.run(agent, stdout=subprocess.PIPE, check=False)
    sys.stdout.buffer.write(done.stdout[:limit])
    sys.stdout.flush()
    sys.exit(done.returncode)


if kind == "hang":
    time.sleep(1000)
elif kind == "missing":
    print(f"sh: {words[0]}: not found", file=sys.stderr)
    sys.exit(127)
elif kind == "not-permitted":
    print(f"sh: {words[0]}: Operation not permitted", file=sys.stderr)
    sys.exit(126)
elif kind == "garbage":
    sys.stdout.buffer.write(b"\x00\xff\x1b[31mgarbage\n" * 50)
elif kind == "empty":
    pass
elif kind == "signal":
    os.kill(os.getpid(), signal.SIGKILL)
elif kind == "cut":
    run(9000)
elif kind == "flood":
    while True:
        sys.stdout.buffer.write(b"x" * 65536)
elif kind == "noise":
    print("Permission denied, said a tool\nConnection refused, said another", file=sys.stderr, flush=True)
    run()
else:
    os.execv(hostprep, agent)
