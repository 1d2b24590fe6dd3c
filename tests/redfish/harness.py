"""A mock BMC for a test in Python: starts bmc.py, and ends it with the test."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import bmc as program


class Running:
    """A running service; `with Running("dell-xe9680", "lockdown=on") as bmc:`"""

    def __init__(self, tree, *settings, ipv6=False):
        self.home = tempfile.TemporaryDirectory(prefix="bmc-")  # pylint: disable=consider-using-with
        self.folder = pathlib.Path(self.home.name) / "bmc"
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [sys.executable, program.__file__, str(self.folder), "--tree", tree, *(["--ipv6"] if ipv6 else []),
             *settings],
            stdin=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while not (self.folder / "ready").exists():
            if self.process.poll() is not None or time.monotonic() > until:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("the mock BMC did not start")
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End it; a mistake of the mock's own is an error of the test."""
        self.process.terminate()
        self.process.wait(10)
        mistakes = [one["trace"] for one in self.log("mock-error")]
        self.home.cleanup()
        if mistakes:
            raise RuntimeError(mistakes[0])

    @property
    def ready(self):
        return program.ready(self.folder)

    def control(self, *words):
        return program.ask(self.folder, list(words))

    def set(self, *settings):
        self.control("set", *settings)

    def log(self, event=None):
        """Lines of the log, of one kind if wanted."""
        lines = [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]
        return [line for line in lines if event in (None, line["event"])]

    def requests(self):
        return self.log("request")
