#!/usr/bin/env python3
"""hostprep-fleet against a hundred hosts behind a real sshd: sshd_test.py HOSTPREP ESXSIM HOSTPREP_REPORT"""
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import farm

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
if __name__ == "__main__":
    farm.enter()
HOSTPREP, ESXSIM, REPORT = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
del sys.argv[1:4]

import schemas # pylint: disable=wrong-import-position

# What each kind of host leads to: state, exit code, how often it is asked.
WANT = {"answers": ("ok", None, 1), "noise": ("ok", None, 1), "flaky": ("ok", None, 2), "refused": ("refused", 255, 1),
        "silent": ("timeout", 255, 2), "closed": ("unreachable", 255, 2), "dropped": ("unreachable", 255, 2),
        "no-route": ("unreachable", 255, 2), "changed-key": ("hostkey", 255, 1), "unknown-key": ("hostkey", 255, 1),
        "auth": ("auth", 255, 1), "dns": ("dns", 255, 1), "hang": ("timeout", None, 2), "missing": ("no-agent", 127, 1),
        "not-permitted": ("no-agent", 126, 1), "garbage": ("bad-output", 0, 1), "cut": ("bad-output", 0, 1),
        "flood": ("bad-output", None, 1), "wrong": ("bad-output", 0, 1), "empty": ("bad-output", 0, 1),
        "signal": ("bad-output", 255, 1)}
STATES = {"ready-9.0": 0, "stock-9.0": 2, "set-not-rebooted": 4, "regressing": 2, "one-hca-off": 2}


