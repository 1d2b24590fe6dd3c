"""The scan folder: what each host said, as it came. docs/guides/fleet-report.md describes it; hostprep-report merges it.

  scan.json          what was run; `finished` is null until all hosts are done
  hosts.txt          who was to be asked
  rows.ndjson        a line for each host that is done; a later one of a host stands
  reports/NAME.json  its stdout, as it came
  stderr/NAME.txt    its stderr, where there was any
"""
import datetime
import fcntl
import hashlib
import json
import os
import pathlib

from .errors import Trouble, usage

SCHEMA, VERSION = "hostprep.scan", "1.0.0"
STEM_MOST = 200 # bytes of a file's name


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def rfc3339(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def stem(name):
    if len(name) <= STEM_MOST:
        return name
    return f"{name[:150]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def write(path, data):
    """Whole or not at all."""
    fresh = path.with_name(f"{path.name}.tmp")
    fresh.write_bytes(data)
    os.replace(fresh, path)


class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.rows = self.lock = None
        self.head = {}
        self.tried = set() # hosts that an earlier run has asked

    def file(self, name):
        return self.path / name

    def take(self):
        """One run at a time. The lock goes with the process."""
        self.lock = open(self.file(".lock"), "ab") # pylint: disable=consider-using-with
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Trouble(f"{self.path}: another hostprep-fleet is at work in this folder") from error

    def make(self, head, hosts):
        """A new one. A folder that holds a run already is not written over."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.take()
            if self.file("scan.json").exists():
                raise usage(f"{self.path} holds a run already: go on with --resume {self.path}, or name another folder")
            for inner in ("reports", "stderr"):
                self.file(inner).mkdir(exist_ok=True)
            self.head = {"schema": SCHEMA, "schema_version": VERSION, **head}
            write(self.file("hosts.txt"), hosts.text().encode())
            self.write_head()
        except OSError as error:
            raise Trouble(f"cannot write {self.path}: {error.strerror}") from error

    def write_head(self):
        write(self.file("scan.json"), (json.dumps(self.head, indent=2) + "\n").encode())

    def reopen(self):
        """The head of a run that is to go on."""
        try:
            self.head = json.loads(self.file("scan.json").read_bytes())
        except FileNotFoundError as error:
            raise usage(f"{self.path} holds no run of hostprep-fleet: there is no scan.json in it") from error
        except (OSError, ValueError) as error:
            raise Trouble(f"cannot read {self.file('scan.json')}: {error}") from error
        if not isinstance(self.head, dict) or self.head.get("schema") != SCHEMA or "policy_sha256" not in self.head:
            raise usage(f"{self.file('scan.json')} is not what hostprep-fleet writes")
        self.take()

    def note_tried(self):
        """Whom an earlier run has asked. A line that a killed run has cut is none."""
        try:
            lines = self.file("rows.ndjson").read_bytes().split(b"\n")
        except OSError:
            return
        for line in lines:
            try:
                row = json.loads(line)
                if row["attempts"]:
                    self.tried.add(row["name"])
            except (ValueError, KeyError, TypeError):
                continue

    def begin_rows(self):
        path = self.file("rows.ndjson")
        cut = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        self.rows = open(path, "ab") # pylint: disable=consider-using-with
        if cut: # of a run that was killed: what follows is to begin a line
            self.rows.write(b"\n")

    def keep(self, name, state, reason, answer, attempts):
        """The files first, then the row that speaks of them."""
        file = None
        if answer is not None and answer.stdout:
            file = f"reports/{stem(name)}.json"
            write(self.file(file), bytes(answer.stdout))
        if answer is not None and answer.stderr:
            write(self.file(f"stderr/{stem(name)}.txt"), bytes(answer.stderr))
        stderr = answer.stderr.decode("utf-8", "replace")[:2048] if answer is not None else ""
        row = {"schema": "hostprep.row", "name": name, "state": state, "reason": reason and reason.replace("\0", "?"),
               "rc": answer.rc if answer is not None else None, "stderr": stderr.replace("\0", "?"),
               "duration_ms": answer.duration_ms if answer is not None else None, "attempts": attempts, "file": file}
        self.rows.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        self.rows.flush()

    def finish(self):
        self.head["finished"] = rfc3339(now())
        self.write_head()
