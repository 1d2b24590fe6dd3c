"""Picks the command, runs it, and returns the exit code."""
import hashlib
import os
import pathlib
import resource
import shutil
import signal
import sys
import uuid

from . import folder as folders
from . import hosts, options as table, report, transport
from .engine import Engine
from .errors import FAILED, Trouble, usage
from .progress import Progress
from .run import Run
from .tree import TreeEngine
from .version import VERSION


FILES_EACH, FILES_BESIDE = 4, 64


def say(text):
    try:
        print(f"hostprep-fleet: {text}", file=sys.stderr)
    except OSError: # nobody looks any more
        pass


def read_policy(options):
    """Its bytes, or None."""
    if not options.policy:
        return None
    try:
        if options.policy == "-":
            data = sys.stdin.buffer.read()
        else:
            data = pathlib.Path(options.policy).read_bytes()
    except OSError as error:
        raise usage(f"--policy: cannot read {options.policy}: {error.strerror}") from error
    if not data.strip():
        raise usage(f"--policy: {options.policy} is empty")
    return data


def head_of(command, options, way, policy):
    return {"scan_id": str(uuid.uuid4()), "command": "check" if command == "scan" else "fix",
            "started": folders.rfc3339(folders.now()), "finished": None,
            "engine": {"name": "hostprep-fleet", "version": VERSION, "transport": way.name, "fanout": options.fanout,
                       "timeout_s": options.timeout},
            "policy_sha256": hashlib.sha256(policy).hexdigest() if policy is not None else None,
            "apply": bool(getattr(options, "apply", False)), "asked": asked(command, options),
            "numbers": {name: getattr(options, name) for name in table.NUMBERS if hasattr(options, name)}}


def asked(command, options):
    """What a resumed run must ask in the same way."""
    names = ("transport", "agent", "user", "tree", "only", "skip", "tag", "enter_maintenance", "override", "bios")
    paths = {name: os.path.abspath(os.path.expanduser(path)) if path else None
             for name, path in ((name, getattr(options, name)) for name in ("ssh_config", "topology"))}
    return {"command": command, **{name: getattr(options, name, None) or None for name in names}, **paths}


def resume(command, options, policy):
    """The folder, its hosts, and those that are still to be asked. Options that were not given are the first run's."""
    folder = folders.Folder(options.resume)
    folder.reopen()
    before = folder.head.get("asked")
    if not isinstance(before, dict) or before.get("command") != command:
        raise usage(f"{options.resume} is of a {before.get('command') if isinstance(before, dict) else 'run'}, not of a "
                    f"{command}")
    for name, value in asked(command, options).items():
        if value is not None and value != before.get(name):
            raise usage(f"--{name.replace('_', '-')} is not what {options.resume} was begun with: {before.get(name)!r}")
        if hasattr(options, name):
            setattr(options, name, before.get(name))
    numbers = folder.head.get("numbers")
    for name, (_, _, default) in table.NUMBERS.items():
        if hasattr(options, name) and getattr(options, name) is None:
            setattr(options, name, numbers.get(name, default) if isinstance(numbers, dict) else default)
    if bool(getattr(options, "apply", False)) != bool(folder.head.get("apply")):
        raise usage(f"{options.resume} was begun {'with' if folder.head.get('apply') else 'without'} --apply; "
                    "go on in the same way")
    digest = hashlib.sha256(policy).hexdigest() if policy is not None else None
    if digest != folder.head.get("policy_sha256"):
        raise usage(f"{options.resume} was begun with another policy, or with none; give the same one")
    wanted = hosts.from_file(str(folder.file("hosts.txt")))
    folder.note_tried()
    good = {name for name, state in report.states(folder.path).items() if state in ("ok", "duplicate")}
    return folder, [name for name in wanted.names if name not in good]


def fit_limits(options):
    """Three pipes for each host at a time, and some files besides."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_EACH * options.fanout + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            options.fanout = max(1, (soft - FILES_BESIDE) // FILES_EACH)
            say(f"{options.fanout} hosts at a time: more files may not be open here (ulimit -n is {soft})")


def begin(command, options, policy):
    """The folder, the hosts to ask, and how."""
    if options.resume:
        folder, todo = resume(command, options, policy)
    else:
        stamp = folders.now().strftime("%Y%m%dT%H%M%SZ")
        folder = folders.Folder(options.dir or f"hostprep-{command}-{stamp}")
        wanted = hosts.of_options(options)
        todo = wanted.names
        if wanted.repeated:
            say(f"names that stand in the list more than once, and are asked once: {wanted.repeated}")
    fit_limits(options)
    way = transport.of_options(command, options, policy, folder.path.absolute() / "ssh_config")
    tree = options.tree or options.topology
    if tree and way.name != "ssh":
        raise usage("--tree goes with ssh only")
    config = transport.ssh_config(options) if way.name == "ssh" else None
    if not options.resume:
        folder.make(head_of(command, options, way, policy), wanted)
    if config is not None:
        folders.write(folder.file("ssh_config"), config.encode())
    engine = (TreeEngine(options, way, policy or b"") if tree
              else Engine(options.fanout, options.timeout, way, policy or b""))
    return folder, todo, engine


def ask(command, options, folder, todo, engine):
    """An interrupted run is none to fail: what has come is made a document of."""
    progress = Progress(len(todo), options.quiet)
    run = Run(command, options, engine, folder, progress)
    folder.begin_rows()
    try:
        run.all(todo)
        folder.finish()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL) # a second one ends at once; what has come is kept
        progress.end()
        say(f"interrupted; what has come is kept. To go on: hostprep-fleet {command} --resume {folder.path}")
        return
    except OSError as error:
        raise Trouble(f"cannot write {folder.path}: {error.strerror}; what has come is kept. When it can be written: "
                      f"hostprep-fleet {command} --resume {folder.path}") from error
    progress.end()
    if run.stopped:
        say(f"stopped: {len(run.failed)} failed ({', '.join(run.failed[:5])}{', ...' if len(run.failed) > 5 else ''}); "
            "hosts that were not begun have a row that says so")


def run_command(command, options):
    policy = read_policy(options)
    report.check(options)
    folder, todo, engine = begin(command, options, policy)
    if not options.dir and not options.resume and not options.quiet:
        say(f"what each host says is kept in {folder.path}")
    ask(command, options, folder, todo, engine)
    code, path = report.make(folder.path, options.output, options)
    if options.output == "-":
        with open(path, "rb") as document:
            shutil.copyfileobj(document, sys.stdout.buffer)
    else:
        report.summary(path, table.colored(options, sys.stdout))
        if command == "fix" and not options.apply:
            print("This was a dry run: nothing was changed. The same command with --apply does it.")
    return code


def on_signal(_signal, _frame):
    raise KeyboardInterrupt


def main(argv):
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None: # closed by whoever has started this
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN: # as nohup leaves it
            signal.signal(number, on_signal)
    try:
        command, options = table.parse(argv)
        if command is None:
            text = {"--version": f"hostprep-fleet {VERSION}\n", "--man": table.man_page()}.get(options)
            sys.stdout.write(text or table.help_text())
            return 0
        if options.help:
            sys.stdout.write(table.help_text(command))
            return 0
        return run_command(command, options)
    except Trouble as trouble:
        say(trouble)
        if trouble.code != FAILED:
            say("`hostprep-fleet --help` lists commands and options")
        return trouble.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    except OSError as error:
        say(f"{error.filename or 'error'}: {error.strerror}")
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return FAILED
