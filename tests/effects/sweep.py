#!/usr/bin/env python3
"""sweep.py [options] kill|fail|concurrency|signals...: hostprep fix and undo, disturbed at each of their effects.

A run is made once undisturbed on a small simulated host, with libeffects.so to number its effects. Then, each time on a
fresh copy of the host, it is killed or hindered at one of them, and made again undisturbed: what must hold is in
README.md. HP_SWEEP_ALL=1 or --all tries every place instead of a sample.
"""
import argparse
import collections
import ctypes
import dataclasses
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

MAP, MARKER = "etc/vmware/passthru.map", "etc/vmware/.#passthru.map"
STATE, RUN = "scratch/hostprep", "var/run/hostprep"
SMALL = ["maintenance=1", "hca.count=2", "gpu.count=2", "nvswitch.count=1", "kernel.atsSupport.configured=FALSE"]
CODES = (0, 1, 2, 3, 4, 75)
KILLS = ("before", "mid", "after", "crash")
FAULTS = ("ENOSPC", "EIO", "EINTR", "short")
ERRNOS = {"write": {"ENOSPC", "EIO", "EINTR", "short"}, "fsync": {"ENOSPC", "EIO", "EINTR"},
          "ftruncate": {"EIO", "EINTR"}, "create": {"ENOSPC", "EIO"}, "rename": {"ENOSPC", "EIO"}, "unlink": {"EIO"},
          "mkdir": {"ENOSPC", "EIO"}, "execve": {"EIO"}}
# What of the C library changes files, and is in effects.c or must not be imported.
WRAPPED = {"write", "ftruncate", "fsync", "rename", "unlink", "mkdir", "open", "execve"}
CHANGING = WRAPPED | {"writev", "pwrite", "pwrite64", "pwritev", "truncate", "fdatasync", "sync", "renameat",
                      "renameat2", "unlinkat", "mkdirat", "openat", "openat64", "open64", "creat", "link", "linkat",
                      "symlink", "symlinkat",
                      "rmdir", "remove", "fopen", "fopen64", "fwrite", "fputs", "fprintf", "fallocate",
                      "posix_fallocate", "copy_file_range", "sendfile", "execv", "execvp", "execvpe", "fexecve",
                      "posix_spawn", "posix_spawnp", "popen", "system", "mkstemp", "mkostemp", "vfork", "chmod",
                      "fchmod", "chown", "fchown", "utimensat", "futimens", "mknod", "dprintf", "syscall"}


@dataclasses.dataclass(frozen=True)
class Tools:
    hostprep: str
    esxsim: str
    library: str


@dataclasses.dataclass(frozen=True)
class Effect:
    number: int
    name: str
    path: str  # from the host's root on, random parts taken out


@dataclasses.dataclass(frozen=True)
class Place:
    sweep: str
    number: int
    # before, mid, after, crash (before, and the host with it); ENOSPC, EIO, EINTR, short; with +: all from there on
    how: str
    only: str = ""
    call: str = ""  # scripts/torture: the number counts this system call

    def __str__(self):
        return "/".join(filter(None, [self.sweep, self.call, str(self.number), self.how, self.only]))


@dataclasses.dataclass
class Done:
    code: int
    out: bytes
    err: bytes
    report: dict | None
    arguments: list


class Violation(Exception):
    """The cause groups violations; the text is of this one."""

    def __init__(self, cause, text=""):
        super().__init__(f"{cause}: {text}")
        self.cause, self.text = cause, text


def demand(condition, cause, text=""):
    if not condition:
        raise Violation(cause, text() if callable(text) else text)


# ---- processes ----

def become_subreaper():
    """Orphans of a killed hostprep become children of this process, so that they can be waited for."""
    assert ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0) == 0, "prctl(PR_SET_CHILD_SUBREAPER)"


def wait_for_orphans():
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def run_tool(command, **options):
    done = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options)
    return done.stdout.decode()


def parse(out):
    try:
        report = json.loads(out)
    except ValueError:
        return None
    return report if isinstance(report, dict) else None


