#!/usr/bin/env python3
"""A mock BMC: a Redfish service with TLS on the loopback, for tests.

bmc.py DIR [--tree TREE] [--ipv6] [--background] [--parent PID] [KEY=VALUE...]
bmc.py --control DIR set KEY=VALUE... | get KEY | reset | drop-sessions | sessions |
               clear-faults | unblock | restore | stop
bmc.py --keys

DIR is made; DIR/ready says where the service is, DIR/log what happened. See README.md.
"""
import argparse
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import certificates
import faults
import keys as keys_module
import server
import tree_dell
import tree_others
from service import Service

TREES = {"dell-xe9680": tree_dell.Dell, "hpe-dl380a": tree_others.Hpe, "supermicro-821ge": tree_others.Supermicro,
         "lenovo-sr670": tree_others.Lenovo, "ami-dgx": tree_others.Ami}
LIFE = 3600  # seconds; nothing of a test lives longer


class Bmc:
    """The service with its doors: main (and main6), other (a second origin), plain (http), control."""

    def __init__(self, folder, tree, settings, ipv6=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.umask(0o077)
        for name in ("ready", "log"):
            (self.folder / name).unlink(missing_ok=True)
        kind = TREES[tree]
        self.keys = keys_module.Keys(kind.defaults)
        self.log = server.Log(self.folder / "log")
        self.service = Service(kind(self.keys), self.keys, self.log)
        for name, value in settings:
            self.service.set(name, value)
        self.keys.remember()
        self.service.sessions.on_block = self.block
        self.certificates = certificates.Certificates(self.folder)
        self.stopped = threading.Event()
        handler = type("Handler", (server.Connection,), {"bmc": self})
        control = type("Control", (ControlConnection,), {"bmc": self})
        self.doors = {"main": server.Door("main", "127.0.0.1", handler)}
        if ipv6:
            self.doors["main6"] = server.Door("main6", "::1", handler, self.doors["main"].port)
        self.doors["other"] = server.Door("other", "127.0.0.1", handler)
        self.doors["plain"] = server.Door("plain", "127.0.0.1", handler)
        self.doors["control"] = server.Door("control", "127.0.0.1", control)
        port = {name: door.port for name, door in self.doors.items()}
        self.places = {"own": f"https://127.0.0.1:{port['main']}", "other": f"https://localhost:{port['other']}",
                       "plain": f"http://127.0.0.1:{port['plain']}"}
        self.show()

    def show(self):
        """The certificate of the moment, and DIR/ready."""
        name = self.keys["certificate"]
        context = self.certificates.context(name, self.keys["tls"])
        for door in ("main", "main6", "other"):
            if door in self.doors:
                self.doors[door].context = context
        port = self.doors["main"].port
        lines = {"port": port, "url": f"https://127.0.0.1:{port}", "pin": self.certificates.pin(name),
                 "user": self.keys["user"], "password": self.keys["password"], "ca": self.folder / "ca.pem",
                 "certificate": self.certificates.get(name)[0], "other": self.places["other"],
                 "plain": self.places["plain"],
                 "control": self.doors["control"].port, "pid": os.getpid()}
        new = self.folder / "ready.new"
        new.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        new.rename(self.folder / "ready")

    def block(self, seconds):
        if self.keys["lockout"] == "refuse":
            for name in ("main", "main6"):
                if name in self.doors:
                    self.doors[name].shut(seconds)

    def unblock(self):
        self.service.sessions.unblock()
        for door in self.doors.values():
            door.open()

    def stop(self):
        """Once: all doors closed, DIR/ready gone."""
        if not self.stopped.is_set():
            (self.folder / "ready").unlink(missing_ok=True)
            self.log.write(event="stopped")
            server.STOP.set()
            for door in self.doors.values():
                door.stop()
            self.stopped.set()

    def restore(self):
        self.service.restore()
        self.unblock()
        self.show()

    # Control

    def command(self, words):
        """What --control asks for: text, or ValueError."""
        name, *rest = words
        if name == "set":
            for word in rest:
                key, value = setting(word)
                self.service.set(key, value)
                self.log.write(event="set", key=key, value=value)
            if any(word.startswith(("lockout=off", "lockout=401")) for word in rest):
                self.unblock()
            if any(word.startswith(("certificate=", "tls=", "user=", "password=")) for word in rest):
                self.show()
            return ""
        if name == "get" and len(rest) == 1:
            if rest[0] == "pin":
                return self.certificates.pin(self.keys["certificate"])
            if rest[0] in keys_module.KEYS:
                return str(self.keys[rest[0]])
            return self.keys.free.get(rest[0], "")
        plain = {"reset": lambda: json.dumps(self.service.bios.reset("control")),
                 "drop-sessions": self.service.sessions.drop,
                 "sessions": lambda: str(len(self.service.sessions.names())), "unblock": self.unblock,
                 "restore": self.restore,
                 "clear-faults": self.service.faults.clear}
        if name not in plain or rest:
            raise ValueError(f"no such command: {' '.join(words)}")
        return plain[name]() or ""


class ControlConnection(server.Connection):
    """POST with a JSON list of words."""

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        stopping = False
        try:
            words = json.loads(body)
            stopping = words == ["stop"]
            status, text = 200, "" if stopping else self.bmc.command(words)
        except (ValueError, TypeError, KeyError) as problem:
            status, text = 400, str(problem)
        text = text.encode()
        self.write(self.head(status, [("Content-Length", str(len(text))), ("Connection", "close")]) + text)
        if stopping:
            self.bmc.stop()

    do_POST = serve  # noqa: N815


def setting(word):
    """KEY=VALUE; of a fault's key the glob may hold '=' itself."""
    name, equals, value = word.rpartition("=") if word.startswith("fault.") else word.partition("=")
    if not equals:
        raise ValueError(f"not KEY=VALUE: {word}")
    return name, value


def ready(folder):
    """DIR/ready as a dict; FileNotFoundError while there is none."""
    lines = (pathlib.Path(folder) / "ready").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def ask(folder, words):
    """Run a control command: its text, or ValueError."""
    connection = http.client.HTTPConnection("127.0.0.1", int(ready(folder)["control"]), timeout=60)
    try:
        connection.request("POST", "/", json.dumps(words))
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(text)
    return text


def background(arguments):
    """Start the service as a process of its own; return when it is ready."""
    command = [sys.executable, __file__, arguments.folder, "--tree", arguments.tree, "--parent",
               str(arguments.parent or os.getppid()), *(["--ipv6"] if arguments.ipv6 else []), *arguments.settings]
    (pathlib.Path(arguments.folder) / "ready").unlink(missing_ok=True)
    folder = pathlib.Path(arguments.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / "errors", "w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=errors, start_new_session=True)
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if (pathlib.Path(arguments.folder) / "ready").exists():
            return 0
        time.sleep(0.02)
    process.kill()
    sys.stderr.write((folder / "errors").read_text())
    return process.wait() or 1


def serve(arguments):
    try:
        bmc = Bmc(arguments.folder, arguments.tree, [setting(word) for word in arguments.settings], arguments.ipv6)
    except ValueError as problem:
        print(f"bmc.py: {problem}", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: threading.Thread(target=bmc.stop).start())
    server.watch(arguments.parent or os.getppid(), bmc.stop)
    bmc.stopped.wait(LIFE)
    bmc.stop()
    return 0


def print_keys():
    for name, (default, kind, text) in keys_module.KEYS.items():
        print(f"{name}={default}\n    {text}" + (f" ({', '.join(kind)})" if isinstance(kind, tuple) else ""))
    for title, names in (("answers", faults.ANSWERS), ("spoilers", faults.SPOILERS), ("transports", faults.TRANSPORTS)):
        print(f"{title}: {' '.join(sorted(names))}")
    return 0


def main():
    if sys.argv[1:2] == ["--keys"]:
        return print_keys()
    if sys.argv[1:2] == ["--control"] and len(sys.argv) > 3:
        try:
            text = ask(sys.argv[2], sys.argv[3:])
        except (OSError, ValueError) as problem:
            print(f"bmc.py: {problem}", file=sys.stderr)
            return 2
        if text:
            print(text)
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--tree", choices=TREES, default="dell-xe9680")
    parser.add_argument("--ipv6", action="store_true", help="listen on [::1] too")
    parser.add_argument("--background", action="store_true", help="return when the service is ready")
    parser.add_argument("--parent", type=int, help="end when this process ends (default: who called)")
    arguments = parser.parse_intermixed_args()
    return background(arguments) if arguments.background else serve(arguments)


if __name__ == "__main__":
    sys.exit(main())
