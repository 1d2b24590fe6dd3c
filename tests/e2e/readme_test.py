#!/usr/bin/env python3
"""readme_test.py HOSTPREP ESXSIM README: the README's first screen shows what scripts/demo prints.

A line that begins with "..." (after blanks) stands for any number of lines.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def shown(readme):
    """Scenario and lines of each block."""
    for block in re.findall(r"```\n(\$ hostprep check .*?)```", readme, re.S):
        command, *lines = block.rstrip("\n").split("\n")
        yield command.rsplit(": ", 1)[1], lines


def printed(hostprep, esxsim, scenario):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run([esxsim, "create", f"{root}/h", "--scenario", scenario], check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([hostprep, "check", "--root", f"{root}/h"], check=False, stdout=subprocess.PIPE)
    return done.stdout.decode() + f"(exit code {done.returncode})"


def main():
    hostprep, esxsim, readme = sys.argv[1:]
    blocks = list(shown(pathlib.Path(readme).read_text(encoding="utf-8")))
    bad = len(blocks) < 2
    for scenario, lines in blocks:
        pattern = "\n".join(r"(?:.*\n)*?.*" if line.strip().startswith("...") else re.escape(line) for line in lines)
        text = printed(hostprep, esxsim, scenario)
        if not re.fullmatch(pattern, text):
            print(f"README.md does not show what `hostprep check` prints on {scenario}:\n{text}")
            bad = True
    print(f"{len(blocks)} blocks compared")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