class Host:
    """A simulated host in DIR/host, and DIR/out for what is written with --output."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, pathlib.Path(folder)
        self.root, self.out = self.folder / "host", self.folder / "out"

    def create(self, scenario, *settings):
        self.out.mkdir(parents=True)
        run_tool([self.tools.esxsim, "create", str(self.root), "--scenario", scenario, *settings])
        return self

    def copy(self, folder):
        subprocess.run(["cp", "-a", str(self.folder), str(folder)], check=True)
        return Host(self.tools, folder)

    def set(self, *settings):
        run_tool([self.tools.esxsim, "set", str(self.root), *settings])

    def reboot(self, *how):
        run_tool([self.tools.esxsim, "reboot", str(self.root), *how])

    def command(self, *arguments):
        return [self.tools.hostprep, arguments[0], "--root", str(self.root), "--format", "json", *arguments[1:]]

    def changing(self, *arguments):
        return [*arguments, "--output", f"json:{self.out}/report.json"]

    def run(self, *arguments, wrap=(), **environment):
        """Runs hostprep and waits for it and for all that it has left behind."""
        command = [*wrap, *self.command(*arguments)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     env={**os.environ, **environment})
            try:
                code = child.wait(timeout=240)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                wait_for_orphans()
                raise Violation("does not end by itself", " ".join(arguments)) from None
            wait_for_orphans()
            out.seek(0)
            err.seek(0)
            bytes_out, bytes_err = out.read(), err.read()
        return Done(code, bytes_out, bytes_err, parse(bytes_out), command)

    def disturbed(self, place, *arguments):
        if place.call:
            what = "signal=KILL" if place.how in KILLS else f"error={place.how}"
            return self.run(*arguments, wrap=["strace", "-qq", "-o", "/dev/null", "-e", f"trace={place.call}", "-e",
                                              f"inject={place.call}:{what}:when={place.number}"])
        key = "EFFECTS_KILL" if place.how in KILLS else "EFFECTS_FAIL"
        how = f"{place.number}+:{place.how[:-1]}" if place.how.endswith("+") else f"{place.number}:{place.how}"
        how = how.replace("crash", "before")
        more = {"EFFECTS_ONLY": place.only} if place.only else {}
        return self.run(*arguments, LD_PRELOAD=self.tools.library, **{key: how}, **more)

    def effects(self, *arguments):
        if not self.tools.library:
            return self.run(*arguments), []
        log = self.folder / "effects"
        done = self.run(*arguments, LD_PRELOAD=self.tools.library, EFFECTS_LOG=str(log))
        listed = []
        for line in log.read_text().splitlines():
            number, name, path = line.split(" ", 2)
            path = re.sub(r"[0-9a-f]{12}\.tmp$", "*.tmp", path.split("/host/")[-1])
            listed.append(Effect(int(number), name, re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{4}", "RUN", path)))
        log.unlink()
        demand([e.number for e in listed] == list(range(1, len(listed) + 1)), "effects are not numbered in order")
        return done, listed

    # -- what is there --

    def bytes(self, name):
        path = self.root / name
        return path.read_bytes() if path.is_file() else None

    def map_identity(self):
        info = os.lstat(self.root / MAP)
        return (info.st_ino, oct(info.st_mode), info.st_uid, info.st_gid, info.st_nlink)

    def state(self):
        """What a run is about: the map, the values of the next boot, what the archive has."""
        keys = {}
        for line in run_tool([self.tools.esxsim, "get", str(self.root)]).splitlines():
            key, _, value = line.partition("=")
            if re.fullmatch(r"kernel\..*\.(configured|runtime)|hca\.\d+\.(next|current)|gpu\.\d+\.reset", key):
                keys[key] = value
        return {"map": self.bytes(MAP), "marker": self.bytes(MARKER) is not None,
                "archived map": self.bytes(".esxsim/archived.map"), **keys}

    def ledger(self):
        return self.bytes(f"{STATE}/ledger") or b""

    def runs(self):
        """The runs in the ledger, oldest first: id -> events."""
        runs = {}
        for line in self.ledger().split(b"\n")[:-1]:
            event = json.loads(line)
            runs.setdefault(event["run"], []).append(event)
        return runs

    def calls(self):
        return (self.bytes(".esxsim/calls") or b"").decode()

    def strangers(self):
        """Files where hostprep writes that are neither the host's nor lasting files of its own. What lies in RAM (var/run,
        gone at boot) or beside a file that the admin has named (--output) may be left behind by a run that was killed."""
        known = {STATE: r"ledger|policy\.yaml|.*\.passthru\.map|.*\.report\.json", "etc/vmware": r"(\.#)?passthru\.map"}
        found = []
        for folder, names in known.items():
            where = self.out if folder == "out" else self.root / folder
            if not where.is_dir():
                continue
            found += [f"{folder}/" + re.sub(r"[0-9a-f]{12}", "*", e.name) for e in os.scandir(where)
                      if e.is_file(follow_symlinks=False) and not re.fullmatch(names, e.name)]
        return sorted(found)


def difference(have, want):
    return "; ".join(f"{key}: {have.get(key)!r}, wanted {want.get(key)!r}" for key in sorted({*have, *want})
                     if have.get(key) != want.get(key))


def is_mixture(now, one, other):
    if not min(len(one), len(other)) <= len(now) <= max(len(one), len(other)):
        return False
    return all(b in (one[i:i + 1] + other[i:i + 1]) for i, b in enumerate(now))


# ---- invariants ----

@dataclasses.dataclass
class Sweep:
    """A command on a host, and what it does there when nothing disturbs it."""
    name: str
    base: Host
    command: list  # that is disturbed
    again: list    # that is run afterwards
    code: int
    again_code: int
    before: dict
    want: dict     # state after it
    booted: dict   # state after a reboot
    booted_code: int
    original: dict  # what undoing all leads to
    changes: list
    effects: list
    texts: tuple  # the map's, whole
    mended: tuple  # putback: the states after a fix that the archive takes, and after its reboot


def changes_of(report):
    return [(c["check"], c["subject"], c["setting"], c["from"], c["to"], c["result"]) for c in report["changes"]]


def torn(base, folder):
    """A host whose run was killed with half of passthru.map written, so that the next one has to clear up first."""
    trial = base.copy(f"{folder}/recovery-effects")
    effects = trial.effects(*trial.changing("fix"))[1]
    number = next(e.number for e in effects if e.name == "write" and e.path == MAP)
    done = base.disturbed(Place("recovery", number, "mid"), *base.changing("fix"))
    demand(done.code == -signal.SIGKILL and base.bytes(MAP) != trial.bytes(MAP), "the host with a torn map")
    return base


def prepare(tools, folder, name):
    """The hosts that are disturbed: a fix; its undo; a fix that adds a line to the map; one that the archive refuses,
    so that it puts back; one that finds the map torn by a run that was killed."""
    base = Host(tools, f"{folder}/{name}-base").create("stock-9.0", *SMALL)
    original = base.state()
    command = again = ["fix"]
    if name == "undo":
        done = base.run(*base.changing("fix"))
        demand(done.code == 4, "the fix before the undo", lambda: done.err.decode())
        command, again = ["undo"], ["undo", done.report["run"]]
    elif name == "append":
        base.set("map=none")
        original = base.state()
    elif name == "recovery":
        base = torn(base, folder)
    texts, mended = {base.state()["map"]}, ()
    if name == "putback":
        good = base.copy(f"{folder}/{name}-good")
        demand(good.run(*good.changing("fix")).code == 4, "a fix of the host whose archive is mended")
        mended = (good.state(),)
        texts.add(good.bytes(MAP))
        good.reboot()
        mended += (good.state(),)
        base.set("fault.auto-backup=exit:1")
    trial = base.copy(f"{folder}/{name}-trial")
    before = trial.state()
    identity = trial.map_identity()
    done, effects = trial.effects(*trial.changing(*command))
    demand(done.report and done.code == (2 if name == "putback" else 4 if name != "undo" else done.code),
           "the undisturbed run", lambda: f"exit {done.code}: {done.err.decode()}")
    demand(trial.map_identity() == identity, "the undisturbed run made another file of passthru.map")
    want = trial.state()
    texts.add(want["map"])
    if name == "recovery":
        texts = {original["map"], want["map"]}
    demand(len(texts) == 2, "the run does not edit passthru.map")
    if name == "undo":
        demand(not difference({k: v for k, v in want.items() if k != "archived map"},
                              {k: v for k, v in original.items() if k != "archived map"}), "undo is no undo",
               lambda: difference(want, original))
    else:
        demand(want != before, "the undisturbed run changed nothing")
    repeat = trial.run(*trial.changing(*again))
    demand(trial.state() == want, "the run made twice differs", lambda: difference(trial.state(), want))
    trial.reboot()
    booted = trial.state()
    booted_code = trial.run("check").code
    return Sweep(name, base, command, again, done.code, repeat.code, before, want, booted, booted_code,
                 original if name in ("fix", "append", "recovery") else None, changes_of(done.report), effects,
                 tuple(texts), mended)


def check_ledger(host, whole):
    lines = host.ledger().split(b"\n")
    demand(not whole or lines[-1] == b"", "the ledger's last line is cut after the re-run", repr(lines[-1][:80]))
    for line in lines[:-1]:
        try:
            json.loads(line)
        except ValueError:
            raise Violation("a ledger line is no JSON", repr(line[:200])) from None
    if whole:
        for run, events in host.runs().items():
            demand([e["event"] for e in events].count("begin") == 1, "a run in the ledger has no one begin", run)
            demand(events[-1]["event"] == "end", "a run in the ledger is never ended", f"{run}: {events[-1]}")


def check_map(host, sweep, identity, torn_ok):
    now = host.bytes(MAP)
    demand(host.map_identity() == identity, "passthru.map is another file", f"{identity} -> {host.map_identity()}")
    if now in sweep.texts:
        return
    demand(torn_ok, "passthru.map is torn", repr(now))
    demand(is_mixture(now, *sweep.texts), "passthru.map has foreign bytes", repr(now))


def check_check(host):
    done = host.run("check")
    demand(done.code in (0, 2, 3, 4), "check does not work after it", f"exit {done.code}: {done.err.decode()}")
    demand(done.report is not None, "check leaves no report after it")


def check_recovered(host, sweep, identity, codes, leftovers, crashed=False):
    """The command once more, then the host must be as after the undisturbed run."""
    done = host.run(*host.changing(*sweep.again))
    demand(done.code in codes, f"the re-run ends with another code ({sweep.name})",
           lambda: f"exit {done.code}, wanted one of {codes}: {done.err.decode()[-600:]}")
    demand(done.report is not None and done.report["exit_code"] == done.code, "the re-run leaves no report")
    have, want = (lasting(host.state()), lasting(sweep.want)) if crashed else (host.state(), sweep.want)
    demand(have == want, f"another state after the re-run ({sweep.name})", lambda: difference(have, want))
    check_map(host, sweep, identity, False)
    check_ledger(host, True)
    check_files(host, leftovers)


def check_files(host, violations):
    """These do not end the place's other checks: they are collected."""
    for name in host.strangers():
        violations.append(Violation(f"left behind after the re-run: {re.sub('RUN|[0-9TZ]{16}-....', 'RUN', name)}"))
    runs = host.runs()
    backups = {e.get("backup") for events in runs.values() for e in events if e["event"] == "set"}
    for entry in os.scandir(host.root / STATE):
        if entry.name.endswith(".passthru.map") and entry.name not in backups:
            violations.append(Violation("a backup that no ledger line names", entry.name))
        if entry.name.endswith(".report.json") and entry.name.removesuffix(".report.json") not in runs:
            violations.append(Violation("a report of a run that is not in the ledger", entry.name))


