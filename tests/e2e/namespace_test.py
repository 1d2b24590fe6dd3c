#!/usr/bin/env python3
"""namespace_test.py HOSTPREP ESXSIM: the esxcli namespace that the VIB installs. The lines of its extension file are run as
they stand there, but for the path of the program and --root, and what they print is held against their output-specs."""
import json
import os
import pathlib
import pty
import re
import shlex
import subprocess
import xml.etree.ElementTree as ElementTree

import hosts
from hosts import TestCase, run

PAYLOAD = pathlib.Path(__file__).resolve().parent.parent.parent / "vib/payload"
NS = "{http://www.vmware.com/Products/ESX/5.0/esxcli/}"
PROGRAM = "/opt/hostprep/bin/hostprep"
HOSTILE = b"]]></string>&amp;<![CDATA[\"'\x01\x1b[2J\xef\xbf\xbe\xc3\xa4"
NO_UTF8 = HOSTILE + b"\xff\xed\xa0\x80\xc0\xbc"
SCENARIOS = ["stock-9.0", "stock-8.0.3", "ready-9.0", "ready-8.0.3", "set-not-rebooted", "regressing", "one-hca-off",
             "no-nmst", "recovery-mode", "h200", "four-gpu", "uplink-hca", "passthru-hcas", "hostd-down"]


def plain(element):
    """Without namespaces: (tag, attributes, text, children)."""
    text = element.text or ""
    assert element.tag.startswith(NS), element.tag
    return (element.tag.removeprefix(NS), element.attrib, text if not len(element) else text.strip(),
            [plain(child) for child in element])


class Extension:
    def __init__(self):
        plugin = ElementTree.parse(PAYLOAD / "usr/lib/vmware/esxcli/ext/esxcli-hostprep.xml").getroot()
        self.root = plugin
        self.namespaces = [n.get("path") for n in plugin.findall(f"{NS}namespaces/{NS}namespace")]
        self.commands = {c.get("path"): c for c in plugin.findall(f"{NS}commands/{NS}command")}

    def argv(self, command):
        return shlex.split(self.commands[command].findtext(f"{NS}execute"))


EXTENSION = Extension()


def fits(spec, value):
    """The value is of the form that the spec gives; returns it as str, dict or list of dicts."""
    tag, attributes, text, children = value
    wanted_tag, wanted_attributes, _, wanted_children = spec
    assert (tag, attributes) == (wanted_tag, wanted_attributes), (value, spec)
    if tag == "string":
        assert not children
        return text
    if tag == "list":
        assert len(wanted_children) == 1 and not text
        return [fits(wanted_children[0], child) for child in children]
    assert tag == "structure" and not text
    names = [child[1]["name"] for child in wanted_children]
    assert [child[1]["name"] for child in children] == names, (children, names)
    return {name: fits(want[3][0], got[3][0]) for name, want, got in zip(names, wanted_children, children)}


def said(command, document):
    """What a document holds, checked against the command's output-spec."""
    assert document.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n') and document.endswith(b"\n")
    output = plain(ElementTree.fromstring(document))
    spec = plain(EXTENSION.commands[command].find(f"{NS}output-spec"))
    assert output[:3] == ("output", {}, "") and len(output[3]) == len(spec[3]) == 1
    value = fits(spec[3][0], output[3][0])
    return json.loads(value) if isinstance(value, str) else value


def ask(command, root, *more, **options):
    """The command's line on a host's tree: exit 0, nothing but the document, nothing on standard error."""
    program, *words = EXTENSION.argv(command)
    assert program == PROGRAM
    done = run(*words, "--root", str(root), *more, **options)
    assert (done.returncode, done.stderr) == (0, b""), (command, done)
    return said(command, done.stdout)


def without_evidence(document):
    return [{key: value for key, value in f.items() if key != "evidence"} for f in document["findings"]]


def tools(host):
    return {line.split()[3] for line in host.calls().splitlines()}


