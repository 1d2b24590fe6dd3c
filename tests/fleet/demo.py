#!/usr/bin/env python3
"""Simulated hosts behind a real sshd, scanned: demo.py COUNT FOLDER. `scripts/demo --fleet N` runs it."""
import pathlib
import shutil
import subprocess
import sys

import farm

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SCENARIOS = ("ready-9.0",) * 5 + ("stock-9.0", "one-hca-off", "set-not-rebooted", "regressing", "ready-9.0")
FAILING = {"refused": 7, "unknown-key": 31, "auth": 43, "missing": 59} # every so many hosts


def build(count, place):
    """Hosts in clusters of eight; here and there one that cannot be scanned."""
    lines, by_fault = [], {every: kind for kind, every in FAILING.items()}
    for i in range(count):
        if i % 8 == 0:
            lines.append(f"[cl{i // 8 + 1:02}]")
        kind = next((by_fault[every] for every in sorted(by_fault) if i % every == every - 1), "answers")
        lines.append(place.host(f"esx{i + 1:03}.cl{i // 8 + 1:02}.lab.example", kind, SCENARIOS[i % len(SCENARIOS)]))
    return "".join(f"{line}\n" for line in lines)


def main():
    count, out = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    farm.enter()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with farm.Farm(out / "farm", TOP / "out/bin/hostprep", TOP / "out/bin/esxsim") as place:
        (out / "hosts.txt").write_text(build(count, place))
        place.start()
        words = ["hostprep-fleet", "scan", "--hosts", "hosts.txt", "--ssh-config", "farm/ssh_config", "--connect-timeout", "5",
                 "--fanout", "8", "--dir", "scan", "-o", "fleet.json", "--html", "fleet.html"]
        print(f"\n# {count} simulated hosts behind a real sshd, in a network of their own.\n\n$ {' '.join(words)}", flush=True)
        done = subprocess.run([TOP / "out/bin" / words[0], *words[1:]], cwd=out, check=False)
    print(f"(exit code {done.returncode})\n\nThe page: {out}/fleet.html\nThe report: {out}/fleet.json")
    shutil.rmtree(out / "farm")
    if done.returncode not in (0, 2, 3, 4):
        sys.exit(f"demo: exit code {done.returncode} is none of a fleet's")


if __name__ == "__main__":
    main()