def check_reboot(host, sweep):
    host.reboot()
    demand(host.state() == sweep.booted, f"another state after the reboot ({sweep.name})",
           lambda: difference(host.state(), sweep.booted))
    code = host.run("check").code
    demand(code == sweep.booted_code, "check after the reboot", f"exit {code}, wanted {sweep.booted_code}")


def check_undone(host, sweep):
    """Every run taken back, the newest first: the host as it was before the first of them."""
    for run in reversed([r for r, events in host.runs().items() if events[0]["command"] == "fix"]):
        done = host.run("undo", run)
        demand(done.code in (0, 2, 3, 4) and done.report, f"undo of every run ({sweep.name})",
               lambda d=done: f"exit {d.code}: {d.err.decode()[-600:]}")
        demand(not done.report["errors"], f"undo of every run has errors ({sweep.name})",
               lambda d=done: str(d.report["errors"]))
    have, want = host.state(), sweep.original
    demand(not difference(have, {**want, "archived map": have["archived map"]}),
           f"another state after the undo of every run ({sweep.name})", lambda: difference(have, want))
    demand(have["archived map"] == want["map"], "the archived map is not the original after the undo of every run")


def check_claims(host, report, sweep, torn_ok):
    """Verified is on the host, planned is not."""
    keys = host.state()
    for c in report["changes"]:
        if c["setting"] == "/" + MAP:
            have = {sweep.before["map"]: "from", sweep.want["map"]: "to"}.get(keys["map"], "torn")
            if sweep.before["map"] == sweep.want["map"]:
                continue
            if have == "torn" and torn_ok and c["result"] == "failed":
                continue
        elif c["check"] == "hca-ats":
            index = {"0000:1a:00.0": 0, "0000:3c:00.0": 1}[c["subject"]]
            have = "to" if keys[f"hca.{index}.next"] == c["to"] else "from"
        else:
            have = "to" if keys[f"kernel.{c['setting']}.configured"] == c["to"] else "from"
        wrong = {"verified": "from", "undone": "from", "applied": "from", "planned": "to"}.get(c["result"])
        demand(have != "torn", "passthru.map is torn when the run ends", c["result"])
        demand(have != wrong, f"a change said to be {c['result']} is not",
               lambda c=c: f"{c['setting']} of {c['subject']}")


