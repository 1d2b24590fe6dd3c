#!/usr/bin/env python3
"""Reports of made-up hosts, for tests and benchmarks: what `hostprep check --format json` prints, many times.

  maker.py reports DIR N [--checks K] [--seed S]   a file NAME.json for each host, and hosts.txt
  maker.py fleet FILE N [--checks K] [--seed S]    a fleet document of the same hosts

N hosts in clusters of 25, with names as sites have them (esx-r03-07.dc1-cl004.example.com). With K the checks are
filled up to K: those of the agent are 18. About one finding in eight does not pass. The same S gives the same hosts.
"""
import argparse
import hashlib
import json
import pathlib
import random

HEX = "0123456789abcdef"
KERNEL = (("kernel-acs-check", "disableACSCheck", "FALSE", "TRUE"), ("kernel-acs-dtp2p", "enableACSDTP2P", "TRUE", "FALSE"),
          ("kernel-ats-support", "atsSupport", "TRUE", "FALSE"), ("kernel-iommu", "noIOMMU", "FALSE", "TRUE"))
BIOS = ("bios-above-4g", "bios-acs", "bios-power-profile", "bios-snc", "bios-snoop-holdoff", "bios-sriov",
        "bios-virtualization")
BUSES = ("18", "3a", "4b", "5c", "9a", "ba", "ca", "da")
MODELS = (("Dell Inc.", "PowerEdge XE9680"), ("Supermicro", "AS -8125GS-TNHR"), ("HPE", "ProLiant DL380a Gen12"))
BUILDS = (("8.0.3", "24859861"), ("9.0.0", "24755229"), ("9.0.1", "24957456"))
POLICY = hashlib.sha256(b"policy").hexdigest()
COUNTS = ("pass", "fail", "regressing", "pending-reboot", "unknown", "not-applicable", "skipped", "waived")
ROWS = ("ok", "refused", "unreachable", "auth", "hostkey", "dns", "timeout", "no-agent", "bad-output", "duplicate")


def uuid(rng):
    word = "".join(rng.choice(HEX) for _ in range(32))
    return f"{word[:8]}-{word[8:12]}-4{word[13:16]}-a{word[17:20]}-{word[20:]}"


def finding(check, subject, state, severity, title, values, text, source, excerpt, remedy):
    want, now, after = values
    return {"check": check, "subject": subject, "state": state, "severity": severity, "title": title, "want": want,
            "now": now, "next": after, "text": text,
            "evidence": [] if source is None else [{"source": source, "excerpt": excerpt, "truncated": False}],
            "remedy": remedy or {"text": None, "command": None, "fixable": False, "reboot": "none"}, "waiver": None}


def judged(rng, check, subject, severity, title, setting, good, bad, source, command, reboot):
    state = rng.choices(("pass", "fail", "pending-reboot", "regressing", "unknown"), (88, 7, 3, 1, 1))[0]
    now, after = {"pass": (good, good), "fail": (bad, bad), "pending-reboot": (bad, good), "regressing": (good, bad),
                  "unknown": (None, None)}[state]
    text = {"pass": f"{setting} is {good}.", "fail": f"{setting} is {bad}.",
            "pending-reboot": f"{setting} is set to {good} and in force after a reboot.",
            "regressing": f"{setting} is {good} now, and {bad} after the next boot.",
            "unknown": f"{setting} could not be read: the tool timed out after 60 s."}[state]
    remedy = None
    if state in ("fail", "regressing"):
        remedy = {"text": f"Set {setting}={good}, then reboot.", "command": command, "fixable": True, "reboot": reboot}
    elif state == "pending-reboot":
        remedy = {"text": "Reboot the host.", "command": "esxcli system shutdown reboot -r hostprep", "fixable": False,
                  "reboot": reboot}
    return finding(check, subject, state, severity, title, (good, now, after), text, source,
                   f"{setting:<24} {now or '-'}  {after or '-'}\n", remedy)


