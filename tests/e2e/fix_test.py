#!/usr/bin/env python3
"""fix_test.py HOSTPREP ESXSIM: fix, undo and reboot-status of the shipped program on the simulated host."""
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import hosts
from hosts import TestCase, finding, run, states

HCAS = [f"0000:{bus}:00.0" for bus in ("1a", "3c", "4d", "5e", "9c", "bc", "cc", "dc")]
MAP = "etc/vmware/passthru.map"


def results(document, check=None):
    return [c["result"] for c in document["changes"] if check in (None, c["check"])]


def stops(document):
    return [e["where"] for e in document["errors"]]


def writes(host):
    """What was called that changes something."""
    return [line for line in host.calls().splitlines()
            if " start " in f" {line} " and re.search(r"\bset\b|auto-backup|logger|shutdown", line)]


def ready(test, scenario="stock-9.0", *settings, name=None):
    return test.host(scenario, "maintenance=1", *settings, name=name)


class WholeWay(TestCase):
    def test_from_stock_to_compliant(self):
        for scenario in ("stock-8.0.3", "stock-9.0"):
            with self.subTest(scenario):
                host = ready(self, scenario)
                self.assertEqual(host.report()["exit_code"], 2)
                plan = host.fix("--dry-run")
                self.assertEqual((plan["exit_code"], set(results(plan)), plan["run"]), (2, {"planned"}, None))
                fixed = host.fix("--plan", plan["plan"])
                self.assertEqual(fixed["exit_code"], 4, fixed["errors"])
                self.assertEqual(results(fixed), ["verified"] * 16)
                self.assertEqual([c["subject"] for c in fixed["changes"] if c["check"] == "hca-ats"], HCAS)
                self.assertEqual((fixed["reboot"]["required"], fixed["reboot"]["kind"]), (True, "full"))
                marker = json.loads(host.path("var/run/hostprep/reboot-required").read_text())
                self.assertEqual((marker["required"], marker["kind"], len(marker["reasons"])), (True, "full", 16))
                self.assertEqual(host.report()["exit_code"], 4)
                again = json.loads(host.path("var/run/hostprep/reboot-required").read_text())
                self.assertEqual(again["since"], marker["since"])
                before = len(writes(host))
                second = host.fix()
                self.assertEqual((second["exit_code"], second["changes"], second["run"]), (4, [], None))
                self.assertEqual(len(writes(host)), before)
                host.reboot()
                self.assertFalse(host.path("var/run/hostprep/reboot-required").exists())
                self.assertEqual(host.report()["exit_code"], 0)
                self.assertEqual(host.run("reboot-status").returncode, 0)
                self.assertEqual(host.fix()["exit_code"], 0)

    def test_quick_boot_does_not_load_hcas(self):
        host = ready(self)
        self.assertEqual(host.fix()["exit_code"], 4)
        host.reboot("--quick")
        report = host.report()
        self.assertEqual((report["exit_code"], set(states(report, "hca-ats").values())), (2, {"fail"}))
        self.assertEqual(set(states(report, "gpu-reset").values()), {"pass"})
        found = finding(report, "hca-ats", HCAS[0])
        self.assertIn("not effective after reboot", found["text"])
        self.assertIn("Quick Boot", found["text"])
        self.assertEqual((report["reboot"]["required"], report["reboot"]["kind"]), (True, "full"))
        self.assertEqual(host.fix()["changes"], [])
        self.assertEqual(host.run("reboot-status").returncode, 4)
        host.reboot()
        self.assertEqual(host.report()["exit_code"], 0)

    def test_power_cycle(self):
        host = ready(self, "stock-9.0", "hca.4.needs_cold=1")
        fixed = host.fix()
        self.assertEqual((fixed["exit_code"], fixed["reboot"]["kind"]), (4, "cold"))
        self.assertEqual([c["reboot"] for c in fixed["changes"] if c["subject"] == HCAS[4]], ["cold"])
        self.assertEqual(host.report()["reboot"]["kind"], "cold")
        host.reboot()
        report = host.report()
        found = finding(report, "hca-ats", HCAS[4])
        self.assertEqual((found["state"], found["remedy"]["reboot"]), ("fail", "cold"))
        self.assertIn("not effective after reboot", found["text"])
        host.reboot("--cold")
        self.assertEqual(host.report()["exit_code"], 0)

    def test_what_no_reboot_brings_is_not_advised_again(self):
        host = ready(self, "stock-9.0", "hca.2.stuck=1")
        host.fix()
        advice = []
        for how in ([], ["--cold"], ["--cold"]):
            host.reboot(*how)
            done = host.fix()
            found = finding(done, "hca-ats", HCAS[2])
            self.assertEqual((done["exit_code"], done["changes"], found["state"]), (2, [], "fail"))
            self.assertIn("not effective after reboot", found["text"])
            advice.append((found["remedy"]["text"], found["remedy"]["reboot"]))
        self.assertEqual([reboot for _, reboot in advice], ["cold", "cold", "cold"])
        self.assertFalse(host.report()["reboot"]["required"])
        self.assertEqual(len(set(text for text, _ in advice[:2])), 2)
        self.assertIn("another reboot will not help", advice[1][0])

    def test_a_quick_boot_is_no_power_cycle(self):
        host = ready(self, "stock-9.0", "hca.4.needs_cold=1")
        host.fix()
        host.reboot()
        host.fix()  # advises the power cycle
        host.reboot("--quick")
        report = host.report()
        self.assertIn("Quick Boot", finding(report, "hca-ats", HCAS[4])["text"])
        self.assertEqual((report["reboot"]["required"], report["reboot"]["kind"]), (True, "cold"))
        host.reboot("--cold")
        self.assertEqual(host.report()["exit_code"], 0)

    def test_what_two_boots_have_lost_is_not_repeated(self):
        host = ready(self)
        lose = "kernel.atsSupport.configured=FALSE", "kernel.atsSupport.runtime=FALSE"
        for times in range(3):
            host.set(*lose)
            done = host.fix("--only", "kernel-ats-support")
            found = finding(done, "kernel-ats-support", "host")
            self.assertEqual(results(done), ["verified"] if times < 2 else [], found["text"])
            host.reboot()
        self.assertIn("2 times", found["text"])
        self.assertFalse(found["remedy"]["fixable"])
        host.set(*lose)
        self.assertEqual(results(host.fix("--only", "kernel-ats-support", "--override", "repeat")), ["verified"])

    def test_what_does_not_count_is_not_changed(self):
        host = ready(self)
        policy = f"{self.folder}/policy.yaml"
        pathlib.Path(policy).write_text("checks:\n  hca-ats: {severity: info}\n  gpu-reset: {severity: minor}\n")
        for arguments in (["--policy", policy, "--fail-on", "major"],):
            done = host.fix(*arguments)
            self.assertEqual((done["exit_code"], done["changes"]), (0, []))
        self.assertEqual({c["check"] for c in host.fix("--policy", policy)["changes"]}, {"gpu-reset"})

    def test_regressing_host_needs_no_reboot(self):
        host = ready(self, "regressing")
        fixed = host.fix()
        self.assertEqual((fixed["exit_code"], fixed["reboot"]["required"]), (0, False))
        self.assertEqual(set(results(fixed)), {"verified"})
        self.assertEqual({c["reboot"] for c in fixed["changes"]}, {"none"})
        self.assertEqual(len(results(fixed, "hca-ats")), 1)
        host.reboot()
        self.assertEqual(host.report()["exit_code"], 0)

    def test_ids_of_8_0(self):
        host = ready(self, "ready-8.0.3", "kernel.disableACSCheck.runtime=TRUE", "kernel.disableACSCheck.configured=TRUE")
        for selection in ([], ["--only", "kernel-*"], ["--tag", "kernel"]):
            done = host.fix(*selection)
            self.assertEqual((done["exit_code"], done["changes"]), (2, []), selection)
            self.assertIn("391460", finding(done, "kernel-acs-check", "host")["remedy"]["text"])
        done = host.fix("--only", "kernel-acs-check")
        self.assertEqual((done["exit_code"], results(done)), (4, ["verified"]))
        self.assertEqual(host.get("kernel.disableACSCheck.configured"), "FALSE")
        nine = ready(self, "ready-9.0", "kernel.disableACSCheck.configured=TRUE")
        self.assertEqual(results(nine.fix()), ["verified"])

    def test_an_uplink_is_never_written(self):
        host = ready(self, "uplink-hca", "hca.*.next=0")
        done = host.fix()
        self.assertEqual(len(results(done, "hca-ats")), 8)
        uplink = [s for s, state in states(done, "hca-ats").items() if state == "not-applicable"]
        self.assertEqual(len(uplink), 1)
        self.assertNotIn(uplink[0], [c["subject"] for c in done["changes"]])
        self.assertEqual(len(re.findall(r"start .* set ATS_ENABLED", host.calls())), 8)

    def test_without_root_it_is_no_host(self):
        if os.uname().sysname == "VMkernel":
            self.skipTest("this is one")
        self.assertEqual(run("fix").returncode, 1)
        self.assertEqual(run("undo").returncode, 1)