# ---- one place ----

def kill_place(sweep, place, host, deep, found):
    identity = host.map_identity()
    done = host.disturbed(place, *host.changing(*sweep.command))
    reached = done.code == -signal.SIGKILL
    if place.call and not reached and done.code == sweep.code:
        return  # strace counts the writes to pipes too, and they differ from run to run
    demand(reached, "the run was not killed", f"exit {done.code}: {done.err.decode()[-300:]}")
    check_map(host, sweep, identity, True)
    check_ledger(host, False)
    check_check(host)
    if place.how == "crash":
        host.reboot()
        check_check(host)
        check_recovered(host, sweep, host.map_identity(), (0, 2, 4) if sweep.mended else (0, 4), found, True)
        check_reboot(host, sweep)
        return
    check_recovered(host, sweep, identity, (sweep.code, sweep.again_code), found)
    finish_place(sweep, host, deep)


def lasting(state):
    """What the next boot brings: after a crash what is in force now may be newer than after a run alone."""
    return {k: v for k, v in state.items() if not re.search(r"\.(runtime|current|reset)$", k)}


def finish_place(sweep, host, deep):
    if deep and sweep.original:
        check_undone(host.copy(f"{host.folder}-undone"), sweep)
    check_reboot(host, sweep)


def fail_place(sweep, place, host, deep, found):
    identity = host.map_identity()
    done = host.disturbed(place, *host.changing(*sweep.command))
    demand(done.code >= 0, "the run crashes", f"signal {-done.code}: {done.err.decode()[-300:]}")
    demand(done.code in CODES, "an exit code that is none of the contract's",
           f"{done.code}: {done.err.decode()[-300:]}")
    written = stdout_written(sweep, place)
    demand(done.report is not None or written, "no report on stdout",
           lambda: done.out[-200:].decode("utf-8", "replace"))
    demand(done.report is None or done.report["exit_code"] == done.code, "the report's exit code is another",
           lambda: f"{done.report['exit_code']}, exit {done.code}")
    output = host.out / "report.json"
    demand(not output.exists() or parse(output.read_bytes()), "--output is not whole")
    check_map(host, sweep, identity, place.how.endswith("+"))
    if place.how in ("EINTR", "short"):
        demand(done.code == sweep.code and done.report and changes_of(done.report) == sweep.changes,
               "EINTR or a short write changes what the run does",
               lambda: f"exit {done.code}: {done.err.decode()[-600:]}")
        demand(host.state() == sweep.want, "another state after EINTR or a short write",
               lambda: difference(host.state(), sweep.want))
        check_files(host, found)
        check_ledger(host, True)
    if done.report:
        check_claims(host, done.report, sweep, place.how.endswith("+"))
    if done.code == sweep.code and sweep.code != 2 and not written:
        demand(host.state() == sweep.want, "it says that all is well, and it is not",
               lambda: difference(host.state(), sweep.want))
    if sweep.mended:
        check_mended(host, sweep, identity, found)
        return
    check_recovered(host, sweep, identity, (sweep.code, sweep.again_code, 0, 4), found)
    finish_place(sweep, host, deep)


