#!/usr/bin/env python3
"""install_test.py HOSTPREP ESXSIM VIBPACK: the package that scripts/build leaves in out/vib, on simulated hosts: install, check
through the namespace, upgrade, remove; with esxcli and as a component. And two builds of it are the same bytes."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

import hosts
from hosts import TestCase

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
VIBPACK = ""
NAME = "hostprep"


def package():
    """The paths of the .vib and the bundle in out/vib, and their version."""
    vibs, bundles = list((TOP / "out/vib").glob("hostprep-*.vib")), list((TOP / "out/vib").glob("hostprep-*.zip"))
    assert len(vibs) == 1 and len(bundles) == 1, (vibs, bundles)
    version = vibs[0].name.removeprefix("hostprep-").removesuffix(".vib")
    assert bundles[0].name == f"hostprep-{version}-offline-bundle.zip"
    return vibs[0], bundles[0], version


def vibpack(*arguments):
    return subprocess.run([VIBPACK, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout


class EsxHost(hosts.Host):
    def esxcli(self, *arguments, code=0, tool="bin/esxcli"):
        done = subprocess.run([self.path(tool), *map(str, arguments)], stdout=subprocess.PIPE, check=False, text=True,
                              timeout=120)
        assert done.returncode == code, (arguments, done.returncode, done.stdout)
        return done.stdout

    def restart_hostd(self):
        self.esxcli("restart", tool="etc/init.d/hostd")

    def files(self):
        """Every file and folder but state: what an installation adds and a removal takes away."""
        found = set()
        for path in sorted(pathlib.Path(self.root).rglob("*")):
            name = str(path.relative_to(self.root))
            if not name.startswith((".esxsim", "var/", "scratch/", "vmfs/")):
                found.add(name)
        return found

    def said(self, output):
        """An Installation Result as a dict."""
        lines = output.splitlines()
        return dict(map(str.strip, line.split(":", 1)) for line in lines[1:])


class Installed(TestCase):
    def setUp(self):
        super().setUp()
        self.vib, self.bundle, self.version = package()
        self.id = f"hostprep_bootbank_hostprep_{self.version}"

    def esx(self, scenario="stock-9.0", *settings):
        host = EsxHost(f"{self.folder}/{scenario}", scenario, *settings)
        host.esxcli("software", "acceptance", "set", "--level=CommunitySupported")
        return host

    def newer(self):
        """The next release of the package: one file more, another release number."""
        payload = pathlib.Path(self.folder) / "payload"
        unpacked = pathlib.Path(self.folder) / "ar"
        unpacked.mkdir()
        subprocess.run(["ar", "x", self.vib], cwd=unpacked, check=True)
        with tarfile.open(unpacked / NAME) as tar:
            tar.extractall(payload)
        (payload / "opt/hostprep/share/new.txt").write_text("new\n")
        recipe = (TOP / "vib/descriptor.yaml").read_text()
        release = self.version.split("-")[0]
        assert f"version: {release}-1\n" in recipe
        newer = pathlib.Path(self.folder) / "newer.yaml"
        newer.write_text(recipe.replace(f"version: {release}-1\n", f"version: {release}-2\n"))
        vib, bundle = f"{self.folder}/newer.vib", f"{self.folder}/newer.zip"
        vibpack("build", "--descriptor", newer, "--payload", payload, "-o", vib)
        vibpack("bundle", "--vib", vib, "--component", TOP / "vib/component.yaml", "-o", bundle)
        version = next(line.split("_")[-1] for line in vibpack("list", vib).splitlines() if line.startswith("VIB"))
        return vib, bundle, version

    def check_namespace(self, host, exit_code):
        """The namespace works, live and from the last report, and asks no hostd."""
        before = host.calls()
        live = json.loads(host.esxcli("hostprep", "report", "run"))
        self.assertEqual((live["schema"], live["command"], live["exit_code"]), ("hostprep.host", "check", exit_code))
        self.assertNotIn("esxcli system", host.calls().removeprefix(before))
        again = json.loads(host.esxcli("hostprep", "report", "get"))
        self.assertGreaterEqual(again.pop("age_s"), 0)
        self.assertEqual(again, live)
        table = host.esxcli("hostprep", "finding", "list").splitlines()
        self.assertEqual(len(table), 2 + len(live["findings"]))
        self.assertEqual(table[0].split(), ["Check", "Subject", "State", "Severity", "Now", "Next", "Want", "Text"])
        self.assertIn("   Required: ", host.esxcli("hostprep", "reboot", "get"))
        self.assertIn(f"   Version: {self.version.split('-')[0]}\n", host.esxcli("hostprep", "version", "get"))

    def test_life_with_esxcli(self):
        host = self.esx()
        before = host.files()
        said = host.said(host.esxcli("software", "vib", "install", "-v", self.vib))
        self.assertEqual((said["VIBs Installed"], said["Reboot Required"]), (self.id, "false"))
        self.assertEqual(host.get("maintenance"), "0")  # nobody asked for it
        row = next(line.split() for line in host.esxcli("software", "vib", "list").splitlines() if NAME in line)
        self.assertEqual(row[:4], [NAME, self.version, NAME, "CommunitySupported"])
        self.assertEqual(os.stat(host.path("opt/hostprep/bin/hostprep")).st_mode & 0o7777, 0o755)

        host.esxcli("hostprep", "version", "get", code=1)  # hostd has not read it yet
        host.restart_hostd()
        self.check_namespace(host, 2)

        host.set("maintenance=1")
        self.assertEqual(host.fix()["exit_code"], 4)
        ledger = host.path("scratch/hostprep/ledger").read_bytes()

        vib, _, version = self.newer()
        said = host.said(host.esxcli("software", "vib", "update", "-v", vib))
        self.assertEqual((said["VIBs Installed"], said["VIBs Removed"], said["Reboot Required"]),
                         (f"hostprep_bootbank_hostprep_{version}", self.id, "false"))
        self.assertTrue(host.path("opt/hostprep/share/new.txt").exists())
        self.assertEqual(host.path("scratch/hostprep/ledger").read_bytes(), ledger)
        self.assertTrue(host.path("var/run/hostprep/reboot-required").exists())

        host.reboot()
        self.assertTrue(host.path("opt/hostprep/bin/hostprep").exists())  # a VIB's file comes back at boot
        self.check_namespace(host, 0)

        said = host.said(host.esxcli("software", "vib", "remove", "-n", NAME))
        self.assertEqual(said["Reboot Required"], "false")
        self.assertEqual(host.files(), before)
        self.assertEqual(host.path("scratch/hostprep/ledger").read_bytes()[:len(ledger)], ledger)
        host.restart_hostd()
        host.esxcli("hostprep", "version", "get", code=1)
        host.reboot()
        self.assertEqual(host.files(), before)

    def test_life_as_a_component(self):
        for scenario in ("ready-9.0", "ready-8.0.3"):
            host = self.esx(scenario)
            before = host.files()
            said = host.said(host.esxcli("software", "component", "apply", "-d", self.bundle))
            self.assertEqual((said["Components Installed"], said["Reboot Required"]),
                             (f"hostprep_{self.version}", "false"))
            host.restart_hostd()
            self.check_namespace(host, 0)
            _, bundle, version = self.newer()
            said = host.said(host.esxcli("software", "component", "apply", "-d", bundle))
            self.assertEqual((said["Components Installed"], said["Components Removed"]),
                             (f"hostprep_{version}", f"hostprep_{self.version}"))
            said = host.said(host.esxcli("software", "component", "apply", "-d", self.bundle))
            self.assertEqual((said["Components Installed"], said["Components Skipped"]), ("", f"hostprep_{self.version}"))
            said = host.said(host.esxcli("software", "component", "remove", "-n", NAME))
            self.assertEqual(said["Reboot Required"], "false")
            self.assertEqual(host.files(), before)
            shutil.rmtree(f"{self.folder}/ar")

    def test_what_a_host_refuses(self):
        host = EsxHost(f"{self.folder}/partner", "ready-9.0")
        before = host.files()
        said = host.esxcli("software", "vib", "install", "-v", self.vib, code=1)
        self.assertIn(f"VIB {self.id}'s acceptance level is community", said)
        host.set("secureboot=1")
        host.esxcli("software", "acceptance", "set", "--level=CommunitySupported", code=1)
        self.assertEqual(host.files(), before)

    def test_the_next_boot_brings_it_where_no_live_install_is_wanted(self):
        host = self.esx("ready-9.0")
        said = host.said(host.esxcli("software", "vib", "install", "--no-live-install", "-v", self.vib))
        self.assertEqual(said["Reboot Required"], "true")
        self.assertFalse(host.path("opt/hostprep").exists())
        host.reboot()
        self.check_namespace(host, 0)

    def test_sites_policy_from_a_vib_of_its_own(self):
        host = self.esx("four-gpu")
        host.esxcli("software", "vib", "install", "-v", self.vib)
        payload = pathlib.Path(self.folder) / "site"
        (payload / "opt/hostprep/etc").mkdir(parents=True)
        (payload / "opt/hostprep/etc/policy.yaml").write_text("name: lab\nexpect: {gpus: 8}\n")
        recipe = pathlib.Path(self.folder) / "site.yaml"
        recipe.write_text("name: lab-policy\nvendor: lab\nversion: 1.0.0-1\nsummary: s\ndescription: d\n")
        vibpack("build", "--descriptor", recipe, "--payload", payload, "-o", f"{self.folder}/site.vib")
        host.esxcli("software", "vib", "install", "-v", f"{self.folder}/site.vib")
        host.restart_hostd()
        live = json.loads(host.esxcli("hostprep", "report", "run"))
        self.assertEqual((live["policy"]["name"], live["exit_code"]), ("lab", 2))
        host.esxcli("software", "vib", "remove", "-n", "lab-policy")
        self.assertEqual(json.loads(host.esxcli("hostprep", "report", "run"))["exit_code"], 0)


class Package(TestCase):
    def test_size_and_files(self):
        vib, bundle, _ = package()
        self.assertLessEqual(vib.stat().st_size, 1.6 * 2**20)
        listed = vibpack("list", vib)
        for file in ("opt/hostprep/bin/hostprep", "opt/hostprep/share/policy.yaml", "opt/hostprep/share/doc/LICENSE",
                     "etc/vmware/firewall/hostprep.xml", "usr/lib/vmware/esxcli/ext/esxcli-hostprep.xml"):
            self.assertIn(f"  {file}\n", listed)
        self.assertNotIn("  1", [line[:3] for line in listed.splitlines() if line.startswith("  ")])  # nothing sticky
        vibpack("verify", bundle)
        vibpack("verify", vib, "--packaged", bundle)
        packed = subprocess.run(["ar", "p", vib, NAME], check=True, stdout=subprocess.PIPE).stdout
        with open(f"{self.folder}/payload", "wb") as file:
            file.write(packed)
        with tarfile.open(f"{self.folder}/payload") as tar:
            shipped = tar.extractfile("opt/hostprep/bin/hostprep").read()
        self.assertEqual(shipped, pathlib.Path(hosts.HOSTPREP).read_bytes())

    def test_a_build_elsewhere_gives_the_same_bytes(self):
        vib, bundle, _ = package()
        other = pathlib.Path(self.folder) / "another folder"
        for part in ("vib", "scripts", "agent", "out/bin", "LICENSE"):
            source, target = TOP / part, other / part
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        subprocess.run([other / "scripts/package"], check=True, umask=0o077)
        for path in (vib, bundle):
            self.assertEqual((other / "out/vib" / path.name).read_bytes(), path.read_bytes())


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    VIBPACK = os.path.abspath(sys.argv.pop(3))
    hosts.main(__doc__)