def findings_of(rng, extra):
    yield from (finding(i, "host", "skipped", "info" if i == "bios-snc" else "minor", f"BIOS: {i[5:]}", (None,) * 3,
                        "The policy gives no access to the BMC (redfish).", None, None, None) for i in BIOS)
    yield finding("esx-release", "host", "pass", "major", "ESX release", ("8.0.3 24280767", "9.0.0 24755229", None),
                  "ESX 9.0.0 build 24755229.", "/bin/esxcli system version get", "   Version: 9.0.0\n", None)
    yield finding("gpu-inventory", "host", "pass", "blocker", "GPUs of this host", (None, "8", None),
                  "8 GPUs and 4 NVSwitches.", "/bin/esxcli hardware pci list", "0000:18:00.0\n", None)
    for bus in BUSES:
        yield judged(rng, "gpu-reset", f"0000:{bus}:00.0", "blocker", "GPU reset method", "Reset Method", "flr", "bridge",
                     "/bin/esxcli hardware pci list", "vi /etc/vmware/passthru.map", "any")
    for i, bus in enumerate(BUSES):
        yield judged(rng, "hca-ats", f"0000:{bus[0]}c:00.{i % 8}", "blocker", "ATS_ENABLED of every HCA", "ATS_ENABLED",
                     "1", "0", f"/opt/mellanox/bin/mlxconfig -d mt4129_pciconf{i} -e query",
                     f"/opt/mellanox/bin/mlxconfig -d mt4129_pciconf{i} -y set ATS_ENABLED=1", "full")
    yield finding("hca-inventory", "host", "pass", "blocker", "HCAs of this host", (None, "8", None), "8 HCAs, seen by MFT.",
                  "/opt/mellanox/bin/mst status -vv", "/dev/mst/mt4129_pciconf0\n", None)
    for check, setting, good, bad in KERNEL:
        yield judged(rng, check, "host", "blocker", f"Kernel setting {setting}", setting, good, bad,
                     f"/bin/esxcli system settings kernel list -o {setting}",
                     f"esxcli system settings kernel set -s {setting} -v {good}", "any")
    yield finding("kernel-ats-denylist", "host", "not-applicable", "blocker", "ATS deny list", (None,) * 3,
                  "This ESX has no such setting.", None, None, None)
    yield judged(rng, "psb-firmware", "0000:15:00.0", "major", "PCIe switch board firmware", "Firmware", "4.160.3.0",
                 "4.120.1.0", "/bin/lspci -p", "racadm update", "cold")
    for i in range(extra):
        yield judged(rng, f"site-{i:02}", "host", rng.choice(("major", "minor")), f"A check of the site, number {i}",
                     f"siteSetting{i}", "on", "off", f"/bin/esxcli system settings kernel list -o siteSetting{i}",
                     f"esxcli system settings kernel set -s siteSetting{i} -v on", "any")


def host_name(index):
    return f"esx-r{index // 40 % 50:02}-{index % 40:02}.dc{index // 2000 + 1}-cl{index // 25:03}.example.com"


def report(rng, name, checks):
    found = sorted(findings_of(rng, max(0, checks - 18)), key=lambda f: (f["check"], f["subject"]))
    summary = {word: 0 for word in COUNTS}
    for each in found:
        summary[each["state"]] += 1
    counting = {f["state"] for f in found if f["severity"] != "info"}
    verdict, code = "compliant", 0
    for states, word, number in (({"pending-reboot"}, "reboot-pending", 4), ({"unknown"}, "unknown", 3),
                                 ({"fail", "regressing"}, "non-compliant", 2)):
        if counting & states:
            verdict, code = word, number
    pending = [f for f in found if f["state"] == "pending-reboot"]
    kinds = ("none", "any", "full", "cold")
    kind = max((f["remedy"]["reboot"] for f in pending), key=kinds.index, default="none")
    vendor, model = rng.choice(MODELS)
    version, build = rng.choices(BUILDS, (1, 8, 1))[0]
    second = rng.randrange(86400)
    at = f"2026-11-25T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {
        "schema": "hostprep.host", "schema_version": "1.0.0", "scan_id": uuid(rng), "command": "check",
        "tool": {"name": "hostprep", "version": "0.1.0", "commit": "0123456789ab"},
        "policy": {"name": "built-in", "source": "built-in", "sha256": POLICY},
        "host": {"name": name, "uuid": uuid(rng), "vendor": vendor, "model": model,
                 "serial": "".join(rng.choice("ABCDEFGH0123456789") for _ in range(7)),
                 "esx": {"product": "VMware ESXi", "version": version, "build": build},
                 "boot": {"id": uuid(rng), "uptime_s": rng.randrange(10**7), "quick_boot": False}},
        "started": at, "finished": at, "duration_ms": rng.randrange(5000, 9000), "complete": True,
        "selection": {"only": None, "skip": None, "tag": None, "fail_on": "minor"},
        "verdict": verdict, "exit_code": code,
        "reboot": {"required": bool(pending), "kind": kind,
                   "reasons": [{"check": f["check"], "subject": f["subject"], "text": f["text"]} for f in pending]},
        "summary": summary, "findings": found, "changes": [], "plan": None, "reboot_since": None, "run": None, "errors": [],
    }