def check_mended(host, sweep, identity, found):
    """What could not be put back stays; once the archive works again a fix must bring all, and through the reboot."""
    host.set("fault.auto-backup=")
    mended = dataclasses.replace(sweep, want=sweep.mended[0], booted=sweep.mended[1], booted_code=0)
    check_recovered(host, mended, identity, (4,), found)
    check_reboot(host, mended)


def effect_of(sweep, place):
    return next(e for e in sweep.effects if e.number == place.number and place.call in ("", e.name))


def stdout_written(sweep, place):
    """The failing effect is (or reaches) the write of the report to stdout."""
    return place.how.endswith("+") or effect_of(sweep, place).path.endswith("(deleted)")


# ---- many places ----

_shared = {}


def one(place):
    """In a worker process. Returns the place's violations as (cause, text)."""
    sweep, folder = _shared["sweeps"][place.sweep], _shared["folder"]
    here = pathlib.Path(folder) / str(place).replace("/", "-")
    found = []
    try:
        host = sweep.base.copy(here)
        work = kill_place if place.how in KILLS else fail_place
        work(sweep, place, host, _shared["deep"] or place.number % 4 == 0, found)
    except Violation as v:
        found.append(v)
    except Exception:  # the harness's own fault counts too
        found.append(Violation("the harness fails", traceback.format_exc()))
    if not (found and _shared["keep"]):
        shutil.rmtree(here, ignore_errors=True)
        shutil.rmtree(f"{here}-undone", ignore_errors=True)
    return place, [(v.cause, v.text) for v in found]


def distinct(effects):
    """Of a long row of the same effect the first and the last."""
    kept = []
    for i, e in enumerate(effects):
        same = [0 < k < len(effects) and (effects[k].name, effects[k].path) == (e.name, e.path) for k in (i - 1, i + 1)]
        if i == 0 or not all(same):
            kept.append(e)
    return kept


def kill_places(sweep):
    """`after` N leaves what `before` N+1 does, but for tools, and where the file is one of ours in between."""
    for e in distinct(sweep.effects):
        yield Place(sweep.name, e.number, "before"), e
        # append: there the GPUs get flr by the reboot alone; putback: what the reboot has brought into force stays
        if sweep.name not in ("append", "putback"):
            yield Place(sweep.name, e.number, "crash"), e
        if e.name == "write" and not e.path.endswith("(deleted)"):
            yield Place(sweep.name, e.number, "mid"), e
        if e.name in ("execve", "fsync", "rename", "unlink") or _shared.get("all"):
            yield Place(sweep.name, e.number, "after"), e


def fail_places(sweep):
    for e in distinct(sweep.effects):
        for how in FAULTS:
            if how in ERRNOS[e.name]:
                yield Place(sweep.name, e.number, how), e
        if e.name in ("write", "create"):
            yield Place(sweep.name, e.number, "ENOSPC+"), e
            if MAP in e.path:
                yield Place(sweep.name, e.number, "ENOSPC+", "passthru.map"), e
                yield Place(sweep.name, e.number, "EIO+", "passthru.map"), e
        if e.name == "ftruncate" and MAP in e.path:
            yield Place(sweep.name, e.number, "EIO+", "passthru.map"), e


def is_key(effect):
    return (effect.name == "execve" and not effect.path.endswith("/logger")) or MAP in effect.path


