#!/usr/bin/env python3
"""check_test.py HOSTPREP ESXSIM: the shipped program against the simulated host."""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import hosts
from hosts import Host, TestCase, finding, run, states


def fingerprint(folder):
    """Every file's path, bytes and times, but for what a check may refresh and the simulator's own records."""
    lines = []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = str(path.relative_to(folder))
        if name.startswith((".esxsim", "var/run/hostprep")) or name == "var/run":
            continue
        stat = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        lines.append(f"{name} {stat.st_mode:o} {stat.st_ino} {stat.st_mtime_ns} {content}")
    return lines


class Scenarios(TestCase):
    def test_exit_codes(self):
        wanted = {"stock-9.0": 2, "stock-8.0.3": 2, "ready-9.0": 0, "ready-8.0.3": 0, "set-not-rebooted": 4,
                  "regressing": 2, "one-hca-off": 2, "no-nmst": 2, "recovery-mode": 2, "h200": 0, "four-gpu": 0,
                  "uplink-hca": 0, "passthru-hcas": 0, "hostd-down": 0}
        for scenario, code in wanted.items():
            with self.subTest(scenario):
                self.assertEqual(self.host(scenario).report()["exit_code"], code)

    def test_stock(self):
        report = self.host("stock-9.0").report()
        self.assertEqual(list(states(report, "hca-ats").values()), ["fail"] * 8)
        self.assertEqual(list(states(report, "gpu-reset").values()), ["fail"] * 8)
        self.assertEqual(list(states(report, "hca-ats")), [f"0000:{bus}:00.0" for bus in
                                                           ("1a", "3c", "4d", "5e", "9c", "bc", "cc", "dc")])
        self.assertEqual(report["reboot"], {"required": False, "kind": "none", "reasons": []})
        first = finding(report, "hca-ats", "0000:1a:00.0")
        self.assertEqual((first["want"], first["now"], first["next"]), ("1", "0", "0"))
        self.assertEqual(first["remedy"]["reboot"], "full")
        self.assertTrue(first["remedy"]["fixable"])
        self.assertIn("mlxconfig -d mt4129_pciconf0", first["remedy"]["command"])
        self.assertIn("ATS_ENABLED", first["evidence"][0]["excerpt"])

    def test_reboot_brings_what_was_set(self):
        host = self.host("set-not-rebooted")
        report = host.report()
        self.assertEqual((report["reboot"]["required"], report["reboot"]["kind"]), (True, "full"))
        self.assertEqual(host.run("reboot-status").returncode, 4)
        host.reboot("--quick")
        report = host.report()
        self.assertEqual(set(states(report, "hca-ats").values()), {"pending-reboot"})
        self.assertEqual(set(states(report, "gpu-reset").values()), {"pass"})
        self.assertIn("Quick Boot", finding(report, "hca-ats", "0000:1a:00.0")["text"])
        self.assertTrue(report["host"]["boot"]["quick_boot"])
        host.reboot()
        self.assertEqual(host.report()["exit_code"], 0)
        self.assertEqual(host.run("reboot-status").returncode, 0)

    def test_regressing_is_not_pass(self):
        report = self.host("regressing").report()
        self.assertEqual(finding(report, "kernel-ats-support", "host")["state"], "regressing")
        self.assertEqual(sorted(set(states(report, "hca-ats").values())), ["pass", "regressing"])

    def test_uplink_is_left_alone(self):
        host = self.host("uplink-hca")
        report = host.report()
        for check in ("hca-ats", "hca-inventory"):
            used = [s for s, state in states(report, check).items() if state == "not-applicable"]
            self.assertEqual(len(used), 1)
            self.assertIn("vmnic4", finding(report, check, used[0])["text"])
        self.assertEqual(len(re.findall(r"query ATS_ENABLED", host.calls())), 8)

    def test_absent_on_8(self):
        report = self.host("ready-8.0.3").report()
        self.assertEqual(finding(report, "kernel-acs-dtp2p", "host")["state"], "not-applicable")
        self.assertEqual(finding(report, "kernel-ats-denylist", "host")["state"], "not-applicable")

    def test_absent_on_9_is_unknown(self):
        report = self.host("ready-9.0", "kernel.enableACSDTP2P.absent=1").report()
        self.assertEqual(finding(report, "kernel-acs-dtp2p", "host")["state"], "unknown")
        self.assertEqual(report["exit_code"], 3)

    def test_mft_versions(self):
        for version in ("4.17", "4.18", "4.22", "4.25", "4.26", "4.28", "4.31", "4.32", "4.36"):
            with self.subTest(version):
                host = Host(f"{self.folder}/{version}", "ready-9.0", f"mft.version={version}", "hca.3.current=0")
                report = host.report()
                self.assertEqual(finding(report, "hca-ats", "0000:5e:00.0")["state"], "pending-reboot")
                self.assertEqual(list(states(report, "hca-ats").values()).count("pass"), 7)

    def test_without_current_column(self):
        for columns in ("n", "dn"):
            report = Host(f"{self.folder}/{columns}", "ready-9.0", f"hca.*.columns={columns}").report()
            self.assertEqual(set(states(report, "hca-ats").values()), {"unknown"})

    def test_errors_of_mlxconfig(self):
        said = {"open": "could not be opened", "livefish": "recovery", "nvaccess": "first access", "nvqc": "kind of access",
                "get-busy": "busy", "unsupported": "does not offer", "unknown": "does not know", "identify": "id cannot",
                "nvdisabled": "denies access"}
        host = self.host("ready-9.0")
        for error, words in said.items():
            with self.subTest(error):
                host.set(f"hca.2.error={error}")
                found = finding(host.report(), "hca-ats", "0000:4d:00.0")
                self.assertEqual(found["state"], "unknown")
                self.assertIn(words, found["text"])
                self.assertTrue(found["remedy"]["text"])


