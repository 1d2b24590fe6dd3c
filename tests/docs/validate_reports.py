#!/usr/bin/env python3
"""Hold what the program prints as JSON against its schema, and against itself: validate_reports.py HOSTPREP ESXSIM SCHEMA

Runs check and reboot-status on every scenario of the simulated host, on hosts with faulty tools, and in every way to fail
that leaves a document; then looks at each document:

  stdout holds exactly one document, valid by the schema; exit_code is the process's exit
  findings are ordered; summary, verdict, reboot and exit_code follow from them; no evidence, no pass
  excerpts are at most 512 bytes; nothing of what is secret on the host or in the environment is in a document or a capture
  a run, its capture and its gzip capture give equal findings
"""
import gzip
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

try:
    import jsonschema
except ImportError:
    sys.exit("validate_reports: python3-jsonschema is missing; scripts/setup test installs it")

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
STATES = ["pass", "fail", "regressing", "pending-reboot", "unknown", "not-applicable", "skipped"]
SEVERITIES = ["blocker", "major", "minor", "info"]
PAIRS = {"hca-ats", "gpu-reset", "kernel-acs-check", "kernel-acs-dtp2p", "kernel-ats-support", "kernel-iommu"}
SECRET = "kestrel-41-secret"
FAULTS = ["garbage", "empty", "exit:1", "exit-after:1", "cut:100", "cut:3000", "signal:9", "not-found", "stderr-noise",
          "big:300000", "text:0:No devices found.\\n"]