def hosts(count, checks, seed):
    """(name, cluster, report) of each; every number has hosts of its own, whatever N is."""
    for index in range(count):
        name = host_name(index)
        yield name, f"cl{index // 25:03}", report(random.Random(f"{seed}/{index}"), name, checks)


def write_reports(folder, count, checks, seed):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, cluster, document in hosts(count, checks, seed):
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
        if f"[{cluster}]" not in lines:
            lines.append(f"[{cluster}]")
        lines.append(name)
    (folder / "hosts.txt").write_text("\n".join(lines) + "\n")


def row(name, cluster, document):
    text = json.dumps(document, separators=(",", ":"))
    return {"name": name, "state": "ok", "reason": None, "rc": document["exit_code"], "stderr": "", "duration_ms": 1500,
            "attempts": 1, "groups": [cluster], "expected": True, "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "report": document}


def no_row(name, cluster, state, rng):
    said = {"refused": f"ssh: connect to host {name} port 22: Connection refused", "auth": f"root@{name}: Permission denied",
            "timeout": "", "unreachable": f"ssh: connect to host {name} port 22: No route to host",
            "hostkey": "Host key verification failed.", "dns": f"ssh: Could not resolve hostname {name}",
            "no-agent": "/opt/hostprep/bin/hostprep: not found", "bad-output": ""}[state]
    rc = {"timeout": None, "no-agent": 127, "bad-output": 0}.get(state, 255)
    return {"name": name, "state": state, "reason": f"{state}: made up", "rc": rc, "stderr": said,
            "duration_ms": rng.randrange(20, 9000), "attempts": 1, "groups": [cluster], "expected": True, "sha256": None,
            "report": None}


def fleet(count, checks, seed, lost=0.02):
    """The fleet document of these hosts, a few of which (lost) could not be scanned."""
    rng = random.Random(f"{seed}/lost")
    rows = []
    for name, cluster, document in hosts(count, checks, seed):
        state = rng.choice(ROWS[1:9])
        rows.append(no_row(name, cluster, state, rng) if rng.random() < lost else row(name, cluster, document))
    rows.sort(key=lambda r: r["name"])
    codes = {3 if r["report"] is None else r["report"]["exit_code"] for r in rows}
    code = next((c for c in (2, 3, 4) if c in codes), 0)
    verdict = {0: "compliant", 2: "non-compliant", 3: "unknown", 4: "reboot-pending"}[code]
    return {"schema": "hostprep.fleet", "schema_version": "1.0.0", "scan_id": uuid(rng), "command": "check",
            "started": "2026-11-25T00:00:00Z", "finished": "2026-11-25T23:59:59Z",
            "engine": {"name": "hostprep-fleet", "version": "0.1.0", "transport": "ssh", "fanout": 64, "timeout_s": 300},
            "expected": len(rows), "counts": {s: sum(r["state"] == s for r in rows) for s in ROWS}, "verdict": verdict,
            "exit_code": code, "hosts": rows, "drift": None, "odd": [], "errors": []}


def write_fleet(path, count, checks, seed):
    """One row in a line, as hostprep-report writes it."""
    document = fleet(count, checks, seed)
    rows = document.pop("hosts")
    tail = {key: document.pop(key) for key in ("drift", "odd", "errors")}
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(document, separators=(",", ":"))[:-1] + ',"hosts":[\n')
        for i, each in enumerate(rows):
            out.write(json.dumps(each, separators=(",", ":")) + (",\n" if i + 1 < len(rows) else "\n"))
        out.write("]," + json.dumps(tail, separators=(",", ":"))[1:] + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("reports", "fleet"))
    parser.add_argument("where")
    parser.add_argument("count", type=int)
    parser.add_argument("--checks", type=int, default=0)
    parser.add_argument("--seed", default="1")
    o = parser.parse_args()
    (write_reports if o.what == "reports" else write_fleet)(o.where, o.count, o.checks, o.seed)


if __name__ == "__main__":
    main()
