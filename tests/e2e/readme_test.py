#!/usr/bin/env python3
"""readme_test.py HOSTPREP ESXSIM README DEMO: the README's first screen shows what scripts/demo prints.

The steps are read from scripts/demo (`show EXIT_CODE COMMAND...` and the reboot), and made here on a host of the test's own.
Each block of the README that begins with "$ hostprep" must be what a step prints, in the order of the steps. A line that
begins with "..." (after blanks) stands for any number of lines; a run's id differs each time.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


def made(hostprep, esxsim, demo):
    """Command and output of each step."""
    create = re.search(r'"\$esxsim" create "\$host" (.*) >/dev/null', demo).group(1).split()
    with tempfile.TemporaryDirectory() as folder:
        root = f"{folder}/h"
        subprocess.run([esxsim, "create", root, *create], check=True, stdout=subprocess.DEVNULL)
        for code, command, reboot in re.findall(r'^(?:show (\d+) (.*)|"\$esxsim" (reboot) "\$host")$', demo, re.M):
            if reboot:
                subprocess.run([esxsim, "reboot", root], check=True)
                continue
            done = subprocess.run([hostprep, *command.split(), "--root", root], check=False, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            if done.returncode != int(code):
                sys.exit(f"scripts/demo expects {code} of `hostprep {command}`, got {done.returncode}")
            yield command, RUN.sub("RUN", done.stdout.decode()) + f"(exit code {done.returncode})"


def main():
    hostprep, esxsim, readme, demo = sys.argv[1:]
    blocks = re.findall(r"```\n\$ hostprep (.*)\n((?:.*\n)*?)```", pathlib.Path(readme).read_text(encoding="utf-8"))
    steps = list(made(hostprep, esxsim, pathlib.Path(demo).read_text(encoding="utf-8")))
    if len(blocks) < 2 or len(steps) < 4:
        sys.exit(f"{len(blocks)} blocks in the README, {len(steps)} steps in the demo: that cannot be all")
    for command, lines in blocks:
        text = None
        while steps and text is None:
            step, output = steps.pop(0)
            text = output if step == command else None
        pattern = "\n".join(r"(?:.*\n)*?.*" if line.strip().startswith("...") else re.escape(RUN.sub("RUN", line))
                            for line in lines.rstrip("\n").split("\n"))
        if text is None or not re.fullmatch(pattern, text):
            sys.exit(f"README.md does not show what `hostprep {command}` prints:\n{text}")
    print(f"{len(blocks)} blocks compared")


if __name__ == "__main__":
    main()