class Files(TestCase):
    def test_extension(self):
        self.assertEqual(EXTENSION.namespaces, ["hostprep", "hostprep.report", "hostprep.finding", "hostprep.reboot",
                                                "hostprep.version"])
        self.assertEqual(list(EXTENSION.commands), ["hostprep.report.get", "hostprep.report.run", "hostprep.finding.list",
                                                    "hostprep.reboot.get", "hostprep.version.get"])
        for path, command in EXTENSION.commands.items():
            with self.subTest(path):
                self.assertIn(path.rpartition(".")[0], EXTENSION.namespaces)
                self.assertEqual(plain(command.find(f"{NS}input-spec")), ("input-spec", {}, "", []))
                self.assertGreater(len(command.findtext(f"{NS}description")), 20)
                line = command.findtext(f"{NS}execute")
                self.assertRegex(line, r"^/opt/hostprep/bin/hostprep [a-z -]+$")  # no parameter, no shell, no blank around
                self.assertNotRegex(line, r"\b(fix|undo)\b")
                self.assertIn(command.findtext(f"{NS}format-parameters/{NS}formatter"), ("simple", "table"))
        for namespace in EXTENSION.root.iter(f"{NS}namespace"):
            self.assertTrue(namespace.findtext(f"{NS}description"))

    def test_formatters_show_fields_that_there_are(self):
        shown = 0
        for command in EXTENSION.commands.values():
            fields = {s.get("typeName"): [f.get("name") for f in s] for s in command.iter(f"{NS}structure")}
            for parameter in command.iter(f"{NS}format-parameter"):
                kind, _, type_name = parameter.get("name").partition(":")
                self.assertEqual(kind, "fields")
                self.assertLessEqual(set(parameter.text.split(",")), set(fields[type_name]))
                shown += 1
        self.assertEqual(shown, 1)

    def test_firewall(self):
        service = ElementTree.parse(PAYLOAD / "etc/vmware/firewall/hostprep.xml").getroot().find("service")
        self.assertEqual([service.findtext(name) for name in ("id", "enabled", "required")], ["hostprep", "false", "false"])
        rules = [[rule.get("id"), *(child.text for child in rule)] for rule in service.findall("rule")]
        self.assertEqual(rules, [["0000", "outbound", "tcp", "dst", "443"], ["0001", "outbound", "tcp", "dst", "8443"]])