class Trouble(TestCase):
    def test_one_hca_refuses(self):
        host = ready(self, "stock-9.0", "hca.3.error=set-rejected")
        done = host.fix()
        self.assertEqual(done["exit_code"], 2)
        self.assertEqual(results(done, "hca-ats"), ["verified"] * 3 + ["failed"] + ["verified"] * 4)
        refused = [c for c in done["changes"] if c["subject"] == HCAS[3]][0]
        self.assertIn("rejected", refused["text"])
        self.assertEqual(set(results(done, "gpu-reset")), {"verified"})

    def test_one_hca_is_busy_twice(self):
        for error in ("set-busy", "get-busy", "probe-semaphore"):
            with self.subTest(error):
                host = ready(self, "stock-9.0", f"hca.3.error={error}", "hca.3.error_times=2", name=error)
                self.assertEqual(set(results(host.fix())), {"verified"})

    def test_one_hca_stays_busy(self):
        host = ready(self, "stock-9.0", "hca.3.error=set-busy")
        done = host.fix()
        self.assertEqual((done["exit_code"], results(done, "hca-ats")[3]), (2, "failed"))
        self.assertIn("busy", done["changes"][-5]["text"])

    def test_written_but_not_there(self):
        host = ready(self, "stock-9.0", "hca.5.ignores_set=1")
        done = host.fix()
        self.assertEqual((done["exit_code"], results(done, "hca-ats")[5]), (2, "ineffective"))

    def test_esxcli_refuses(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", "fault.esxcli.system.settings.kernel.set=exit:1")
        done = host.fix()
        self.assertEqual((done["exit_code"], results(done, "kernel-ats-support")), (2, ["failed"]))
        self.assertEqual(set(results(done, "hca-ats") + results(done, "gpu-reset")), {"verified"})

    def test_esxcli_says_yes_and_does_nothing(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", "fault.esxcli.system.settings.kernel.set=lie")
        done = host.fix("--only", "kernel-ats-support")
        self.assertEqual((done["exit_code"], results(done)), (2, ["ineffective"]))

    def test_a_slow_set_is_waited_for(self):
        host = ready(self, "one-hca-off", "fault.mlxconfig.mt4129_pciconf5.set=slow-drip:100")
        done = host.fix("--timeout", "1")
        self.assertIn(results(done)[0], ("verified", "failed"))
        lines = [line.split() for line in host.calls().splitlines()]
        started = [line[2] for line in lines if line[0] == "start" and "set" in line]
        self.assertTrue(started)
        for pid in started:
            self.assertIn(("end", pid), [(line[0], line[2]) for line in lines], "it was killed")

    def test_not_archived_is_put_back(self):
        faults = {"fault.auto-backup=exit:1": "auto-backup.sh", "passthru.shadow=0": "marker",
                  "fault.auto-backup=lie": "state.tgz"}
        for fault, words in faults.items():
            with self.subTest(fault):
                host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", fault, name=re.sub(r"\W", "_", fault))
                before = host.path(MAP).read_bytes()
                done = host.fix()
                self.assertEqual(done["exit_code"], 2)
                self.assertEqual(set(results(done, "gpu-reset")), {"failed"})
                self.assertIn(words, done["changes"][1]["text"])
                self.assertEqual(host.path(MAP).read_bytes(), before)
                self.assertEqual(set(results(done, "hca-ats")), {"verified"})
                # without the marker state.tgz tells nothing of kernel settings
                self.assertEqual(host.get("kernel.atsSupport.configured"), "TRUE" if words == "marker" else "FALSE")

    def test_neither_archived_nor_put_back(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", "kernel.atsSupport.runtime=FALSE",
                     "fault.auto-backup=exit:1", "fault.esxcli.system.settings.kernel.set=exit:1#1")
        only = "--only", "kernel-ats-support"
        done = host.fix(*only)
        self.assertEqual((done["exit_code"], results(done), host.get("kernel.atsSupport.configured")), (2, ["failed"], "TRUE"))
        self.assertIn("could not be put back", done["changes"][0]["text"])
        self.assertEqual(states(host.report(), "kernel-ats-support"), {"host": "fail"})
        host.set("fault.auto-backup=", "fault.esxcli.system.settings.kernel.set=")
        self.assertEqual(host.fix(*only)["exit_code"], 4)
        self.assertIn("auto-backup", host.calls().splitlines()[-1] + "".join(writes(host)[-1:]))

    def test_set_although_esxcli_said_no(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", "fault.esxcli.system.settings.kernel.set=exit-after:1")
        done = host.fix("--only", "kernel-ats-support")
        self.assertEqual(results(done), ["verified"])
        self.assertTrue([line for line in writes(host) if "auto-backup" in line])

    def test_left_when_told_so(self):
        host = ready(self, "stock-9.0", "passthru.shadow=0")
        done = host.fix("--override", "persistence")
        self.assertEqual((done["exit_code"], set(results(done, "gpu-reset"))), (2, {"failed"}))
        self.assertIn(b"10de ffff flr false", host.path(MAP).read_bytes())
        host.undo("--override", "persistence")
        self.assertIn(b"10de ffff bridge false", host.path(MAP).read_bytes())

    def test_left_behind_and_archived_later(self):
        host = ready(self, "stock-9.0", "fault.auto-backup=exit:1")
        host.fix("--override", "persistence", "--only", "gpu-reset")
        report = host.report()
        self.assertEqual(set(states(report, "gpu-reset").values()), {"fail"})
        self.assertIn("outlive", finding(report, "gpu-reset", "0000:18:00.0")["text"])
        host.set("fault.auto-backup=")
        self.assertEqual(host.fix("--only", "gpu-reset")["exit_code"], 4)
        host.reboot()
        self.assertEqual(set(states(host.report(), "gpu-reset").values()), {"pass"})

    def test_a_file_that_cannot_be_written(self):
        if os.geteuid() != 0 or subprocess.run(["chattr", "-V"], capture_output=True, check=False).returncode not in (0, 1):
            self.skipTest("needs root and chattr")
        host = ready(self)
        if subprocess.run(["chattr", "+i", host.path(MAP)], capture_output=True, check=False).returncode:
            self.skipTest("this file system has no immutable files")
        try:
            done = host.fix()
        finally:
            subprocess.run(["chattr", "-i", host.path(MAP)], check=True)
        self.assertEqual((done["exit_code"], set(results(done, "gpu-reset"))), (2, {"failed"}))
        self.assertIn("not permitted", done["changes"][0]["text"])
        self.assertEqual(set(results(done, "hca-ats")), {"verified"})

    def test_the_map_is_a_link(self):
        host = ready(self)
        real = host.path("etc/vmware/elsewhere")
        host.path(MAP).rename(real)
        host.path(MAP).symlink_to("elsewhere")
        before = real.read_bytes()
        self.assertEqual(set(results(host.fix(), "gpu-reset")), {"failed"})
        self.assertEqual(real.read_bytes(), before)


class Map(TestCase):
    def edit(self, text, *arguments):
        host = ready(self, name=f"map{len(os.listdir(self.folder))}")
        path = host.path(MAP)
        with open(path, "r+b") as f:
            f.truncate()
            f.write(text)
        old = path.stat()
        done = host.fix("--only", "gpu-reset", *arguments)
        new = path.stat()
        self.assertEqual((old.st_ino, old.st_mode, old.st_uid), (new.st_ino, new.st_mode, new.st_uid))
        self.assertTrue(new.st_mode & stat.S_ISVTX)
        return host, done, path.read_bytes()

    def test_three_lines(self):
        text = b"# \xe2\x80\x94 x\r\n10de\t2330  bridge\tfalse # mine\r\n8086 1502 d3d0 default\n10de ffff bridge false\n10DE 2330 link true"
        host, done, after = self.edit(text)
        self.assertEqual(after, text.replace(b"bridge", b"flr").replace(b"link", b"flr"))
        self.assertEqual((done["exit_code"], set(results(done))), (4, {"verified"}))
        diff = done["changes"][0]["diff"]
        self.assertIn("-10de ffff bridge false", diff)
        self.assertIn("+10de ffff flr false", diff)
        self.assertIn("0000:07:00.0", done["changes"][0]["disturbs"])
        host.undo()
        self.assertEqual(host.path(MAP).read_bytes(), text)

    def test_no_line(self):
        for tail in (b"\n", b""):
            text = b"8086 1502 d3d0 default" + tail
            host, done, after = self.edit(text)
            self.assertEqual(set(results(done)), {"verified"})
            self.assertIn(b"10de ffff flr false", after)
            self.assertTrue(after.startswith(b"8086 1502 d3d0 default\n"))
            host.undo()
            self.assertEqual(host.path(MAP).read_bytes(), text)

    def test_what_cannot_be_read_is_left_alone(self):
        text = b"10de ffff brigde false\n10de 2330 bridge false\n"
        _, done, after = self.edit(text)
        self.assertEqual((after, done["changes"], done["exit_code"]), (text, [], 3))


class Gates(TestCase):
    def closed(self, gate, *settings, scenario="stock-9.0", arguments=()):
        host = ready(self, scenario, *settings, name=f"g{len(os.listdir(self.folder))}")
        before = writes(host)
        done = host.fix(*arguments)
        self.assertEqual(done["exit_code"], 2, gate)
        self.assertIn(gate, stops(done))
        self.assertEqual(set(results(done)), {"planned"})
        self.assertEqual(writes(host), before)
        self.assertIsNone(done["run"])
        text = [e["text"] for e in done["errors"] if e["where"] == gate][0]
        return host, text

    def test_each(self):
        cases = {"maintenance-mode": "maintenance=0", "rebooting-image": "vib.nmst.next=4.32.0.120",
                 "bootbank": "bootbank=tmp", "running-vms": "vms=2"}
        for gate, setting in cases.items():
            with self.subTest(gate):
                host, text = self.closed(gate, setting)
                self.assertIn(f"--override {gate}", text)
                names = gate if gate != "maintenance-mode" else "maintenance-mode,running-vms"
                self.assertNotIn(gate, stops(host.fix("--override", names)))

    def test_unreadable_answers_keep_them_closed(self):
        tools = {"maintenance-mode": "system.maintenanceMode.get", "running-vms": "vm.process.list",
                 "rebooting-image": "software.vib.list.--rebooting-image"}
        for gate, tool in tools.items():
            for fault in ("exit:1", "garbage", "cut:3"):
                if (gate, fault) in (("running-vms", "cut:3"), ("rebooting-image", "cut:3")):
                    continue  # both print nothing: there is nothing to cut
                with self.subTest((gate, fault)):
                    name = tool.replace(".--", ".")
                    self.closed(gate, f"fault.esxcli.{name}={fault}", f"fault.localcli.{name}={fault}")

    def test_running_vms_are_named(self):
        _, text = self.closed("running-vms", "vms=2", "vm.0.name=llm-a", "vm.1.name=llm-b")
        self.assertIn("llm-a, llm-b", text)

    def test_vms_do_not_matter_where_no_hca_is_set(self):
        host = ready(self, "stock-9.0", "vms=2")
        self.assertEqual(host.fix("--only", "gpu-reset")["exit_code"], 4)

    def test_bootbank_is_missing(self):
        self.closed("bootbank", "bootbank=missing")

    def test_bootbank_leads_nowhere(self):
        host = ready(self)
        host.path("bootbank").unlink()
        host.path("bootbank").symlink_to("vmfs/volumes/gone")
        done = host.fix()
        self.assertEqual((stops(done), writes(host)), (["bootbank"], []))

    def test_a_ledger_that_is_none(self):
        host = ready(self)
        host.path("scratch/hostprep/ledger").write_bytes(b"a" * 5000000)
        done = host.fix()
        self.assertEqual((done["exit_code"], stops(done), writes(host)), (2, ["state-dir"], []))
        self.assertIn("mv ", done["errors"][0]["text"])

    def test_state_dir_on_a_ram_disk(self):
        host = ready(self)
        try:
            ram = tempfile.mkdtemp(dir="/dev/shm")
        except OSError:
            self.skipTest("no /dev/shm")
        self.addCleanup(shutil.rmtree, ram)
        fs = subprocess.run(["stat", "-f", "-c", "%T", ram, host.root], check=True, stdout=subprocess.PIPE, text=True)
        if fs.stdout.split()[0] != "tmpfs" or fs.stdout.split()[1] == "tmpfs":
            self.skipTest("the tests' own folder is RAM too")
        self.assertEqual(stops(host.fix("--state-dir", ram)), ["state-dir"])

    def test_unsupported(self):
        self.closed("esx", "esx.version=7.0.3", arguments=("--skip", "esx-release"))

    def test_state_dir(self):
        host = ready(self)
        scratch = host.path("scratch")
        os.rename(scratch / "hostprep", scratch / "gone")
        done = host.fix()
        self.assertEqual((done["exit_code"], stops(done), set(results(done))), (2, ["state-dir"], {"planned"}))
        self.assertEqual(host.report()["exit_code"], 2)
        own = host.path("own")
        own.mkdir()
        self.assertEqual(host.fix("--state-dir", str(own))["exit_code"], 4)
        self.assertTrue((own / "ledger").exists())
        self.assertEqual(host.undo("--state-dir", str(own))["exit_code"], 0)

    def test_state_dir_in_ram(self):
        host = ready(self)
        os.rename(host.path("scratch"), host.path("tmp/scratch"))
        host.path("scratch").symlink_to("tmp/scratch")
        self.assertEqual(stops(host.fix()), ["state-dir"])

    def test_another_plan(self):
        host = ready(self)
        plan = host.fix("--dry-run")["plan"]
        host.set("hca.2.next=1")
        done = host.fix("--plan", plan)
        self.assertEqual((done["exit_code"], stops(done), set(results(done))), (2, ["plan"], {"planned"}))
        self.assertEqual(host.fix("--plan", host.fix("--dry-run")["plan"].upper()[:12])["exit_code"], 4)
        self.assertEqual(host.fix("--plan", plan)["exit_code"], 4)  # nothing left: the plan is done

    def test_enter_maintenance(self):
        host = self.host("stock-9.0")
        done = host.fix("--enter-maintenance")
        self.assertEqual((done["exit_code"], host.get("maintenance")), (4, "1"))

    def test_enter_maintenance_never_with_vms(self):
        host = self.host("stock-9.0", "vms=1", "vm.0.name=llm-a")
        done = host.fix("--enter-maintenance")
        self.assertEqual((done["exit_code"], host.get("maintenance")), (2, "0"))
        self.assertIn("llm-a", [e["text"] for e in done["errors"] if e["where"] == "enter-maintenance"][0])
        self.assertNotIn("maintenanceMode set", host.calls())

    def test_enter_maintenance_not_in_vain(self):
        for setting in ("bootbank=tmp", "vib.nmst.next=4.40.0"):
            host = self.host("stock-9.0", setting, name=setting)
            self.assertEqual((host.fix("--enter-maintenance")["exit_code"], host.get("maintenance")), (2, "0"), setting)

    def test_overriding_maintenance_is_enough_while_no_vm_runs(self):
        self.assertEqual(self.host("stock-9.0").fix("--override", "maintenance-mode")["exit_code"], 4)
        host = self.host("stock-9.0", "vms=1", name="vms")
        self.assertEqual(stops(host.fix("--override", "maintenance-mode")), ["running-vms"])

    def test_enter_maintenance_that_does_not_come(self):
        host = self.host("stock-9.0", "fault.esxcli.system.maintenanceMode.set=lie")
        done = host.fix("--enter-maintenance")
        self.assertEqual((done["exit_code"], set(results(done))), (2, {"planned"}))
        self.assertIn("enter-maintenance", stops(done))

    def test_nothing_to_do_needs_no_gate(self):
        host = self.host("ready-9.0", "bootbank=missing")
        done = host.fix()
        self.assertEqual((done["exit_code"], done["errors"]), (0, []))
        self.assertNotIn("maintenanceMode", host.calls())


class Undo(TestCase):
    def test_there_and_back(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE", "kernel.atsSupport.runtime=FALSE",
                     "hca.6.next=1", "hca.6.current=1")
        before = host.path(MAP).read_bytes()
        fixed = host.fix()
        self.assertEqual(fixed["exit_code"], 4)
        undone = host.undo()
        self.assertEqual((undone["exit_code"], set(results(undone))), (0, {"undone"}), undone["errors"])
        self.assertEqual(len(results(undone, "hca-ats")), 7)
        self.assertEqual(host.path(MAP).read_bytes(), before)
        self.assertEqual(host.get("kernel.atsSupport.configured"), "FALSE")
        self.assertEqual([host.get(f"hca.{n}.next") for n in range(8)], ["0"] * 6 + ["1", "0"])
        redone = host.undo()
        self.assertEqual((redone["exit_code"], set(results(redone))), (4, {"undone"}))
        self.assertEqual(host.report()["exit_code"], 4)
        self.assertEqual(host.undo(fixed["run"])["exit_code"], 0)

    def test_after_the_reboot(self):
        host = ready(self)
        run_id = host.fix()["run"]
        host.reboot()
        self.assertEqual(host.report()["exit_code"], 0)
        undone = host.undo(run_id)
        self.assertEqual((undone["exit_code"], undone["reboot"]["required"], undone["reboot"]["kind"]), (4, True, "full"))
        host.reboot()
        report = host.report()
        self.assertEqual(set(states(report, "hca-ats").values()) | set(states(report, "gpu-reset").values()), {"fail"})

    def test_an_undo_that_stopped_half_way_goes_on(self):
        host = ready(self, "stock-9.0")
        host.fix()
        host.set("hca.3.error=set-rejected")
        done = host.undo()
        self.assertEqual((done["exit_code"], results(done, "hca-ats").count("failed")), (2, 1))
        host.set("hca.3.error=")
        self.assertEqual((host.undo()["exit_code"], host.get("hca.3.next")), (0, "0"))
        self.assertEqual([host.get(f"hca.{n}.next") for n in range(8)], ["0"] * 8)

    def test_a_state_dir_of_two_hosts(self):
        one, other = ready(self), ready(self, "ready-9.0", "host.uuid=11111111-2222-3333-4444-555555555555")
        shared = f"{self.folder}/shared"
        os.mkdir(shared)
        one.fix("--state-dir", shared)
        self.assertEqual((other.undo("--state-dir", shared)["changes"], other.get("hca.0.next")), ([], "1"))
        other.set("hca.0.next=0")
        done = other.fix("--state-dir", shared)
        self.assertEqual((stops(done), writes(other)), (["state-dir"], []))

    def test_what_outlived_a_boot_is_not_recovered(self):
        host = ready(self, "ready-9.0", "kernel.atsSupport.configured=FALSE", "kernel.atsSupport.runtime=FALSE")
        host.fix()
        ledger = host.path("scratch/hostprep/ledger")  # as if the run had been killed before it read back
        ledger.write_text("".join(line for line in ledger.read_text().splitlines(True)
                                  if '"result"' not in line and '"end"' not in line))
        host.reboot()
        host.set("fault.auto-backup=exit:1", "maintenance=0")
        self.assertEqual((host.fix()["exit_code"], host.get("kernel.atsSupport.configured")), (0, "TRUE"))
        self.assertIn('"complete":false', ledger.read_text())

    def test_undo_of_a_run_that_is_not_there_touches_nothing(self):
        host = ready(self)
        host.fix()
        ledger = host.path("scratch/hostprep/ledger")
        ledger.write_text("".join(line for line in ledger.read_text().splitlines(True) if '"end"' not in line))
        before = ledger.read_text(), writes(host)
        self.assertEqual(host.run("undo", "nosuchrun").returncode, 64)
        self.assertEqual((ledger.read_text(), writes(host)), before)

    def test_reboot_status_after_an_undo_of_two_models(self):
        host = ready(self, "stock-9.0", "gpu.0.device=2335")
        with open(host.path(MAP), "r+b") as f:
            f.truncate()
            f.write(b"10de 2330 bridge false\n10de 2335 link false\n")
        self.assertEqual(host.fix("--only", "gpu-reset")["exit_code"], 4)
        host.reboot()
        host.undo()
        self.assertEqual(host.run("reboot-status").returncode, 4)

    def test_reboot_status_after_an_undo(self):
        host = ready(self)
        host.fix()
        host.reboot()
        self.assertEqual(host.undo()["exit_code"], 4)
        status = host.report(command="reboot-status")
        self.assertEqual((status["exit_code"], status["reboot"]["kind"], len(status["reboot"]["reasons"])), (4, "full", 16))
        self.assertEqual(host.report()["exit_code"], 2)
        self.assertTrue(host.path("var/run/hostprep/reboot-required").exists())

    def test_conflicts_are_left_alone(self):
        host = ready(self, "stock-9.0", "kernel.atsSupport.configured=FALSE")
        host.fix()
        host.set("hca.1.next=0")  # somebody has taken it back: nothing to do
        text = host.path(MAP).read_bytes().replace(b"10de ffff flr", b"10de ffff d3d0")
        host.path(MAP).write_bytes(text)
        undone = host.undo()
        self.assertEqual((undone["exit_code"], stops(undone)), (2, ["conflict"]))
        self.assertEqual(host.path(MAP).read_bytes(), text)
        self.assertEqual(results(undone, "hca-ats"), ["undone"] * 7)
        self.assertEqual(host.get("kernel.atsSupport.configured"), "FALSE")

    def test_nothing_to_undo(self):
        host = ready(self)
        done = host.undo()
        self.assertEqual((done["exit_code"], done["changes"]), (0, []))
        self.assertEqual(host.run("undo", "20200101T000000Z-0000").returncode, 64)

    def test_other_edits_stay(self):
        host = ready(self)
        host.fix()
        text = b"# somebody's own line\n" + host.path(MAP).read_bytes()
        with open(host.path(MAP), "r+b") as f:
            f.write(text)
        self.assertEqual(host.undo()["exit_code"], 0)
        self.assertEqual(host.path(MAP).read_bytes(), text.replace(b"10de ffff flr", b"10de ffff bridge"))


class Records(TestCase):
    def test_audit_ledger_and_report(self):
        host = ready(self, "one-hca-off")
        done = host.fix()
        log = host.path("var/log/syslog.log").read_text()
        self.assertIn(f"hostprep: run {done['run']}: 0000:bc:00.0 ATS_ENABLED: 0 -> 1", log)
        lines = [json.loads(line) for line in host.path("scratch/hostprep/ledger").read_text().splitlines()]
        self.assertEqual([line["event"] for line in lines], ["begin", "set", "answer", "result", "end"])
        kept = json.loads(host.path(f"scratch/hostprep/{done['run']}.report.json").read_text())
        self.assertEqual(kept, done)

    def test_ledger_that_was_cut_or_garbled(self):
        for damage in (b'{"run":"2026', b"\0\xff\xfe garbage\n", b"{}\n[]\n\n1\n", b'{"run":"x","event":"set"}\n'):
            host = ready(self, "one-hca-off", name=f"l{len(os.listdir(self.folder))}")
            host.path("scratch/hostprep/ledger").write_bytes(damage)
            self.assertEqual(host.fix()["exit_code"], 4, damage)
            self.assertEqual(host.undo()["exit_code"], 0, damage)

    def test_ledger_stays_small(self):
        host = ready(self, "stock-9.0")
        host.fix("--only", "gpu-reset")
        ledger = host.path("scratch/hostprep/ledger")
        one = ledger.read_text()
        first = json.loads(one.splitlines()[0])["run"]
        host.path(f"scratch/hostprep/{first}.passthru.map").write_text("x")
        ledger.write_text("".join(one.replace(first, f"20260101T{n:06d}Z-0000") for n in range(300)))
        self.assertGreater(ledger.stat().st_size, 200000)
        host.fix("--only", "hca-ats")
        self.assertLess(ledger.stat().st_size, 120000)
        self.assertEqual(set(results(host.undo())), {"undone"})

    def test_replay_of_a_plan(self):
        host = ready(self)
        capture = f"{self.folder}/x.cap"
        plan = host.fix("--dry-run", "--record", capture)
        replayed = run("fix", "--dry-run", "--replay", capture, "--format", "json")
        self.assertEqual(json.loads(replayed.stdout)["plan"], plan["plan"])
        self.assertEqual(run("fix", "--replay", capture).returncode, 64)

    def test_not_effective_is_replayed_too(self):
        host = ready(self)
        host.fix()
        host.reboot("--quick")
        capture = f"{self.folder}/x.cap"
        self.assertEqual(host.run("check", "--record", capture).returncode, 2)
        replayed = json.loads(run("check", "--replay", capture, "--format", "json").stdout)
        self.assertIn("not effective after reboot", finding(replayed, "hca-ats", HCAS[0])["text"])

    def test_dry_run_changes_nothing(self):
        host = ready(self)
        def files():
            return sorted(str(p) for p in pathlib.Path(host.root).rglob("*") if not re.search("var/run|esxsim/calls", str(p)))
        before = files()
        host.fix("--dry-run")
        self.assertEqual(files(), before)
        self.assertEqual(writes(host), [])


if __name__ == "__main__":
    hosts.main(__doc__)