class Suite:
    def __init__(self, hostprep, esxsim, schema, directory):
        self.hostprep, self.esxsim = str(pathlib.Path(hostprep).resolve()), str(pathlib.Path(esxsim).resolve())
        self.validator = jsonschema.Draft202012Validator(json.loads(pathlib.Path(schema).read_text(encoding="utf-8")))
        self.directory = pathlib.Path(directory)
        self.environment = dict(os.environ, HOSTPREP_PASSWORD=SECRET, BMC_PASSWORD=SECRET, LC_ALL="C.UTF-8")
        self.problems = []
        self.documents = self.hosts = 0
        listed = json.loads(self.run("list", "--format", "json").stdout)["checks"]
        self.checks = {check["id"]: check for check in listed}

    def say(self, where, text):
        self.problems.append(f"{where}: {text}")

    def run(self, *argv, text=b"", **more):
        return subprocess.run([self.hostprep, *argv], cwd=self.directory, env=self.environment, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120, **more)

    def host(self, scenario, *settings):
        """A simulated host with secrets in files that nobody may read."""
        self.hosts += 1
        host = self.directory / f"host{self.hosts}"
        subprocess.run([self.esxsim, "create", host, "--scenario", scenario, *settings], check=True)
        for name in ("etc/shadow", "etc/vmware/secret.conf", "scratch/hostprep/bmc.password", "tmp/id_rsa"):
            path = host / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"root:{SECRET}\n", encoding="utf-8")
        return str(host)

    # ---- one document ----

    def look(self, where, done, code=None):
        """Validates what a run printed; returns the document or None."""
        if code is not None and done.returncode != code:
            self.say(where, f"exit {done.returncode}, not {code}; {done.stderr.decode(errors='replace').strip()}")
        try:
            text = done.stdout.decode("utf-8")
            document = json.loads(text)
        except ValueError as error:
            self.say(where, f"stdout is no JSON document: {error}; {done.stdout[:200]!r}")
            return None
        self.documents += 1
        if not text.endswith("}\n"):
            self.say(where, "the document does not end with a newline")
        for error in self.validator.iter_errors(document):
            self.say(where, f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
        if document.get("exit_code") != done.returncode:
            self.say(where, f"exit_code is {document.get('exit_code')}, the process's exit {done.returncode}")
        for stream in (done.stdout, done.stderr):
            if SECRET.encode() in stream or b"PRIVATE KEY" in stream:
                self.say(where, "a secret was printed")
        self.look_inside(where, document)
        return document

    def look_inside(self, where, d):
        findings = d["findings"]
        order = [(f["check"], f["subject"]) for f in findings]
        if order != sorted(order):
            self.say(where, "findings are not ordered by check and subject")
        if findings and {f["check"] for f in findings} != set(self.checks):
            self.say(where, "there is not a finding of every check")
        counted = {state: sum(f["state"] == state for f in findings) for state in STATES}
        if d["summary"] != {**counted, "waived": 0}:
            self.say(where, f"summary is {d['summary']}, the findings give {counted}")
        for f in findings:
            self.look_at(f"{where}: {f['check']} {f['subject']}", f)
        least = SEVERITIES.index(d["selection"]["fail_on"])
        count = [f for f in findings if f["severity"] != "info" and SEVERITIES.index(f["severity"]) <= least]
        states = {f["state"] for f in count}
        verdict = ("error" if d["errors"] else "non-compliant" if states & {"fail", "regressing"}
                   else "unknown" if "unknown" in states else "reboot-pending" if "pending-reboot" in states
                   else "compliant")
        if d["verdict"] != verdict:
            self.say(where, f"verdict is {d['verdict']}, the findings give {verdict}")
        pending = [f for f in count if f["state"] == "pending-reboot"]
        # Only what a reboot can change tells about reboots.
        unasked = [f for f in findings if f["state"] == "skipped" and "(redfish)" in f["text"]]  # by the policy: nothing is open
        blind = [f for f in count if f["state"] in ("unknown", "skipped") and f not in unasked
                 and self.checks[f["check"]]["reboot"] != "none"]
        required = True if pending else None if blind or not findings else False
        kinds = ["none", "any", "full", "cold"]
        kind = max((f["remedy"]["reboot"] for f in pending), key=kinds.index, default="none")
        reasons = [{key: f[key] for key in ("check", "subject", "text")} for f in pending]
        if d["reboot"] != {"required": required, "kind": kind, "reasons": reasons}:
            self.say(where, f"reboot is {d['reboot']['required']} {d['reboot']['kind']}, not {required} {kind}")
        if d["command"] == "reboot-status" and not d["errors"]:
            if d["exit_code"] != {True: 4, False: 0, None: 3}[required]:
                self.say(where, f"reboot-status exits with {d['exit_code']}, required is {required}")
        if d["complete"] and (counted["skipped"] > len(unasked) or any(e["where"] not in ("--output", "--record") for e in d["errors"])):
            self.say(where, "is called complete and is not")

    def look_at(self, where, f):
        for evidence in f["evidence"]:
            if len(evidence["excerpt"].encode("utf-8")) > 512:
                self.say(where, "an excerpt of more than 512 bytes")
        if f["check"] in PAIRS and f["state"] in ("pass", "regressing", "pending-reboot", "fail"):
            now, following = f["now"] == f["want"], f["next"] == f["want"]
            by_default = f["check"] == "gpu-reset" and f["next"] == "default" and f["want"] == "flr" and now
            should = {(True, True): "pass", (False, True): "pending-reboot", (True, False): "regressing",
                      (False, False): "fail"}[now, following]
            mixed = f["check"] == "kernel-iommu" and (f["now"], f["next"]) != (f["want"], f["want"])
            if f["state"] != should and not mixed and not (by_default and f["state"] == "pass"):
                self.say(where, f"is {f['state']}, and now {f['now']}, next {f['next']}, want {f['want']}")

    # ---- situations ----

    def json(self, where, *argv, code=None, **more):
        return self.look(where, self.run(*argv, "--format", "json", **more), code)

    def scenarios(self):
        listed = subprocess.run([self.esxsim, "list"], stdout=subprocess.PIPE, check=True, text=True).stdout
        for scenario in [line.split()[0] for line in listed.splitlines()]:
            host = self.host(scenario)
            live = self.json(scenario, "check", "--root", host)
            again = self.json(f"{scenario} again", "check", "--root", host)
            self.json(f"{scenario} reboot-status", "reboot-status", "--root", host)
            last = self.json(f"{scenario} report", "report", "--root", host)
            if not (live and again and last):
                continue
            if again["findings"] != live["findings"]:
                self.say(scenario, "two runs give different findings")
            if "age_s" in live or last.pop("age_s", None) is None or last != again:
                self.say(scenario, "report is not the last check and its age")
            self.replay(scenario, host, live)

    def replay(self, scenario, host, live):
        plain, packed = str(self.directory / "a.cap"), str(self.directory / "a.cap.gz")
        recorded = self.json(f"{scenario} --record", "check", "--root", host, "--record", plain)
        self.run("capture", "--root", host, "--record", packed)
        for path in (plain, packed):
            replayed = self.json(f"{scenario} --replay {path[-6:]}", "check", "--replay", path)
            if replayed and recorded and not replayed["findings"] == recorded["findings"] == live["findings"]:
                self.say(scenario, f"the replay of {path[-6:]} gives other findings")
            if replayed and replayed["verdict"] != live["verdict"]:
                self.say(scenario, "the replay gives another verdict")
        for text in (pathlib.Path(plain).read_bytes(), gzip.decompress(pathlib.Path(packed).read_bytes())):
            if SECRET.encode() in text:
                self.say(scenario, "the capture holds a secret")

    def faults(self):
        for tool in ("esxcli", "localcli", "mst", "mlxconfig", "vsish"):
            for fault in FAULTS:
                host = self.host("ready-9.0", f"fault.{tool}={fault}")
                d = self.json(f"{tool} {fault}", "check", "--root", host, "--timeout", "20")
                if d and d["summary"]["fail"] and not fault.startswith("text:"):
                    self.say(f"{tool} {fault}", "a tool that does not answer must not make anything fail")
        for fault in FAULTS:
            host = self.host("ready-9.0", f"fault.esxcli={fault}", f"fault.localcli={fault}")
            d = self.json(f"esxcli and localcli {fault}", "check", "--root", host, "--timeout", "20")
            if d and fault != "stderr-noise" and d["summary"]["unknown"] == 0:
                self.say(f"esxcli and localcli {fault}", "nothing is unknown")
        for reason in ("open", "identify", "livefish", "nvaccess", "nvdisabled", "nvqc", "unknown", "unsupported",
                       "probe-busy", "get-semaphore", "get-internal"):
            host = self.host("ready-9.0", f"hca.2.error={reason}")
            d = self.json(f"mlxconfig {reason}", "check", "--root", host, code=3)
            if d and d["summary"]["unknown"] != 1:
                self.say(f"mlxconfig {reason}", f"{d['summary']['unknown']} are unknown, not 1")

    def settings(self):
        for settings in (["kernel.noIOMMU.runtime=TRUE", "kernel.iovDisableIR.configured=TRUE"],
                         ["kernel.atsDisallowPCIeVidDid.configured=10de:ffff"], ["hca.3.columns=n"], ["hca.3.columns=cn"],
                         ["hca.1.ro=1", "hca.1.current=0", "hca.1.next=0"], ["map=none"], ["gpu.count=0"],
                         ["hca.3.absent=1"], ["hca.3.listed=0"], ["esx.version=10.0.0"], ["quickboot=1"],
                         ["host.name=h\u00f6st", "host.serial="], ["pci.0000:1a:00.0.VMkernelName=vmnic9"]):
            self.json(" ".join(settings), "check", "--root", self.host("ready-9.0", *settings))
        host = self.host("stock-9.0")
        policy = b"name: p\nchecks:\n  hca-ats: {severity: info}\n  gpu-reset: {severity: minor, want: bridge}\n"
        self.json("policy on stdin", "check", "--root", host, "--policy", "-", text=policy, code=0)
        self.json("--fail-on", "check", "--root", host, "--fail-on", "blocker", code=2)
        for selection in (["--only", "kernel-*"], ["--skip", "hca-*,gpu-*"], ["--tag", "ats"]):
            d = self.json(" ".join(selection), "check", "--root", host, *selection)
            if d and d["complete"]:
                self.say(" ".join(selection), "is called complete")
        empty = self.directory / "empty"
        empty.mkdir()
        self.json("an empty root", "check", "--root", str(empty), code=3)

    def errors(self):
        host = self.host("ready-9.0")
        bad = self.directory / "bad.yaml"
        bad.write_text("name: a\nnme: b\n", encoding="utf-8")
        capture = self.directory / "good.cap"
        self.run("capture", "--root", host, "--record", str(capture))
        text = capture.read_bytes()
        (self.directory / "cut.cap").write_bytes(text[:2000])
        (self.directory / "none.cap").write_bytes(b"\x00\xff no capture")
        (self.directory / "cut.cap.gz").write_bytes(gzip.compress(text)[:-20])
        (self.directory / "name.cap").write_bytes(
            b"hostprep-capture 1\nrun bin/esxcli --formatter=keyvalue system hostname get\nout\n"
            b"|H.HostName.string=\\xff\\xc3\\x28\\x01\\x1b\n")
        missing = str(self.directory / "no/such/file")
        for command in ("check", "reboot-status"):
            for policy in (str(bad), missing, str(self.directory)):
                self.json(f"{command} --policy", command, "--root", host, "--policy", policy, code=78)
            for path in ("cut.cap", "none.cap", "cut.cap.gz", missing):
                self.json(f"{command} --replay {path}", command, "--replay", path, code=1)
            self.json(f"{command} --output", command, "--root", host, "--output", f"json:{missing}", code=1)
            self.json(f"{command} --record", command, "--root", host, "--record", missing, code=1)
            self.json(f"{command} of other bytes", command, "--replay", "name.cap", code=3)
            if os.uname().sysname != "VMkernel":
                self.json(f"{command} here", command, code=1)
            for argv in (["--root", missing], ["--only", "nothing"], ["--timeout", "0"], ["--nothing"], ["stray"]):
                done = self.run(command, *argv, "--format", "json")
                if done.returncode != 64 or done.stdout:
                    self.say(f"{command} {argv}", f"exit {done.returncode}, stdout {done.stdout[:80]!r}")
        copy = self.directory / "copy.json"
        done = self.run("check", "--root", host, "--format", "json", "--output", f"json:{copy}")
        if copy.read_bytes() != done.stdout:
            self.say("--output", "the file differs from standard output")

    def ended_early(self):
        host = self.host("ready-9.0", "fault.mlxconfig=hang")
        d = self.json("--deadline", "check", "--root", host, "--deadline", "3", code=3)
        if d and d["complete"]:
            self.say("--deadline", "is called complete")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child = subprocess.Popen([self.hostprep, "check", "--root", host, "--format", "json"], env=self.environment,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(3)
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
            d = self.look(f"signal {number}", subprocess.CompletedProcess([], child.returncode, out, err), 1)
            if d and (d["complete"] or d["errors"][0]["where"] != "run"):
                self.say(f"signal {number}", "does not say that it was interrupted")

    def out_of_memory(self):
        """The document of agent/cli/document.c as it is written there, and, where it can be brought about, as it is printed."""
        source = (TOP / "agent/cli/document.c").read_text(encoding="utf-8")
        version = re.search(r'HP_SCHEMA_VERSION "(.*)"', (TOP / "agent/report/report.h").read_text(encoding="utf-8"))
        text = re.search(r"#define NO_MEMORY_JSON(.*?)\n\n", source, re.S)[1].replace("HP_SCHEMA_VERSION", f'"{version[1]}"')
        printed = "".join(json.loads(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', text))
        self.look("out of memory, in document.c", subprocess.CompletedProcess([], 1, printed.encode() + b"\n", b""), 1)
        limit = 64 << 20
        done = self.run("check", "--root", self.host("ready-9.0", "fault.esxcli=big:5000000", "fault.localcli=big:5000000"),
                        "--format", "json", "--jobs", "1",
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        if b"Sanitizer" not in done.stderr:
            self.look("out of memory", done)

    def all(self):
        for part in (self.scenarios, self.settings, self.errors, self.ended_early, self.faults, self.out_of_memory):
            part()


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: validate_reports.py HOSTPREP ESXSIM SCHEMA")
    with tempfile.TemporaryDirectory() as directory:
        suite = Suite(*sys.argv[1:], directory)
        jsonschema.Draft202012Validator.check_schema(suite.validator.schema)
        suite.all()
    for problem in suite.problems:
        print(problem)
    print(f"validate_reports: {suite.documents} documents, {len(suite.problems)} problems")
    sys.exit(1 if suite.problems else 0)


if __name__ == "__main__":
    main()