class Commands(TestCase):
    def test_every_scenario(self):
        """Through localcli the findings are those through esxcli, and the string is the document."""
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                host = self.host(scenario)
                host.path(".esxsim/calls").unlink(missing_ok=True)
                copy = self.folder + "/copy.json"
                report = ask("hostprep.report.run", host.root, "--output", "json:" + copy)
                self.assertEqual(report, json.loads(pathlib.Path(copy).read_text(encoding="utf-8")))
                reboot = ask("hostprep.reboot.get", host.root)
                self.assertIn("localcli", tools(host))
                self.assertNotIn("esxcli", tools(host))
                self.assertNotIn("vim-cmd", tools(host))

                last = ask("hostprep.report.get", host.root)
                self.assertGreaterEqual(last.pop("age_s"), 0)
                self.assertEqual(last, report)
                self.rows_are(ask("hostprep.finding.list", host.root), report)

                through_esxcli = host.report()
                self.assertEqual(without_evidence(report), without_evidence(through_esxcli))
                for key in ("verdict", "exit_code", "reboot", "summary", "errors"):
                    self.assertEqual(report[key], through_esxcli[key])
                self.assertEqual({**report["host"], "boot": None}, {**through_esxcli["host"], "boot": None})
                status = host.report(command="reboot-status")
                required = {True: "true", False: "false", None: "unknown"}[status["reboot"]["required"]]
                self.assertEqual((reboot["Required"], reboot["Kind"]), (required, status["reboot"]["kind"]))
                self.assertEqual((reboot["Verdict"], reboot["ExitCode"]), (status["verdict"], str(status["exit_code"])))
                self.assertEqual(len(reboot["Reasons"].splitlines()), len(status["reboot"]["reasons"]))
                self.assertEqual(reboot["Since"], status["reboot_since"] or "")
                self.assertEqual(reboot["Errors"], "")

    def rows_are(self, rows, report):
        wanted = report["findings"]
        self.assertEqual(len(rows), len(wanted))
        for row, finding in zip(rows, wanted):
            for key in ("check", "subject", "state", "severity", "now", "next", "want", "text"):
                self.assertEqual(row[key.capitalize()], (finding[key] or "").replace("\ufffe", "\ufffd"))
            for text in (finding["remedy"]["text"], finding["remedy"]["command"]):
                self.assertIn(text or "", row["Remedy"])
            self.assertEqual((row["Verdict"], row["ExitCode"], row["Finished"]),
                             (report["verdict"], str(report["exit_code"]), report["finished"]))

    def test_version(self):
        host = self.host("ready-9.0")
        version = ask("hostprep.version.get", host.root)
        document = json.loads(run("version", "--format", "json").stdout)
        self.assertEqual([version[key] for key in ("Version", "Commit", "ReportSchema", "Policy", "PolicySha256", "Libraries")],
                         [document[key] or "" for key in ("version", "commit", "host_schema_version", "policy",
                                                          "policy_sha256", "libraries")])
        self.assertEqual((version["ExitCode"], version["Errors"]), ("0", ""))
        self.assertEqual(host.calls(), "")

    def test_no_report_yet(self):
        root = self.host("ready-9.0").root
        report = ask("hostprep.report.get", root)
        self.assertEqual((report["verdict"], report["exit_code"]), ("error", 1))
        self.assertIn("hostprep report run", report["errors"][0]["text"])
        rows = ask("hostprep.finding.list", root)
        self.assertEqual([[r[k] for k in ("Check", "Subject", "State", "ExitCode")] for r in rows],
                         [["report", "host", "unknown", "1"]])
        self.assertIn("hostprep report run", rows[0]["Text"])

    def test_last_report_of_another_version(self):
        host = self.host("one-hca-off")
        ask("hostprep.report.run", host.root)
        file = host.path("var/run/hostprep/last-report.json")
        report = json.loads(file.read_text(encoding="utf-8"))
        newer = {**report, "schema_version": "7.1.0", "new": [{"a": {}}]}
        newer["findings"] = [{**f, "state": "exempted", "new": 1.5, "text": "\x01\ufffe<]]>"} for f in report["findings"]]
        file.write_text(json.dumps(newer), encoding="utf-8")
        self.assertEqual(ask("hostprep.report.get", host.root)["new"], [{"a": {}}])
        rows = ask("hostprep.finding.list", host.root)
        self.assertEqual({(row["State"], row["Text"]) for row in rows}, {("exempted", "\ufffd\ufffd<]]>")})
        file.write_text('{"exit_code": 2, "findings": [{"id": "hca-ats"}, 7]}', encoding="utf-8")
        rows = ask("hostprep.finding.list", host.root)
        self.assertEqual([(row["Check"], row["ExitCode"]) for row in rows], [("", "2"), ("", "2")])
        file.write_text('{"exit_code": 2}', encoding="utf-8")
        self.assertEqual(ask("hostprep.report.get", host.root)["exit_code"], 2)
        self.assertEqual([row["State"] for row in ask("hostprep.finding.list", host.root)], ["unknown"])
        file.write_text("{", encoding="utf-8")
        self.assertEqual(ask("hostprep.report.get", host.root)["exit_code"], 1)
        self.assertIn("cannot be read", ask("hostprep.finding.list", host.root)[0]["Text"])

    def test_hostile_values(self):
        """Names that would end an element, bytes that XML cannot carry: from the host, its files and its policy."""
        host = self.host("uplink-hca", b"host.name=" + HOSTILE, b"host.model=" + HOSTILE, b"hca.8.uplink=" + HOSTILE)
        policy = host.path("opt/hostprep/etc/policy.yaml")
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_bytes(b"name: \"]]></string>&amp;\\x01\\x1b\\u0085\\ufffe<\"\n")
        with open(host.path("etc/vmware/passthru.map"), "ab") as file:
            file.write(b"10de 2330 " + NO_UTF8 + b"\n")
        report = ask("hostprep.report.run", host.root)
        self.assertIn("]]></string>&amp;<![CDATA[\"'", report["host"]["model"])
        self.assertIn("]]></string>&amp;", report["policy"]["name"])
        rows = ask("hostprep.finding.list", host.root)
        self.rows_are(rows, json.loads(host.run("report", "--format", "json").stdout))
        self.assertTrue([row for row in rows if "]]></string>&amp;" in row["Text"]])
        ask("hostprep.reboot.get", host.root)
        self.assertIn("]]></string>&amp;", ask("hostprep.version.get", host.root)["Policy"])
        host.set(b"host.model=" + NO_UTF8, b"hca.8.uplink=" + NO_UTF8)  # as esxcli prints them: no UTF-8
        for output_format, command in (("esxcli", "hostprep.report.run"), ("esxcli-list", "hostprep.finding.list")):
            done = host.run("check", "--format", output_format)
            self.assertIn("]]></string>&amp;", json.dumps(said(command, done.stdout)))

    def test_errors(self):
        host = self.host("ready-9.0")
        policy = host.path("opt/hostprep/etc/policy.yaml")
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text("\"]]><&\": 1\n", encoding="utf-8")
        report = ask("hostprep.report.run", host.root)
        self.assertEqual((report["exit_code"], report["errors"][0]["where"]), (78, "policy"))
        version = ask("hostprep.version.get", host.root)
        self.assertEqual(version["ExitCode"], "78")
        self.assertIn("]]><&", version["Errors"])
        self.assertTrue(version["Version"])
        reboot = ask("hostprep.reboot.get", host.root)
        self.assertEqual((reboot["Required"], reboot["ExitCode"]), ("unknown", "78"))
        self.assertIn("]]><&", reboot["Errors"])
        done = host.run("check", "--format", "esxcli-list")
        rows = said("hostprep.finding.list", done.stdout)
        self.assertEqual([(r["Check"], r["State"], r["Verdict"], r["ExitCode"]) for r in rows],
                         [("policy", "unknown", "error", "78")])

    def test_no_esx_host(self):
        for command in ("hostprep.report.run", "hostprep.reboot.get"):
            _, *words = EXTENSION.argv(command)
            done = run(*words)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn("no ESX host", json.dumps(said(command, done.stdout)))

    def test_out_of_memory(self):
        """More and more address space: whatever is printed is a document, and some say that memory ran out. (Of the static
        program: what loads libraries says things of its own.)"""
        host = self.host("ready-9.0")
        host.report()
        for command in EXTENSION.commands:
            with self.subTest(command):
                _, *words = EXTENSION.argv(command)
                started = out_of_memory = 0
                for kib in range(2048, 1 << 17, 40):
                    done = self.limited(words, host.root, kib)
                    if done is None:
                        continue  # too little even to start
                    self.assertEqual((done.returncode, done.stderr), (0, b""), kib)
                    out_of_memory += "out of memory" in json.dumps(said(command, done.stdout))
                    started += 1
                    if started == 40:
                        break
                self.assertGreater(out_of_memory, 0)

    def limited(self, words, root, kib):
        shell = f"ulimit -v {kib}; exec \"$@\""
        done = subprocess.run(["bash", "-c", shell, "bash", hosts.HOSTPREP, *words, "--root", root], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120)
        return None if done.returncode < 0 or done.returncode in (126, 127) else done


