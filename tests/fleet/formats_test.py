#!/usr/bin/env python3
"""What hostprep-report makes of a fleet document, read by parsers of others: formats_test.py HOSTPREP_REPORT"""
import copy
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

import maker
import schemas

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
HOSTILE = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "a,b\"c\nd", "\x01\x1b[31mred\x07", "]]>&<x y=\"z\">", "\ufffe\uffff\u202e", "x" * 3000)


def tweaked(document, seed):
    """The same fleet with what hosts could say to hurt somebody."""
    document = copy.deepcopy(document)
    n = seed
    for row in document["hosts"]:
        if row["report"] is None:
            row["stderr"] = HOSTILE[n % len(HOSTILE)][:2000]
            n += 1
            continue
        for f in row["report"]["findings"]:
            f["text"] = HOSTILE[n % len(HOSTILE)]
            f["now"] = HOSTILE[(n + 1) % len(HOSTILE)] if f["now"] else None
            f["remedy"]["command"] = HOSTILE[(n + 2) % len(HOSTILE)] if f["remedy"]["command"] else None
            n += 1
    return document


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.place.name)
        cls.fleet = maker.fleet(40, 22, "formats", lost=0.2)
        cls.hostile = tweaked(cls.fleet, 0)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def run_program(self, document, *words, code=None):
        path = self.folder / "in.json"
        path.write_text(json.dumps(document))
        done = subprocess.run([PROGRAM, words[0], path, *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, document["exit_code"] if code is None else code, done.stderr)
        return done.stdout

    def test_csv(self):
        for document in (self.fleet, self.hostile):
            out = self.run_program(document, "csv")
            self.assertTrue(out.endswith(b"\r\n"))
            lines = list(csv.DictReader(io.StringIO(out.decode(), newline="")))
            want = sum(len(row["report"]["findings"]) if row["report"] else 1 for row in document["hosts"])
            self.assertEqual(len(lines), want)
            for line in lines:
                for cell in line.values():
                    self.assertNotRegex(cell, r"^ *[=+\-@\t\r]")
                    self.assertNotRegex(cell, r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
        plain = list(csv.DictReader(io.StringIO(self.run_program(self.fleet, "csv").decode(), newline="")))
        told = [(l["host"], l["check"], l["subject"], l["state"], l["now"], l["want"]) for l in plain]
        for row in self.fleet["hosts"]:
            for f in row["report"]["findings"] if row["report"] else ():
                self.assertIn((row["name"], f["check"], f["subject"], f["state"], f["now"] or "", f["want"] or ""), told)

    def test_junit(self):
        for document in (self.fleet, self.hostile):
            root = xml.fromstring(self.run_program(document, "junit"))
            suites = root.findall("testsuite")
            self.assertEqual([s.get("name") for s in suites], [row["name"] for row in document["hosts"]])
            for counted in [root, *suites]:
                cases = counted.findall(".//testcase")
                self.assertEqual(int(counted.get("tests")), len(cases))
                for kind, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                    self.assertEqual(int(counted.get(kind)), sum(c.find(element) is not None for c in cases))
            for suite, row in zip(suites, document["hosts"]):
                if row["report"] is None:
                    self.assertEqual(suite.find("testcase/error").get("type"), row["state"])
                    continue
                bad = [f for f in row["report"]["findings"] if f["state"] in ("fail", "regressing", "pending-reboot")]
                self.assertEqual(int(suite.get("failures")), len([f for f in bad if f["severity"] != "info"]))

    SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.]+)')

    def test_prometheus(self):
        for document in (self.fleet, self.hostile):
            seen, names, typed = set(), [], set()
            for line in self.run_program(document, "prometheus").decode().splitlines():
                if line.startswith("#"):
                    word, name = line.split()[1:3]
                    self.assertIn(word, ("HELP", "TYPE"))
                    typed.add((word, name))
                    continue
                sample = self.SAMPLE.fullmatch(line)
                self.assertTrue(sample, line)
                self.assertNotIn((sample[1], sample[2]), seen)
                seen.add((sample[1], sample[2]))
                if not names or names[-1] != sample[1]:
                    names.append(sample[1])
            self.assertEqual(len(names), len(set(names)), "samples of a metric stand together")
            for name in names:
                self.assertTrue({("HELP", name), ("TYPE", name)} <= typed)
        text = self.run_program(self.fleet, "prometheus").decode()
        row = next(r for r in self.fleet["hosts"] if r["report"])
        self.assertIn(f'hostprep_checks{{host="{row["name"]}",state="pass"}} {row["report"]["summary"]["pass"]}\n', text)

    def test_a_file_is_replaced_in_one_step(self):
        path = self.folder / "hostprep.prom"
        path.write_text("before")
        self.run_program(self.fleet, "prometheus", "-o", path)
        self.assertIn("hostprep_hosts", path.read_text())
        path.write_text("before")
        (self.folder / "cut.json").write_text(json.dumps(self.fleet)[:5000])
        done = subprocess.run([PROGRAM, "prometheus", self.folder / "cut.json", "-o", path], stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, path.read_text()), (1, "before"))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir() if "prom" in p.name), ["hostprep.prom"])

    def test_summary(self):
        text = self.run_program(self.fleet, "summary").decode()
        self.assertTrue(text.startswith("NON-COMPLIANT"))
        for row in self.fleet["hosts"]:
            if row["report"] is None:
                self.assertIn(row["state"], text)
        failing = [r["name"] for r in self.fleet["hosts"] if r["report"] and any(
            f["check"] == "gpu-reset" and f["state"] in ("fail", "regressing") for f in r["report"]["findings"])]
        self.assertRegex(text, rf"FAIL gpu-reset: GPU reset method \(blocker\), {len(failing)} hosts?")
        whole = self.run_program(self.fleet, "summary", "--verbose").decode()
        for name in failing:
            self.assertIn(name, whole)
        hostile = self.run_program(self.hostile, "summary", "--verbose")
        self.assertNotRegex(hostile, rb"[\x00-\x09\x0b-\x1f\x7f-\xff]")
        self.assertNotIn(b"\x1b", self.run_program(self.fleet, "summary", "--color", "never"))
        self.assertIn(b"\x1b[31mFAIL\x1b[0m", self.run_program(self.fleet, "summary", "--color", "always"))
        for line in text.splitlines():
            self.assertTrue(len(line) <= 80 or line.startswith("        "), line)

    def test_the_bios_is_mended_with_its_option(self):
        text = json.dumps(self.fleet).replace('"kernel-iommu"', '"bios-iommu"')
        self.assertRegex(self.run_program(json.loads(text), "summary").decode(), r"fix --nodes \S+ --only bios-iommu --bios\n")
        self.assertRegex(self.run_program(self.fleet, "summary").decode(), r"fix --nodes \S+ --only kernel-iommu\n")

    def diff(self, old, new, *words):
        for name, document in (("old", old), ("new", new)):
            (self.folder / f"{name}.json").write_text(json.dumps(document))
        done = subprocess.run([PROGRAM, "diff", self.folder / "old.json", self.folder / "new.json", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, new["exit_code"], done.stderr)
        return done.stdout

    @staticmethod
    def change(row, check, state, now, **more):
        """One finding of a host is otherwise; the report still agrees with itself."""
        report = row["report"]
        f = next(f for f in report["findings"] if f["check"] == check)
        report["summary"][f["state"]] -= 1
        report["summary"][state] += 1
        f.update({"state": state, "now": now, "next": now, **more})
        if not f["evidence"]:
            f["evidence"] = [{"source": "/bin/x", "excerpt": "", "truncated": False}]
        report.update({"verdict": "non-compliant", "exit_code": 2})

    def test_diff(self):
        calm = maker.fleet(8, 0, "diff", lost=0)
        rows = calm["hosts"]
        for row in rows:
            for check, good in (("kernel-acs-check", "FALSE"), ("kernel-ats-support", "TRUE"), ("kernel-iommu", "FALSE")):
                self.change(row, check, "pass", good)
        calm.update({"exit_code": 2, "verdict": "non-compliant"})
        old, new = copy.deepcopy(calm), copy.deepcopy(calm)
        a, b, c, d, e, f, g, h = range(8)
        self.change(new["hosts"][a], "kernel-acs-check", "fail", "TRUE")
        self.change(old["hosts"][b], "kernel-ats-support", "fail", "FALSE")
        for side in (old, new):
            self.change(side["hosts"][c], "kernel-iommu", "fail", "TRUE")
        self.change(new["hosts"][d], "kernel-iommu", "unknown", None)
        self.change(new["hosts"][e], "kernel-iommu", "fail", "FALSE", want="TRUE")
        new["hosts"][e]["report"]["policy"]["sha256"] = "1" * 64
        names = [row["name"] for row in rows]
        new["hosts"][f]["name"] = new["hosts"][f]["report"]["host"]["name"] = "renamed.example.com"
        gone = new["hosts"].pop(h)["name"]
        added = maker.fleet(9, 0, "diff", lost=0)["hosts"][-1]
        new["hosts"].append(added)
        lost = new["hosts"][g]
        lost.update({"state": "refused", "reason": "no", "report": None, "sha256": None})
        for side in (old, new):
            side["hosts"].sort(key=lambda row: row["name"])
            side["counts"] = {s: sum(r["state"] == s for r in side["hosts"]) for s in side["counts"]}
        found = json.loads(self.diff(old, new, "--format", "json"))
        self.assertEqual(schemas.problems(found), [])
        of = lambda key: [(i["host"], i["check"], i["from"], i["to"]) for i in found[key]]
        self.assertEqual(of("newly_failing"), [(names[a], "kernel-acs-check", "pass", "fail")])
        self.assertEqual(of("fixed"), [(names[b], "kernel-ats-support", "fail", "pass")])
        self.assertIn((names[c], "kernel-iommu", "fail", "fail"), of("still_failing"))
        self.assertEqual(of("newly_unknown"), [(names[d], "kernel-iommu", "pass", "unknown")])
        self.assertEqual([(i["host"], i["check"]) for i in found["policy"]["findings"]], [(names[e], "kernel-iommu")])
        self.assertEqual(found["policy"]["changes"], [{"from": maker.POLICY, "to": "1" * 64, "hosts": [names[e]]}])
        self.assertEqual(found["hosts"], {"added": [added["name"]], "gone": [gone], "not_scanned": [names[g]], "back": [],
                                          "renamed": [{"from": names[f], "to": "renamed.example.com"}]})
        text = self.diff(old, new).decode()
        for part in ("Newly failing", "Fixed", "Hosts gone", gone, "Renamed", "Policy changed"):
            self.assertIn(part, text)
        same = json.loads(self.diff(old, old, "--format", "json"))
        self.assertEqual([same[k] for k in ("newly_failing", "fixed", "newly_unknown", "other")], [[], [], [], []])

    def test_odd_ones_out(self):
        document = maker.fleet(10, 0, "odd", lost=0)
        for row in document["hosts"]:
            row["report"]["host"]["esx"].update({"version": "9.0.0", "build": "1"})
        document["hosts"][3]["report"]["host"]["esx"]["build"] = "2"
        (self.folder / "odd").mkdir(exist_ok=True)
        for row in document["hosts"]:
            (self.folder / f"odd/{row['name']}.json").write_text(json.dumps(row["report"]))
        done = subprocess.run([PROGRAM, "merge", self.folder / "odd"], stdout=subprocess.PIPE, check=False)
        found = [o for o in json.loads(done.stdout)["odd"] if o["check"] == "host.esx"]
        self.assertEqual(found, [{"group": None, "check": "host.esx", "usual": "9.0.0 build 1", "usual_hosts": 9,
                                  "odd": [{"value": "9.0.0 build 2", "hosts": [document["hosts"][3]["name"]]}]}])

    def test_a_page_has_room_for_so_much_evidence(self):
        document = copy.deepcopy(self.fleet)
        for n, row in enumerate(document["hosts"]):
            for k, f in enumerate(row["report"]["findings"] if row["report"] else ()):
                f["evidence"] = [{"source": f"/bin/{i}", "excerpt": f"{n} {k} {i} ".ljust(512, "x"), "truncated": False}
                                 for i in range(3)]
        grown = {**document, "hosts": []}
        for copies in range(40): # what 1,600 hosts say, each something else
            for row in document["hosts"]:
                row = json.loads(json.dumps(row).replace('"excerpt": "', f'"excerpt": "{copies} '))
                for f in row["report"]["findings"] if row["report"] else ():
                    for e in f["evidence"]:
                        e["excerpt"] = e["excerpt"][:512]
                grown["hosts"].append({**row, "name": f"{copies:02}-{row['name']}"})
        grown["expected"] = 40 * document["expected"]
        grown["counts"] = {s: n * 40 for s, n in document["counts"].items()}
        self.run_program(grown, "html", "-o", self.folder / "big.html")
        self.assertLess((self.folder / "big.html").stat().st_size, 11e6)

    def test_what_is_no_fleet_document(self):
        good = json.dumps(self.fleet)
        rows = good.index('"hosts"')
        for text, said in (("", "empty"), ("{}", "schema"), ("[]", "does not begin"), (good[:-1], "does not end"),
                           (good[:rows + 3000], "within its rows"), (good + "x", "after it"),
                           (good.replace('"1.0.0"', '"2.0.0"', 1), "2.0.0"), (json.dumps({**self.fleet, "expected": "x"}), "expected"),
                           (json.dumps({**self.fleet, "exit_code": 0}), "contradicts"),
                           (json.dumps({**self.fleet, "hosts": self.fleet["hosts"][1:]}), "contradicts"),
                           (good.replace('"state": "ok"', '"state": "fine"', 1), "row 1")):
            (self.folder / "bad.json").write_text(text)
            for command in (["summary"], ["html", "-o", self.folder / "bad.html"]):
                done = subprocess.run([PROGRAM, command[0], self.folder / "bad.json", *command[1:]], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1, text[:60])
                self.assertIn(said, done.stderr.decode())
            self.assertFalse((self.folder / "bad.html").exists())
        for form in (json.dumps(self.fleet, indent=3, sort_keys=True), json.dumps(self.fleet, ensure_ascii=False)):
            (self.folder / "other.json").write_text(form)
            self.assertEqual(subprocess.run([PROGRAM, "summary", self.folder / "other.json"], stdout=subprocess.PIPE,
                                            check=False).stdout, self.run_program(self.fleet, "summary"))


if __name__ == "__main__":
    unittest.main()