def choose(pairs, limit):
    """All that touch the map or start a tool that changes something, and of the others an even sample."""
    keys = [p for p, e in pairs if is_key(e)]
    others = [p for p, e in pairs if not is_key(e)]
    room = max(limit - len(keys), 1)
    if _shared["all"] or len(others) <= room:
        return [p for p, _ in pairs]
    return keys + [others[i * len(others) // room] for i in range(room)]


def tell(name, places, of, results, began, tools):
    groups = collections.OrderedDict()
    for place, found in results:
        for cause, text in found:
            groups.setdefault(cause, []).append((place, text))
    bad = {place for place, found in results if found}
    print(f"{name}: {len(places)} of {of} places, {len(bad)} with violations, {time.monotonic() - began:.0f} s ... "
          f"{'FAIL' if bad else 'ok'}", flush=True)
    for cause, members in groups.items():
        print(f"  {len(members):4} x {cause}")
        for place, text in members[:3]:
            effect = effect_of(_shared["sweeps"][place.sweep], place)
            print(f"         {place}: {effect.name} {effect.path}")
            if text:
                print("           " + text.strip()[:900].replace("\n", "\n           "))
        if not members[0][0].call:
            print(f"         again: sweep.py {tools.hostprep} {tools.esxsim} {tools.library} --keep "
                  f"--place {members[0][0]}")
    return not bad


def try_all(places, jobs):
    with multiprocessing.get_context("fork").Pool(jobs, become_subreaper) as pool:
        return sorted(pool.imap_unordered(one, places), key=lambda r: r[0].number)


def sweep_all(options, tools, names, places_of, limits):
    good = True
    for name in names:
        began = time.monotonic()
        try:
            sweep = prepare(tools, options.folder, name)
        except Violation as v:
            print(f"{name}: the undisturbed run ... FAIL\n  {v}")
            good = False
            continue
        _shared["sweeps"] = {name: sweep}
        pairs = list(places_of(sweep))
        places = choose(pairs, limits[name])
        if options.range:
            low, high = options.range
            places = [p for p in places if low <= p.number <= high]
        results = try_all(places, options.jobs)
        suite = places_of.__name__.removesuffix("_places")
        good = tell(f"{suite} {name}", places, len(pairs), results, began, tools) and good
    return good


def test_imports(tools):
    """The library sees everything that the program can do to files."""
    symbols = run_tool(["nm", "-D", "--undefined-only", tools.hostprep])
    imported = {line.split()[-1].split("@")[0] for line in symbols.splitlines()}
    unseen = sorted((imported & CHANGING) - WRAPPED)
    good = not unseen and "write" in imported
    print(f"imports: every file-changing call is seen ... {'ok' if good else f'FAIL: {unseen}'}")
    return good


def kill(options, tools):
    limits = {"fix": 40, "undo": 38, "append": 22, "putback": 32, "recovery": 26}
    return test_imports(tools) and sweep_all(options, tools, list(limits), kill_places, limits)


def fail(options, tools):
    limits = {"fix": 40, "undo": 36, "append": 30, "putback": 45, "recovery": 24}
    return sweep_all(options, tools, list(limits), fail_places, limits)


# ---- side by side ----

def concurrency(options, tools):
    began = time.monotonic()
    host = Host(tools, f"{options.folder}/many").create("stock-9.0", "maintenance=1", "mlxconfig.latency_ms=20")
    alone = host.copy(f"{options.folder}/alone")
    demand(alone.run("fix").code == 4, "one fix alone")
    identity = host.map_identity()
    children = []
    for i in range(20):
        children.append(subprocess.Popen(host.command("fix"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE))
        time.sleep(0 if i < 12 else 0.3)  # some come while the first is at work, some find its work done
    ended = [(c.communicate(timeout=240)[0], c.returncode) for c in children]
    found = []
    worked, late, locked = 0, 0, 0
    for out, code in ended:
        report = parse(out)
        if not report or report["exit_code"] != code:
            found.append(f"exit {code} without its report")
        elif code == 75:
            locked += 1
            if report["changes"]:
                found.append("a locked run lists changes")
        elif code == 4 and report["changes"]:
            worked += 1
            if {c["result"] for c in report["changes"]} != {"verified"}:
                found.append("the run that worked did not verify all")
        elif code == 4:
            late += 1
        else:
            found.append(f"exit {code}: {report['errors']}")
    sets = re.findall(r"^start .* mlxconfig .* set ATS_ENABLED=1$", host.calls(), re.M)
    runs = {r: e for r, e in host.runs().items() if any(x["event"] == "set" for x in e)}
    if worked != 1:
        found.append(f"{worked} runs worked, wanted 1")
    if len(sets) != 8 or len(set(re.findall(r"-d (\S+)", " ".join(sets)))) != 8:
        found.append(f"{len(sets)} calls of mlxconfig set, wanted 8 on 8 HCAs")
    if host.state() != alone.state():
        found.append("another state than of one run alone: " + difference(host.state(), alone.state()))
    if host.map_identity() != identity:
        found.append("passthru.map is another file")
    if len(runs) != 1:
        found.append(f"{len(runs)} runs with changes in the ledger, wanted 1")
    try:
        check_ledger(host, True)
        check_files(host, [])
    except Violation as v:
        found.append(str(v))
    found += host.strangers()
    print(f"concurrency: 20 runs, {worked} worked, {late} found nothing to do, {locked} were locked out, "
          f"{time.monotonic() - began:.0f} s ... {'FAIL' if found else 'ok'}")
    for text in found:
        print("  " + text)
    return not found


# ---- signals ----

def wait_for_call(host, pattern, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if re.search(pattern, host.calls(), re.M):
            return
        time.sleep(0.02)
    raise Violation("the call never came", pattern)


FOUR = ["maintenance=1", "hca.count=4", "gpu.count=4", "nvswitch.count=1", "kernel.atsSupport.configured=FALSE"]
SECOND_SET = r"^start \d+ \d+ mlxconfig -d mt4129_pciconf1 -y set"
HCAS = ["0000:1a:00.0", "0000:3c:00.0", "0000:4d:00.0", "0000:5e:00.0"]


def start_fix(host, *arguments, **options):
    """With SIGHUP as a login shell has it, whatever the test runs under."""
    def plain():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
    return subprocess.Popen(host.command(*host.changing("fix", *arguments)), stdin=subprocess.DEVNULL, preexec_fn=plain,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


def check_stopped(host, code, codes, out, may_go_on):
    """A run that was told to stop while the second HCA was set."""
    demand(code in codes, "a stopped run's exit code", f"{code}, wanted one of {codes}")
    end = host.calls().count(" mlxconfig rc=0")
    demand(end, "no call of mlxconfig ended by itself")
    report = parse((host.out / "report.json").read_bytes()) if (host.out / "report.json").exists() else None
    demand(report is not None, "a stopped run leaves no --output")
    if out is not None:
        demand(parse(out) == report, "a stopped run's stdout is another report")
    results = {c["subject"]: c["result"] for c in report["changes"] if c["check"] == "hca-ats"}
    going_on = ["verified"] * 4
    stopped = ["verified", "verified", "planned", "planned"]
    demand([results.get(h) for h in HCAS] in ([stopped, going_on] if may_go_on else [stopped]),
           "a stopped run's changes", str(results))
    demand([c["result"] for c in report["changes"] if c["check"] != "hca-ats"][0] == "verified", "the kernel setting")
    state = host.state()
    for i, h in enumerate(HCAS):
        demand(state[f"hca.{i}.next"] == ("1" if results[h] == "verified" else "0"), "a stopped run's claims", h)
    sets = len(re.findall(r"^start .* mlxconfig .* set ", host.calls(), re.M))
    demand(sets == list(results.values()).count("verified"), "HCAs were set that the report does not say", str(sets))
    check_ledger(host, True)
    runs = host.runs()
    demand(len(runs) == 1, "one run in the ledger", str(list(runs)))
    kept = host.bytes(f"{STATE}/{list(runs)[0]}.report.json")
    demand(kept is not None and parse(kept) is not None, "no report in the state dir")
    demand({c["subject"]: c["result"] for c in parse(kept)["changes"] if c["check"] == "hca-ats"} == results,
           "the report in the state dir has other changes")
    return report


def check_completes(host):
    done = host.run(*host.changing("fix"))
    demand(done.code == 4, "the re-run after a stopped run", f"exit {done.code}: {done.err.decode()}")
    demand([host.state()[f"hca.{i}.next"] for i in range(4)] == ["1"] * 4, "the re-run does not complete")
    check_ledger(host, True)


def stopped_by(base, folder, number):
    host = base.copy(f"{folder}/signal-{number}")
    child = start_fix(host)
    wait_for_call(host, SECOND_SET)
    child.send_signal(number)
    out, _ = child.communicate(timeout=120)
    wait_for_orphans()
    report = check_stopped(host, child.returncode, (2,), out, False)
    demand("nterrupted" in json.dumps(report["errors"]), "the report does not say that it was interrupted")
    check_completes(host)


def closed_pipes(base, folder, number):
    """The SSH session goes away: nobody reads stdout and stderr, with or without a SIGHUP."""
    host = base.copy(f"{folder}/closed-{number}")
    child = start_fix(host)
    wait_for_call(host, SECOND_SET)
    child.stdout.close()
    child.stderr.close()
    if number:
        child.send_signal(number)
    code = child.wait(timeout=120)
    wait_for_orphans()
    check_stopped(host, code, (1, 2) if number else (1, 2, 4), None, not number)
    check_completes(host)


DEAF = """#!/bin/bash
# mlxconfig that does not care for TERM while it sets, and goes on printing.
trap '' TERM
here=$(dirname "$0")
if [[ " $* " == *" set "* && " $* " == *" mt4129_pciconf1 "* ]]; then
    echo "start 0 $$ deaf $*" >>"$here/../../../.esxsim/calls"
    for ((i = 0; i < 60; i++)); do echo "-I- Still at work"; sleep 0.3; done
    "$here/../real/mlxconfig" "$@"
    echo "end 0 $$ deaf rc=0" >>"$here/../../../.esxsim/calls"
    exit 0
fi
exec "$here/../real/mlxconfig" "$@"
"""


def deaf_mlxconfig(base, folder):
    """TERM after --timeout, then longer than the grace, printing all the while: no KILL in the middle of a set."""
    host = base.copy(f"{folder}/deaf")
    tool = host.root / "opt/mellanox/bin/mlxconfig"
    (host.root / "opt/mellanox/real").mkdir()
    tool.rename(host.root / "opt/mellanox/real/mlxconfig")
    tool.write_text(DEAF)
    tool.chmod(0o755)
    began = time.monotonic()
    done = host.run(*host.changing("fix", "--timeout", "1"))
    demand(" deaf rc=0" in host.calls(), "mlxconfig was killed in the middle of a set")
    demand(time.monotonic() - began > 17, "the deaf mlxconfig was too quick to prove anything")
    demand(done.code in (2, 4) and done.report, "the run with a deaf mlxconfig", f"{done.code}: {done.err.decode()}")
    check_ledger(host, True)
    results = {c["subject"]: c["result"] for c in done.report["changes"] if c["check"] == "hca-ats"}
    demand([results[h] for h in HCAS] == ["verified"] * 4, "the HCAs beside a deaf mlxconfig", str(results))


def slow_drip(base, folder):
    """The simulator's own slow tool: it heeds TERM, and its end is in the call log, which a KILL would prevent."""
    host = base.copy(f"{folder}/drip")
    host.set("mlxconfig.mt4129_pciconf1.set.latency_ms=0", "fault.mlxconfig.mt4129_pciconf1.set=slow-drip:400")
    done = host.run(*host.changing("fix", "--timeout", "1"))
    calls = host.calls()
    pid = re.search(r"^start \d+ (\d+) mlxconfig -d mt4129_pciconf1 -y set", calls, re.M)
    demand(pid, "the slow HCA was not set")
    demand(re.search(rf"^end \d+ {pid[1]} mlxconfig", calls, re.M),
           "the slow mlxconfig was killed in the middle of a set")
    demand(done.code in (2, 4) and done.report, "the run with a slow mlxconfig", f"{done.code}: {done.err.decode()}")
    check_ledger(host, True)


def signals(options, tools):
    become_subreaper()
    base = Host(tools, f"{options.folder}/four").create("stock-9.0", *FOUR,
                                                        "mlxconfig.mt4129_pciconf1.set.latency_ms=1200")
    tests = [(f"{signal.Signals(n).name} while an HCA is set", stopped_by, n)
             for n in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)]
    tests += [("closed stdout and stderr", closed_pipes, 0), ("closed pipes and SIGHUP", closed_pipes, signal.SIGHUP),
              ("slow mlxconfig, --timeout 1", slow_drip), ("deaf mlxconfig that makes progress", deaf_mlxconfig)]
    good = True
    for title, test, *arguments in tests:
        began = time.monotonic()
        try:
            test(base, options.folder, *arguments)
            verdict = "ok"
        except Violation as v:
            good, verdict = False, f"FAIL\n  {v}"
        print(f"signals: {title}, {time.monotonic() - began:.0f} s ... {verdict}", flush=True)
    return good


# ---- one place again ----

def repeat(options, tools):
    name, number, how, *only = options.place.split("/")
    _shared["sweeps"] = {name: prepare(tools, options.folder, name)}
    place = Place(name, int(number), how, *only)
    become_subreaper()
    _shared["deep"] = True
    _, found = one(place)
    effect = effect_of(_shared["sweeps"][name], place)
    print(f"{place}: {effect.name} {effect.path} ... {'FAIL' if found else 'ok'}")
    for cause, text in found:
        print(f"  {cause}\n    {text}")
    return not found


def share(name, sweep):
    """Before the workers are forked: what they sweep."""
    _shared["sweeps"] = {name: sweep}


def configure(options):
    _shared.update(all=options.all, deep=options.all, keep=options.keep, folder=options.folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hostprep", help="a dynamic hostprep")
    parser.add_argument("esxsim")
    parser.add_argument("library", help="libeffects.so")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="kill, fail, concurrency, signals")
    parser.add_argument("--all", action="store_true", default=bool(os.environ.get("HP_SWEEP_ALL")), help="every place")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="places side by side")
    parser.add_argument("--range", type=lambda t: tuple(int(n) for n in t.split("-")), metavar="LOW-HIGH",
                        help="only effects with these numbers")
    parser.add_argument("--place", metavar="SWEEP/N/HOW", help="one place alone: fix/37/before, undo/12/ENOSPC")
    parser.add_argument("--keep", action="store_true", help="leave the hosts with violations, and say where")
    options = parser.parse_intermixed_args()
    tools = Tools(*(os.path.realpath(p) for p in (options.hostprep, options.esxsim, options.library)))
    suites = {"kill": kill, "fail": fail, "concurrency": concurrency, "signals": signals}
    if not options.place and (not options.suites or not set(options.suites) <= set(suites)):
        parser.error("which suite?")
    top = options.folder = tempfile.mkdtemp(prefix="hostprep-effects-")
    configure(options)
    try:
        if options.place:
            good = repeat(options, tools)
        else:
            good = True
            for name in options.suites:
                options.folder = f"{top}/{name}"
                os.mkdir(options.folder)
                configure(options)
                good = suites[name](options, tools) and good
    finally:
        if options.keep:
            print(f"hosts are kept in {top}")
        else:
            shutil.rmtree(top, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