class Formats(TestCase):
    def test_output_files(self):
        host = self.host("stock-9.0")
        paths = {f: f"{self.folder}/{f}" for f in ("esxcli", "esxcli-list", "json")}
        done = host.run("check", *(word for f, p in paths.items() for word in ("--output", f"{f}:{p}")))
        self.assertEqual(done.returncode, 2)  # text on standard output: its own exit code
        files = {f: pathlib.Path(p).read_bytes() for f, p in paths.items()}
        document = json.loads(files["json"])
        self.assertEqual(said("hostprep.report.get", files["esxcli"]), document)
        Commands.rows_are(self, said("hostprep.finding.list", files["esxcli-list"]), document)

    def test_a_file_that_cannot_be_written(self):
        done = self.host("ready-9.0").run("check", "--format", "esxcli", "--output", f"json:{self.folder}/no/where")
        self.assertEqual((done.returncode, said("hostprep.report.run", done.stdout)["exit_code"]), (0, 1))

    def test_fix_and_undo(self):
        host = self.host("stock-9.0", "maintenance=1")
        host.path("scratch/hostprep").mkdir(parents=True, exist_ok=True)
        for command, code in ((["fix", "--dry-run"], 2), (["fix"], 4), (["undo"], 0)):
            done = host.run(*command, "--format", "esxcli")
            document = said("hostprep.report.run", done.stdout)
            self.assertEqual((done.returncode, document["command"]), (0, command[0]))
            self.assertEqual(document["exit_code"], code, command)
            self.assertEqual(len(document["changes"]), 16)
        host.set("maintenance=0")
        done = host.run("fix", "--format", "esxcli-list")
        rows = said("hostprep.finding.list", done.stdout)
        self.assertEqual((done.returncode, rows[0]["Check"], rows[0]["ExitCode"]), (0, "maintenance-mode", "2"))

    def test_list_and_explain(self):
        done = run("list", "--format", "esxcli")
        self.assertEqual(said("hostprep.report.get", done.stdout), json.loads(run("list", "--format", "json").stdout))
        done = run("explain", "hca-ats", "--format", "esxcli")
        self.assertEqual(said("hostprep.report.get", done.stdout)["checks"][0]["id"], "hca-ats")

    def test_usage_errors_print_nothing(self):
        host = self.host("ready-9.0")
        for words in (["check", "--format", "esxcli", "--only", "none"], ["check", "--format", "esxcli-lis"],
                      ["list", "--format", "esxcli-list"], ["fix", "--localcli"], ["report", "--localcli"],
                      ["explain", "nothing", "--format", "esxcli"]):
            done = run(*words) if words[0] in ("list", "explain") else host.run(*words)
            self.assertEqual((done.returncode, done.stdout), (64, b""), words)
            self.assertTrue(done.stderr)
        done = run("check", "--format", "esxcli", "--root", f"{self.folder}/nowhere")
        self.assertEqual((done.returncode, done.stdout), (64, b""))

    def test_nobody_takes_it(self):
        host = self.host("ready-9.0")
        for command in EXTENSION.commands:
            _, *words = EXTENSION.argv(command)
            with open("/dev/full", "wb") as full:
                done = run(*words, "--root", host.root, stdout=full)
            self.assertEqual(done.returncode, 1, command)
            self.assertIn(b"standard output", done.stderr)


    def test_no_progress(self):
        """On a terminal too, after the second from which on it would be drawn."""
        host = self.host("ready-9.0", "mst.latency_ms=1500")
        terminal, stderr = pty.openpty()
        done = host.run("check", "--format", "esxcli", stderr=stderr)
        self.assertEqual(said("hostprep.report.run", done.stdout)["exit_code"], 0)
        os.set_blocking(terminal, False)
        self.assertRaises(BlockingIOError, os.read, terminal, 1)
        os.close(terminal)
        os.close(stderr)


