"""hostprep-report, which makes the document, the page and the summary."""
import json
import os
import shutil
import subprocess
import sys

from .errors import Trouble, usage

CODES = (0, 2, 3, 4)


def program():
    """Beside this program, else on PATH."""
    beside = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "hostprep-report")
    found = beside if os.access(beside, os.X_OK) else shutil.which("hostprep-report")
    if not found:
        raise Trouble("hostprep-report is neither beside hostprep-fleet nor on PATH")
    return found


def run(*words, **more):
    """Its exit code is the fleet's; anything else means that it failed, and has said why."""
    done = subprocess.run([program(), *words], check=False, stdin=subprocess.DEVNULL, **more)
    if done.returncode not in CODES:
        raise Trouble(f"hostprep-report {words[0]} failed (exit code {done.returncode}); what has come is kept")
    return done.returncode


def make(folder, output, options):
    """The document, then what is made of it. Returns the fleet's exit code, and where the document is."""
    path = str(folder / "fleet.json") if output in (None, "-") else output
    words = ["merge", "--quiet", "--output", path]
    if options.baseline:
        words += ["--baseline", options.baseline]
    code = run(*words, str(folder))
    if options.html:
        run("html", "--output", options.html, path)
    return code, path


def states(folder):
    """What the document of what has come so far says of each host."""
    path = folder / "resumed.json"
    try:
        run("merge", "--quiet", "--output", str(path), str(folder), stderr=subprocess.DEVNULL)
        found = {}
        with open(path, "rb") as document: # one host in a line
            for line in document:
                if line.startswith(b'{"name":'):
                    row = json.loads(line.rstrip(b",\n"))
                    found[row["name"]] = row["state"]
        return found
    finally:
        path.unlink(missing_ok=True)


def same(path, other):
    return bool(path and other) and os.path.realpath(path) == os.path.realpath(other)


def check_outputs(options):
    """None of them is written over what was given, or over the other."""
    given = {"hosts": options.hosts, "policy": options.policy, "ssh-config": options.ssh_config, "topology": options.topology}
    for name in ("output", "html"):
        path = getattr(options, name)
        if path in (None, "-"):
            continue
        if os.path.isdir(path):
            raise usage(f"--{name}: {path} is a folder")
        for other, what in given.items():
            if what != "-" and same(path, what):
                raise usage(f"--{name} and --{other} are one file, {path}")
    if options.output != "-" and same(options.output, options.html):
        raise usage(f"--output and --html are one file, {options.output}")


def check(options):
    """What would fail only when all hosts have been asked."""
    if options.baseline:
        try:
            with open(options.baseline, "rb") as file:
                begins = file.read(4096)
            if not begins.startswith(b"\x1f\x8b") and b"hostprep.fleet" not in begins:
                raise usage(f"--baseline: {options.baseline} is no fleet document")
        except OSError as error:
            raise usage(f"--baseline: cannot read {options.baseline}: {error.strerror}") from error
    check_outputs(options)
    for name in ("output", "html"):
        path = getattr(options, name)
        folder = os.path.dirname(path or "") or "."
        if path not in (None, "-") and not same(folder, options.dir) and not os.access(folder, os.W_OK):
            raise usage(f"--{name}: cannot write in the folder {folder}")
    program()


def summary(output, colored):
    sys.stdout.flush()
    run("summary", "--color", "always" if colored else "never", output)