class Fleet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.place.name)
        cls.farm = farm.Farm(cls.folder / "farm", HOSTPREP, ESXSIM)
        cls.scenario = {}
        for i in range(76):
            scenario = list(STATES)[i % len(STATES)]
            cls.scenario[cls.farm.host(f"esx{i:02}.cl{i // 25}.lab.example", scenario=scenario)] = scenario
        cls.twin = cls.farm.host("alias.lab.example", uuid=1)
        for kind in farm.KINDS:
            name = f"{kind}.lab.example"
            cls.farm.host(name, kind, tree="esx05.cl0.lab.example" if kind == "wrong" else None)
        for kind in ("refused", "hang", "auth"):
            cls.farm.host(f"{kind}2.lab.example", kind)
        cls.farm.start()
        cls.known = cls.farm.known.read_bytes()
        bin_folder = cls.folder / "bin" # hostprep-report is looked for on PATH
        bin_folder.mkdir()
        os.symlink(REPORT, bin_folder / "hostprep-report")
        cls.environment = {**os.environ, "PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(cls.folder)}

    @classmethod
    def tearDownClass(cls):
        cls.farm.__exit__()
        assert cls.farm.known.read_bytes() == cls.known, "known_hosts was changed"
        cls.place.cleanup()

    def fleet(self, *words, text=b"", **more):
        return subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", *map(str, words)], cwd=self.folder,
                              env=self.environment, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=300, **more)

    def hosts_file(self, names, name="hosts"):
        path = self.folder / name
        path.write_text("".join(f"{n}\n" for n in names))
        return path

    def document(self, path):
        document = json.loads((self.folder / path).read_text())
        self.assertEqual(len({row["name"] for row in document["hosts"]}), len(document["hosts"]))
        return document, {row["name"]: row for row in document["hosts"]}

    def check_row(self, name, row, rc=True):
        kind = self.farm.kinds[name]
        state, code, attempts = WANT[kind]
        self.assertEqual(row["state"], state, (name, row["reason"], row["stderr"]))
        self.assertIn(row["attempts"], (attempts, 2), name) # a busy machine may take two
        if state != "ok":
            self.assertIsNone(row["report"])
            self.assertTrue(row["reason"])
        if rc and code is not None:
            self.assertEqual(row["rc"], code, name)
        if kind == "answers" and name in self.scenario:
            self.assertEqual(row["report"]["host"]["name"], name)
            self.assertEqual((row["rc"], row["report"]["exit_code"]), (STATES[self.scenario[name]],) * 2)

    def test_a_hundred_hosts_by_ssh(self):
        names = self.farm.names()
        self.assertEqual(len(names), 100)
        done = self.fleet("scan", "--hosts", self.hosts_file(names), "--ssh-config", self.farm.config, "--timeout", 20,
                          "--connect-timeout", 4, "--fanout", 24, "--dir", "all", "-o", "all.json", "--agent",
                          "/opt/hostprep/bin/hostprep")
        self.assertEqual(done.returncode, 2, done.stderr.decode())
        document, rows = self.document("all.json")
        self.assertEqual(set(rows), set(names))
        pair = {self.twin, "esx00.cl0.lab.example"}
        self.assertEqual({rows[name]["state"] for name in pair}, {"ok", "duplicate"})
        for name in names:
            if name not in pair:
                self.check_row(name, rows[name])
        self.assertEqual(document["expected"], 100)
        document["hosts"] = [row for i, row in enumerate(document["hosts"]) if i % 5 == 0 or row["state"] != "ok"]
        self.assertEqual(schemas.problems(document), [])
        self.assertIn(b"100 of 100 hosts", done.stderr)
        self.assertIn(b"NOT SCANNED refused: 2 hosts", done.stdout)
        self.assertIn(b"Permission denied, said a tool", (self.folder / "all/stderr/noise.lab.example.txt").read_bytes())

    def test_by_another_command(self):
        names = [n for n in self.farm.names() if self.farm.kinds[n] not in ("answers", "flaky", "flood", "silent", "hang", "dropped")]
        names += list(self.scenario)[:10]
        command = f"ssh -F {self.farm.config} -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=2 %h %c"
        done = self.fleet("scan", "--hosts", self.hosts_file(names), "--transport", f"exec:{command}", "--timeout", 30,
                          "--dir", "exec", "-o", "exec.json")
        self.assertEqual(done.returncode, 2, done.stderr.decode())
        _, rows = self.document("exec.json")
        for name in names:
            self.check_row(name, rows[name])

    def test_through_vcenter(self):
        """A stand-in for govc: it prints the report and exits with 0, whatever the report says."""
        govc = self.folder / "bin/govc"
        govc.write_text(f"#!/bin/sh\n[ \"$1 $2 $4\" = 'host.esxcli -host hostprep' ] || exit 9\n"
                        f"{HOSTPREP} check --format json --localcli --root '{self.farm.folder}/trees/'\"$3\"\nexit 0\n")
        govc.chmod(0o755)
        names = list(self.scenario)[:10]
        done = self.fleet("scan", "--hosts", self.hosts_file(names), "--transport",
                          "exec:govc host.esxcli -host %h hostprep report run", "--dir", "govc", "-o", "govc.json")
        self.assertEqual(done.returncode, 2, done.stderr.decode())
        _, rows = self.document("govc.json")
        for name in names:
            self.assertEqual((rows[name]["state"], rows[name]["rc"]), ("ok", 0))
            self.assertEqual(rows[name]["report"]["exit_code"], STATES[self.scenario[name]])

    def test_policy_is_sent_and_held_against_the_report(self):
        policy = b"name: site\nexpect: {hcas: 8}\n"
        done = subprocess.run([HOSTPREP, "version", "--policy", "-"], input=policy, stdout=subprocess.PIPE, check=False)
        policy = policy if done.returncode == 0 else b"name: site\n"
        names = list(self.scenario)[:4]
        (self.folder / "site.yaml").write_bytes(policy)
        for words, text in ((("--policy", "site.yaml"), b""), (("--policy", "-"), policy)):
            out = f"policy{len(text)}.json"
            done = self.fleet("scan", "--hosts", self.hosts_file(names), "--ssh-config", self.farm.config, "--dir",
                              f"policy{len(text)}", "-o", out, *words, text=text)
            _, rows = self.document(out)
            for name in names:
                self.assertEqual(rows[name]["state"], "ok", rows[name]["reason"])
                self.assertEqual(rows[name]["report"]["policy"]["sha256"], hashlib.sha256(policy).hexdigest())
                self.assertEqual(rows[name]["report"]["policy"]["name"], "site")
        command = f"exec:ssh -F {self.farm.config} %h hostprep check --format json" # forgets the policy
        self.fleet("scan", "--hosts", self.hosts_file(names), "--transport", command, "--policy", "site.yaml", "--dir",
                   "forgot", "-o", "forgot.json")
        self.assertEqual({row["state"] for row in self.document("forgot.json")[0]["hosts"]}, {"bad-output"})

    def test_interrupted_and_resumed(self):
        names = list(self.scenario)[:30] + ["hang.lab.example"]
        words = ["/usr/bin/python3", str(TOP / "scripts/hostprep-fleet"), "scan", "--hosts", str(self.hosts_file(names, "h2")),
                 "--transport", f"exec:ssh -F {self.farm.config} -o BatchMode=yes %h /bin/hostprep check --format json --delay 0.3",
                 "--fanout", "4", "--timeout", "20", "--dir", "cut", "-o", "cut.json"]
        child = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 start_new_session=True)
        rows = self.folder / "cut/rows.ndjson"
        for _ in range(400):
            if rows.exists() and rows.read_bytes().count(b"\n") >= 5:
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        _, stderr = child.communicate(timeout=30)
        self.assertIn(b"--resume cut", stderr)
        document, before = self.document("cut.json")
        self.assertEqual(set(before), set(names))
        self.assertGreaterEqual(document["counts"]["ok"], 5)
        lost = [n for n in names if before[n]["state"] != "ok"]
        self.assertGreater(len(lost), 5)
        for name in lost:
            self.assertIn("interrupted", before[name]["reason"])
        self.assertIn(child.returncode, (2, 3))
        (self.folder / "farm/hosts" / self.farm.addresses["hang.lab.example"]).write_text(
            f"answers\n{self.farm.trees['hang.lab.example']}\n")
        try:
            done = self.fleet("scan", "--resume", "cut", "-o", "cut.json", "--fanout", 16)
        finally:
            (self.folder / "farm/hosts" / self.farm.addresses["hang.lab.example"]).write_text(
                f"hang\n{self.farm.trees['hang.lab.example']}\n")
        self.assertEqual(done.returncode, 2, done.stderr.decode())
        document, after = self.document("cut.json")
        self.assertEqual(document["counts"]["ok"], len(names))
        kept = [n for n in names if before[n]["state"] == "ok"]
        self.assertEqual([after[n]["sha256"] for n in kept], [before[n]["sha256"] for n in kept])

    def trees(self, names):
        digest = hashlib.sha256()
        for name in names:
            for path in sorted(self.farm.trees[name].rglob("*")):
                if path.is_file() and not path.is_symlink() and "var/run/hostprep" not in str(path) and path.name != "calls":
                    digest.update(str(path).encode() + path.read_bytes())
        return digest.hexdigest()

    def test_fix_in_batches(self):
        names = [self.farm.host(f"fix{i}.lab.example", scenario="stock-9.0") for i in range(6)]
        bad = self.farm.host("fix-bad.lab.example", "cut", scenario="stock-9.0")
        known = self.farm.known.read_bytes()
        self.farm.write_ssh()
        type(self).known = self.farm.known.read_bytes()
        self.assertTrue(known)
        common = ["--hosts", self.hosts_file(names), "--ssh-config", self.farm.config]
        before = self.trees(names)
        done = self.fleet("fix", *common, "--dir", "plan", "-o", "plan.json")
        self.assertEqual(done.returncode, 2, done.stderr.decode())
        self.assertIn(b"dry run", done.stdout)
        document, rows = self.document("plan.json")
        self.assertEqual(document["command"], "fix")
        self.assertEqual({c["result"] for row in rows.values() for c in row["report"]["changes"]}, {"planned"})
        self.assertEqual(self.trees(names), before)

        self.hosts_file([names[0], bad, *names[1:]])
        done = self.fleet("fix", *common, "--apply", "--enter-maintenance", "--batch", 1, "--dir", "apply", "-o", "apply.json")
        _, rows = self.document("apply.json")
        self.assertEqual(rows[names[0]]["report"]["exit_code"], 4)
        self.assertEqual(rows[bad]["state"], "bad-output")
        for name in names[1:]: # it failed in the batch after the canary
            self.assertEqual((rows[name]["state"], rows[name]["attempts"]), ("unreachable", 0), name)
            self.assertIn("not tried", rows[name]["reason"])
        self.assertIn(b"stopped: 1 failed", done.stderr)

        self.hosts_file(names)
        done = self.fleet("fix", *common, "--apply", "--enter-maintenance", "--batch", 3, "--dir", "again", "-o", "again.json")
        self.assertEqual(done.returncode, 4, done.stderr.decode() + done.stdout.decode())
        self.assertIn(b"REBOOT full", done.stdout)
        for name in names:
            subprocess.run([ESXSIM, "reboot", self.farm.trees[name]], check=True, stdout=subprocess.DEVNULL)
        done = self.fleet("scan", *common, "--dir", "after", "-o", "after.json", "--baseline", "plan.json", "--html", "p.html")
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        document, _ = self.document("after.json")
        self.assertEqual({item["check"] for item in document["drift"]["fixed"]}, {"hca-ats", "gpu-reset"})
        self.assertIn("Content-Security-Policy", (self.folder / "p.html").read_text())

    def test_through_a_gateway(self):
        names = [name for name in self.scenario if ".cl0." in name][:20]
        gateway = self.farm.host("gw1.lab.example", "gateway")
        self.farm.write_ssh()
        type(self).known = self.farm.known.read_bytes()
        head = socket.gethostname().split(".")[0]
        for way, code in ((gateway, 2), ("nobody.lab.example", 1)):
            (self.folder / "topology").write_text(f"[routes]\n{head}: {way}\n{way}: esx[00-19].cl0.lab.example\n")
            done = self.fleet("scan", "--hosts", self.hosts_file(names), "--ssh-config", self.farm.config, "--topology",
                              "topology", "--timeout", 30, "--dir", f"tree{code}", "-o", "tree.json")
            self.assertEqual(done.returncode, code, done.stderr.decode()[-500:])
        self.assertIn(b"a gateway did not answer", done.stderr)
        _, rows = self.document("tree.json")
        for name in names:
            self.check_row(name, rows[name])

    def test_collected_by_others(self):
        """Files that pdsh, GNU parallel and clush have written."""
        names = list(self.scenario)[:8]
        hosts = self.hosts_file(names, "h3")
        options = f"-F {self.farm.config} -o BatchMode=yes"
        command = "/opt/hostprep/bin/hostprep check --format json"
        jobs = {
            "pdsh": (["pdsh", "-R", "ssh", "-w", f"^{hosts}", command], {"PDSH_SSH_ARGS_APPEND": options}, True),
            "parallel": (["parallel", "--will-cite", "--results", "parallel.d", "-a", hosts, f"ssh {options} {{}} {command}"], {},
                         False),
            "clush": (["clush", "-w", ",".join(names), "-o", options, "--outdir=clush.d", "-q", command], {}, False),
        }
        for engine, (words, more, stream) in jobs.items():
            done = subprocess.run(words, cwd=self.folder, env={**self.environment, **more}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False, timeout=60)
            source = self.folder / f"{engine}.d"
            if stream:
                source = self.folder / f"{engine}.txt"
                source.write_bytes(done.stdout)
            merged = subprocess.run([REPORT, "merge", "--hosts", hosts, source], stdout=subprocess.PIPE, check=False)
            rows = {row["name"]: row for row in json.loads(merged.stdout)["hosts"]}
            self.assertEqual(set(rows), set(names), engine)
            for name in names:
                self.assertEqual(rows[name]["state"], "ok", (engine, rows[name]["reason"], done.stderr[-300:]))
                self.assertEqual(rows[name]["report"]["host"]["name"], name)


if __name__ == "__main__":
    unittest.main(warnings="ignore") # sockets of the farm go with it