class Localcli(TestCase):
    def test_without_localcli(self):
        """What localcli does not tell is unknown; esxcli, which would tell it, is not asked."""
        for fault in ("not-found", "exit:1", "garbage"):
            with self.subTest(fault):
                host = self.host("ready-9.0", f"fault.localcli={fault}", name=re.sub(r"\W", "_", fault))
                report = ask("hostprep.report.run", host.root)
                self.assertEqual((report["verdict"], report["exit_code"]), ("unknown", 3))
                unknown = [f for f in report["findings"] if f["state"] == "unknown"]
                self.assertTrue([f for f in unknown if "/bin/localcli" in f["text"]])
                self.assertNotIn("hostd running", json.dumps(report))
                self.assertFalse([f for f in report["findings"] if f["state"] == "pass" and f["check"].startswith("kernel")])
                self.assertNotIn("esxcli", tools(host))
                self.assertEqual(ask("hostprep.reboot.get", host.root)["Required"], "unknown")

    def test_one_list_that_localcli_does_not_have(self):
        host = self.host("ready-9.0", "fault.localcli.system.settings.kernel.list=exit:1")
        report = ask("hostprep.report.run", host.root)
        self.assertEqual({f["check"] for f in report["findings"] if f["state"] == "unknown"},
                         {"kernel-acs-check", "kernel-acs-dtp2p", "kernel-ats-denylist", "kernel-ats-support", "kernel-iommu"})

    def test_idle_asks_localcli_for_vms(self):
        host = self.host("ready-9.0", "vms=1")
        policy = host.path("opt/hostprep/etc/policy.yaml")
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text("mft_query: idle\n", encoding="utf-8")
        self.assertIn("mft_query", json.dumps(ask("hostprep.report.run", host.root)))
        self.assertIn("localcli vm process list", host.calls())
        self.assertNotIn("mlxconfig", tools(host))
        host.set("vms=0")
        self.assertEqual(ask("hostprep.report.run", host.root)["exit_code"], 0)
        self.assertNotIn("esxcli", tools(host))

    def test_captures(self):
        host = self.host("one-hca-off")
        local, usual = f"{self.folder}/local.cap", f"{self.folder}/usual.cap"
        self.assertEqual(host.run("capture", "--localcli", "--record", local).returncode, 0)
        self.assertNotIn("esxcli", tools(host))
        self.assertNotIn("run bin/esxcli", pathlib.Path(local).read_text(encoding="utf-8"))
        host.run("capture", "--record", usual)
        wanted = without_evidence(host.report())
        for words in (["--replay", local, "--localcli"], ["--replay", local], ["--replay", usual]):
            document = json.loads(run("check", "--format", "json", *words).stdout)
            self.assertEqual(without_evidence(document), wanted, words)
        done = run("check", "--format", "json", "--replay", usual, "--localcli")
        self.assertEqual(done.returncode, 3)  # what MFT says was recorded; what localcli says was not
        states = {f["check"]: f["state"] for f in json.loads(done.stdout)["findings"]}
        self.assertEqual((states["kernel-iommu"], states["gpu-reset"]), ("unknown", "unknown"))


if __name__ == "__main__":
    hosts.main(__doc__)
