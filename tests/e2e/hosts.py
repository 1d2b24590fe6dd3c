"""Simulated hosts for the end-to-end tests, and the program that is tried on them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HOSTPREP, ESXSIM = "", ""


class Host:
    """A simulated host in a folder of its own."""

    def __init__(self, folder, scenario, *settings):
        self.root = folder
        subprocess.run([ESXSIM, "create", folder, "--scenario", scenario, *settings], check=True,
                       stdout=subprocess.DEVNULL)

    def set(self, *settings):
        subprocess.run([ESXSIM, "set", self.root, *settings], check=True)

    def get(self, key):
        return subprocess.run([ESXSIM, "get", self.root, key], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def reboot(self, *how):
        subprocess.run([ESXSIM, "reboot", self.root, *how], check=True, stdout=subprocess.DEVNULL)

    def run(self, *arguments, **options):
        return run(*arguments, "--root", self.root, **options)

    def report(self, *arguments, command="check"):
        """Exit code and JSON document; they must agree."""
        done = self.run(command, "--format", "json", *arguments)
        document = json.loads(done.stdout)
        assert document["exit_code"] == done.returncode, (document["exit_code"], done.returncode)
        return document

    def fix(self, *arguments):
        return self.report(*arguments, command="fix")

    def undo(self, *arguments):
        return self.report(*arguments, command="undo")

    def path(self, name):
        return pathlib.Path(self.root) / name

    def calls(self):
        calls = self.path(".esxsim/calls")
        return calls.read_text() if calls.exists() else ""


def run(*arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "timeout": 120, **options}
    return subprocess.run([HOSTPREP, *arguments], check=False, **options)


def states(document, check):
    return {f["subject"]: f["state"] for f in document["findings"] if f["check"] == check}


def finding(document, check, subject):
    found = [f for f in document["findings"] if f["check"] == check and f["subject"] == subject]
    assert len(found) == 1, (check, subject, len(found))
    return found[0]


class TestCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def host(self, scenario, *settings, name=None):
        return Host(f"{self.folder}/{name or scenario}", scenario, *settings)


def main(doc):
    """hostprep and esxsim are the first two arguments; the rest is unittest's."""
    global HOSTPREP, ESXSIM
    if len(sys.argv) < 3:
        sys.exit(doc)
    HOSTPREP, ESXSIM = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[3:])