class Trouble(TestCase):
    """A tool that is ill makes its subjects unknown, and nothing else."""

    def unknown(self, fault, checks, *arguments):
        name = re.sub(r"\W", "_", fault)
        report = Host(f"{self.folder}/{name}", "ready-9.0", fault).report(*arguments)
        self.assertEqual({f["check"] for f in report["findings"] if f["state"] == "unknown"}, set(checks), fault)
        self.assertFalse([f for f in report["findings"] if f["state"] in ("fail", "regressing", "pending-reboot")], fault)
        self.assertEqual(report["exit_code"], 3)

    def test_one_hca(self):
        for fault in ("exit:3", "signal:9", "empty", "garbage", "cut:300", "big", "exit-after:1", "signal-after:6"):
            self.unknown(f"fault.mlxconfig.mt4129_pciconf3={fault}", ["hca-ats"])

    def test_mst(self):
        for fault in ("exit:1", "empty", "garbage", "cut:50", "not-found"):
            self.unknown(f"fault.mst={fault}", ["hca-ats", "hca-inventory"])

    def test_localcli_answers_when_esxcli_does_not(self):
        for fault in ("exit:1", "empty", "garbage", "not-found", "signal:11"):
            name = fault.replace(":", "_")
            report = Host(f"{self.folder}/{name}", "ready-9.0", f"fault.esxcli={fault}").report()
            self.assertEqual(report["exit_code"], 0, fault)

    def test_neither_answers(self):
        pci = ["gpu-inventory", "gpu-reset", "hca-ats", "hca-inventory", "psb-firmware"]
        host = self.host("ready-9.0", "fault.esxcli.hardware.pci.list=cut:5000", "fault.localcli.hardware.pci.list=exit:1")
        report = host.report()
        self.assertEqual({f["check"] for f in report["findings"] if f["state"] == "unknown"}, set(pci))

    def test_switch_boards(self):
        """lspci is run only where the PCI list shows no subsystem id, and what it cannot tell is unknown."""
        board = "0000:16:00.0"
        host = self.host("ready-9.0")
        self.assertEqual(set(states(host.report(), "psb-firmware").values()), {"pass"})
        self.assertNotIn("lspci", host.calls())
        host.set(f"pci.{board}.SubVendorID=0x0000", f"pci.{board}.SubDeviceID=0x0000")
        self.assertEqual(finding(host.report(), "psb-firmware", board)["state"], "pass")
        self.assertEqual(host.calls().count(" lspci -d"), 1)
        host.set("psb.0.subdevice=224b")
        self.assertEqual(finding(host.report(), "psb-firmware", board)["state"], "fail")
        host.set("psb.0.subdevice=2330")
        for fault in ("exit:1", "signal:11", "empty", "garbage", "cut:3000", "big", "not-found"):
            host.set(f"fault.lspci={fault}")
            report = host.report()
            self.assertEqual((report["exit_code"], finding(report, "psb-firmware", board)["state"]), (3, "unknown"), fault)
        host.set("fault.lspci=exit:1", "host.vendor=HPE")
        self.assertEqual(set(states(host.report(), "psb-firmware").values()), {"not-applicable"})

    def test_hanging_tool(self):
        host = self.host("ready-9.0", "fault.mlxconfig.mt4129_pciconf3=hang", "fault.esxcli.hardware.platform.get=hang")
        report = host.report("--timeout", "2")
        self.assertIn("ran longer", finding(report, "hca-ats", "0000:5e:00.0")["text"])
        self.assertEqual(report["exit_code"], 3)
        self.assertEqual(list(states(report, "hca-ats").values()).count("pass"), 7)

    def test_deadline(self):
        host = self.host("ready-9.0", "mlxconfig.latency_ms=1500")
        report = host.report("--deadline", "2")
        self.assertEqual((report["complete"], report["exit_code"]), (False, 3))
        self.assertIn("time was up", json.dumps(report))

    def test_child_that_keeps_the_pipe(self):
        began = time.monotonic()
        host = self.host("ready-9.0", "fault.mst=child-keeps-pipe:60")
        self.assertEqual(host.report()["exit_code"], 0)
        self.assertLess(time.monotonic() - began, 30)

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            host = Host(f"{self.folder}/{number}", "ready-9.0", "fault.mst=hang")
            child = subprocess.Popen([hosts.HOSTPREP, "check", "--root", host.root, "--format", "json"], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
            time.sleep(1)
            child.send_signal(number)
            out, _ = child.communicate(timeout=60)
            report = json.loads(out)
            self.assertEqual((child.returncode, report["exit_code"], report["verdict"]), (1, 1, "error"))
            self.assertIn("interrupted", report["errors"][0]["text"])

    def test_empty_tree(self):
        pathlib.Path(f"{self.folder}/empty").mkdir()
        done = run("check", "--root", f"{self.folder}/empty", "--format", "json")
        self.assertEqual(done.returncode, 3)
        self.assertFalse([f for f in json.loads(done.stdout)["findings"] if f["state"] == "pass"])


class Promises(TestCase):
    def test_no_esx_host(self):
        done = run("check")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"no ESX host", done.stderr)
        done = run("check", "--format", "json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["verdict"]), (1, "error"))

    def test_changes_nothing(self):
        for scenario in ("stock-9.0", "hostd-down"):
            host = self.host(scenario)
            before = fingerprint(host.root)
            host.report()
            host.run("capture", "--record", f"{self.folder}/a.cap")
            self.assertEqual(fingerprint(host.root), before)
            self.assertNotRegex(host.calls(), r"\bset\b")

    def test_works_where_nothing_can_be_written(self):
        host = self.host("ready-9.0")
        run_dir = pathlib.Path(host.root) / "var/run/hostprep"
        shutil.rmtree(run_dir)
        run_dir.write_text("in the way")
        self.assertEqual(host.report()["exit_code"], 0)

    def test_mft_tools_never_overlap(self):
        host = self.host("ready-9.0", "mst.latency_ms=100", "mlxconfig.latency_ms=100", "esxcli.latency_ms=150")
        host.report("--jobs", "8")
        running, most = 0, 0
        for line in host.calls().splitlines():
            event, _, _, tool, *_ = line.split()
            if tool in ("mst", "mlxconfig"):
                running += 1 if event == "start" else -1
                most = max(most, running)
        self.assertEqual((running, most), (0, 1))

    def test_policy_may_forbid_mft(self):
        host = self.host("ready-9.0", "vms=2")
        for word, allowed in (("always", True), ("idle", False), ("never", False)):
            policy = pathlib.Path(f"{self.folder}/{word}.yaml")
            policy.write_text(f"mft_query: {word}\n")
            pathlib.Path(f"{host.root}/.esxsim/calls").write_text("")
            report = host.report("--policy", str(policy))
            self.assertEqual("mlxconfig" in host.calls(), allowed)
            self.assertEqual(report["exit_code"], 0 if allowed else 3)
            if not allowed:
                self.assertIn("mft_query", json.dumps(report))
        host.set("vms=0")
        self.assertEqual(host.report("--policy", f"{self.folder}/idle.yaml")["exit_code"], 0)

    def test_policy_places(self):
        host = self.host("ready-9.0")
        site = pathlib.Path(host.root) / "opt/hostprep/etc/policy.yaml"
        site.parent.mkdir(parents=True)
        site.write_text("name: of-the-vib\nexpect: {gpus: 7}\n")
        self.assertEqual((host.report()["policy"]["name"], host.report()["exit_code"]), ("of-the-vib", 2))
        scratch = pathlib.Path(host.root) / "scratch/hostprep/policy.yaml"
        scratch.write_text("name: of-scratch\n")
        self.assertEqual(host.report()["policy"]["name"], "of-scratch")
        scratch.write_text("name: x\nnmae: y\n")
        done = host.run("check", "--format", "json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["exit_code"]), (78, 78))
        self.assertIn(b"policy.yaml:2:1: unknown key", done.stderr)

    def test_replay_gives_the_same_findings(self):
        host = self.host("regressing")
        live = host.report("--record", f"{self.folder}/a.cap")
        shutil.copy(f"{self.folder}/a.cap", f"{self.folder}/plain.cap")
        with gzip.open(f"{self.folder}/b.cap.gz", "wb") as packed:
            packed.write(pathlib.Path(f"{self.folder}/a.cap").read_bytes())
        for name in ("a.cap", "b.cap.gz"):
            done = run("check", "--replay", f"{self.folder}/{name}", "--format", "json")
            self.assertEqual(json.loads(done.stdout)["findings"], live["findings"])

    def test_outputs(self):
        host = self.host("stock-9.0")
        done = host.run("check", "--output", f"json:{self.folder}/r.json", "--output", f"text:{self.folder}/r.txt")
        self.assertEqual(json.loads(pathlib.Path(f"{self.folder}/r.json").read_text())["exit_code"], 2)
        self.assertEqual(pathlib.Path(f"{self.folder}/r.txt").read_bytes(), done.stdout)
        done = host.run("check", "--output", "json:/no/such/folder/r.json", "--format", "json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["exit_code"]), (1, 1))

    def test_outputs_replace_no_device_and_follow_no_planted_link(self):
        host = self.host("ready-9.0")
        os.mkfifo(f"{self.folder}/fifo")
        self.assertEqual(host.run("check", "--output", f"json:{self.folder}/fifo").returncode, 1)
        self.assertTrue(pathlib.Path(f"{self.folder}/fifo").is_fifo())
        pathlib.Path(f"{self.folder}/real.json").write_text("old")
        os.symlink("real.json", f"{self.folder}/link.json")
        self.assertEqual(host.run("check", "--output", f"json:{self.folder}/link.json").returncode, 0)
        self.assertTrue(os.path.islink(f"{self.folder}/link.json"))
        self.assertEqual(json.loads(pathlib.Path(f"{self.folder}/real.json").read_text())["exit_code"], 0)
        victim = pathlib.Path(f"{self.folder}/victim")
        victim.write_text("mine")
        last = pathlib.Path(host.root) / "var/run/hostprep/last-report.json"
        last.unlink()
        os.symlink(victim, last)
        self.assertEqual(host.report()["exit_code"], 0)
        self.assertEqual(victim.read_text(), "mine")

    def test_every_tool_spams(self):
        host = self.host("ready-9.0", "fault.esxcli=big:3900000", "fault.localcli=big:3900000", "fault.mst=big")
        self.assertEqual(host.report("--timeout", "5")["exit_code"], 3)

    def test_closed_stdout(self):
        host = self.host("ready-9.0")
        with open("/dev/full", "wb") as full:
            self.assertEqual(host.run("check", stdout=full).returncode, 1)
        done = subprocess.run(["sh", "-c", f'"{hosts.HOSTPREP}" check --root "{host.root}" >&-'], check=False,
                              stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)

    def test_text(self):
        text = self.host("stock-9.0").run("check").stdout.decode("ascii")
        lines = text.splitlines()
        self.assertTrue(lines[0].startswith("NON-COMPLIANT "))
        self.assertFalse([line for line in lines if len(line) > 80 and not line.startswith(" " * 8)])
        self.assertNotIn("\033", text)
        colored = Host(f"{self.folder}/c", "stock-9.0").run("check", "--color", "always").stdout.decode()
        self.assertEqual(re.sub(r"\033\[[0-9;]*m", "", colored), text)

    def test_last_report(self):
        host = self.host("one-hca-off")
        self.assertEqual(host.run("report").returncode, 1)
        live = host.report()
        again = host.report(command="report")
        self.assertEqual(again["findings"], live["findings"])
        self.assertIn("age_s", again)
        self.assertIn(b"old", host.run("report").stdout)
        host.reboot()
        self.assertEqual(host.run("report").returncode, 1)

    def test_side_by_side(self):
        host = self.host("ready-9.0")
        children = [subprocess.Popen([hosts.HOSTPREP, "check", "--root", host.root], stdout=subprocess.DEVNULL) for _ in range(10)]
        self.assertEqual([child.wait(timeout=60) for child in children], [0] * 10)

    def test_usage(self):
        for arguments in ([], ["chekc"], ["topology"], ["check", "--only", "nothing*"], ["check", "--format", "yaml"],
                          ["check", "--jobs", "0"], ["check", "--root", "/no/such/folder"], ["check", "extra"],
                          ["list", "--record", "x"], ["check", "--timeout"], ["explain", "no-such-check"]):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (64, b""), arguments)
            self.assertTrue(done.stderr)

    def test_about(self):
        listed = [check["id"] for check in json.loads(run("list", "--format", "json").stdout)["checks"]]
        self.assertEqual([line.split()[0] for line in run("list").stdout.decode().splitlines()], sorted(listed))
        for check in run("list").stdout.decode().split("\n")[:-1]:
            self.assertEqual(run("explain", check.split()[0]).returncode, 0)
        self.assertRegex(run("version").stdout.decode(), r"^hostprep \d+\.\d+\.\d+")


if __name__ == "__main__":
    hosts.main(__doc__)
