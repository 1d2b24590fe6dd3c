#!/usr/bin/env python3
"""Thousands of documents, a third of them damaged, each in the one row that it belongs in: merge_test.py HOSTPREP_REPORT"""
import copy
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import maker
import schemas

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()


def merge(folder, *words, text=None, hosts=None):
    """(document, exit code, stderr)."""
    if hosts is not None:
        (folder / "expected").write_text("".join(f"{name}\n" for name in hosts))
        words = ("--hosts", folder / "expected", *words)
    done = subprocess.run([PROGRAM, "merge", *words], cwd=folder, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=300)
    return (json.loads(done.stdout) if done.stdout else None), done.returncode, done.stderr.decode()


def rows(document):
    return {row["name"]: row for row in document["hosts"]}


def reports(count, seed="m", checks=0):
    return {name: document for name, _, document in maker.hosts(count, checks, seed)}


def dump(document, indent=2):
    return (json.dumps(document, indent=indent) + "\n").encode()


class Case(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        (self.folder / "in").mkdir()

    def tearDown(self):
        self.place.cleanup()

    def put(self, name, data):
        path = self.folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


def later(document, seconds=3600):
    """The same host, an hour on."""
    newer = copy.deepcopy(document)
    newer["finished"] = "2026-11-27T" + newer["finished"][11:] if seconds else newer["finished"]
    return newer


class Damage(Case):
    """2,000 documents in one folder."""

    KINDS = ("cut", "empty", "garbled", "foreign", "major", "wrong-host", "twin", "contradicts", "not-utf8", "banner",
             "trailing", "array", "reboot-status", "deep")

    def damaged(self, kind, name, document, other):
        """Bytes, and what the row says."""
        whole = dump(document)
        if kind == "cut":
            return whole[:len(whole) * 2 // 3], "bad-output", "cut"
        if kind == "empty":
            return b"", "bad-output", "empty"
        if kind == "garbled":
            middle = len(whole) // 2
            return whole[:middle] + b"\x00\x01}{" + whole[middle:], "bad-output", ""
        if kind == "foreign":
            return dump({"schema": "goss", "result": "ok"}), "bad-output", "schema"
        if kind == "major":
            return dump({**document, "schema_version": "2.0.0"}), "bad-output", "2.0.0"
        if kind == "wrong-host":
            return dump({**document, "host": {**document["host"], "name": other}}), "bad-output", other
        if kind == "contradicts":
            return dump({**document, "verdict": "compliant", "exit_code": 0}), "bad-output", "contradicts"
        if kind == "not-utf8":
            return whole.replace(b"built-in", b"built\xff\xfein", 1), "bad-output", "UTF-8"
        if kind == "banner":
            return b"*** authorized use only ***\n" + whole, "bad-output", "authorized"
        if kind == "trailing":
            return whole + b"Segmentation fault\n", None, ""
        if kind == "array":
            return b"[1, 2, 3]\n", "bad-output", ""
        if kind == "reboot-status":
            return dump({**document, "command": "reboot-status"}), "bad-output", "reboot-status"
        if kind == "deep":
            return b'{"extra":' + b"[" * 500 + b"]" * 500 + b"}", "bad-output", "nested"
        raise ValueError(kind)

    def test_two_thousand(self):
        everyone = reports(2000, "damage")
        everyone = {name: {**d, "verdict": "non-compliant", "exit_code": 2} if d["exit_code"] == 2 else d
                    for name, d in everyone.items()}
        names, rng, want = list(everyone), random.Random(7), {}
        for i, (name, document) in enumerate(everyone.items()):
            kind = self.KINDS[i // 3 % len(self.KINDS)] if i % 3 == 0 else None
            if kind == "contradicts" and document["exit_code"] == 0:
                kind = "cut"
            if kind is None:
                self.put(f"{name}.json", dump(document, rng.choice((None, 2))))
                want[name] = ("ok", "")
            elif kind == "twin": # another name's host, older
                other = names[i + 1]
                self.put(f"{name}.json", dump({**document, "host": {**document["host"], "uuid": everyone[other]["host"]["uuid"]},
                                               "finished": "2020-01-01T00:00:00Z"}))
                want[name] = ("duplicate", other)
            else:
                data, state, said = self.damaged(kind, name, document, names[i - 1])
                self.put(f"{name}.json", data)
                want[name] = (state or "bad-output", said)
        missing = [f"missing{i}.example.com" for i in range(25)]
        document, code, _ = merge(self.folder, "in", hosts=names + missing)
        found = rows(document)
        self.assertEqual(len(document["hosts"]), len(found))
        self.assertEqual(set(found), set(names) | set(missing))
        for name, (state, said) in want.items():
            row = found[name]
            self.assertEqual(row["state"], state, (name, row["reason"]))
            self.assertIn(said, row["reason"] or "", name)
            self.assertEqual(row["report"] is not None, state in ("ok", "duplicate"))
            if state == "ok":
                self.assertEqual(row["report"], everyone[name])
        for name in missing:
            self.assertEqual((found[name]["state"], found[name]["attempts"]), ("unreachable", 0))
        self.assertEqual(document["expected"], 2025)
        self.assertEqual(sum(document["counts"].values()), 2025)
        self.assertEqual(code, 2)
        document["hosts"] = document["hosts"][::40]
        self.assertEqual(schemas.problems(document), [])


class Rows(Case):
    def test_newest_of_a_name_and_the_rest_is_told(self):
        (name, document), = reports(1).items()
        self.put(f"a/{name}.json", dump(document))
        self.put(f"b/{name}.json", dump(later(document)))
        self.put(f"c/{name}.json", b"{")
        merged, _, stderr = merge(self.folder, "in")
        self.assertEqual(len(merged["hosts"]), 1)
        self.assertEqual(merged["hosts"][0]["report"]["finished"], later(document)["finished"])
        self.assertEqual(len(merged["errors"]), 2)
        self.assertIn("another report", stderr)

    def test_one_uuid_under_two_names(self):
        (name, document), = reports(1).items()
        self.put("old.example.com.json", dump(document))
        self.put("new.example.com.json", dump(later(document)))
        merged, code, _ = merge(self.folder, "in")
        found = rows(merged)
        self.assertEqual((found["new.example.com"]["state"], found["old.example.com"]["state"]), ("ok", "duplicate"))
        self.assertIn("new.example.com", found["old.example.com"]["reason"])
        self.assertIn(code, (2, 3))
        for uuid in (None, "00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-FFFF-FFFF-FFFFFFFFFFFF"): # says nothing
            for took, each in enumerate(("old", "new")):
                self.put(f"{each}.example.com.json", dump({**document, "duration_ms": took, "host": {**document["host"], "uuid": uuid}}))
            self.assertEqual(merge(self.folder, "in")[0]["counts"]["ok"], 2)
            self.put("old.example.com.json", (self.folder / "in/new.example.com.json").read_bytes())
            merged = rows(merge(self.folder, "in")[0]) # one answer for every name
            self.assertEqual(sorted(row["state"] for row in merged.values()), ["duplicate", "ok"])

    def test_wrong_host_only_where_both_are_expected(self):
        everyone = reports(2)
        (a, document), (b, other) = everyone.items()
        self.put("10.0.0.1.json", dump(document))
        self.put(f"{b}.json", dump(other))
        self.assertEqual(merge(self.folder, "in")[0]["counts"]["ok"], 2)
        self.assertEqual(merge(self.folder, "in", hosts=["10.0.0.1", b])[0]["counts"]["ok"], 2) # an address
        self.put(f"{b}.json", dump({**other, "host": {**other["host"], "name": a.upper()}}))
        (self.folder / "in/10.0.0.1.json").unlink()
        found = rows(merge(self.folder, "in", hosts=[a, b])[0])
        self.assertEqual((found[a]["state"], found[b]["state"]), ("unreachable", "bad-output"))
        self.assertIn("another host", found[b]["reason"])
        self.put(f"{b}.json", dump({**other, "host": {**other["host"], "name": b.split(".")[0]}}))
        self.assertEqual(rows(merge(self.folder, "in", hosts=[a, b])[0])[b]["state"], "ok") # its short name

    STATES = {"compliant": ("pass", 0), "non-compliant": ("fail", 2), "unknown": ("unknown", 3), "reboot-pending": ("pending-reboot", 4)}

    def report_that(self, verdict, name, findings=True):
        """A report with one finding, which makes this verdict."""
        (_, base), = reports(1).items()
        state, code = self.STATES[verdict]
        found = [dict(next(f for f in base["findings"] if f["check"] == "hca-ats"), state=state)] if findings else []
        pending = verdict == "reboot-pending"
        return {**base, "findings": found, "verdict": verdict, "exit_code": code, "host": {**base["host"], "uuid": None, "name": name},
                "summary": {k: int(findings and k == state) for k in base["summary"]},
                "reboot": {"required": pending, "kind": "any" if pending else "none",
                           "reasons": [{"check": "hca-ats", "subject": "host", "text": "x"}] if pending else []}}

    def merged(self, *documents, hosts=None):
        for path in (self.folder / "in").iterdir():
            path.unlink()
        for document in documents:
            self.put(f"{document['host']['name']}.json", dump(document))
        return merge(self.folder, "in", hosts=hosts)

    def test_exit_codes(self):
        for verdicts, want in ((("compliant", "compliant"), 0), (("compliant", "reboot-pending"), 4),
                               (("reboot-pending", "unknown"), 3), (("compliant", "unknown", "non-compliant"), 2)):
            names = [f"h{n}" for n in range(len(verdicts))]
            documents = [self.report_that(v, n) for v, n in zip(verdicts, names)]
            document, code, _ = self.merged(*documents)
            self.assertEqual((code, document["exit_code"]), (want, want))
            self.assertEqual(self.merged(*documents, hosts=names + ["gone"])[1], 2 if want == 2 else 3)
        self.assertEqual(self.merged()[1], 3) # nothing is no pass
        failed = {**self.report_that("unknown", "h", False), "verdict": "error", "exit_code": 1,
                  "errors": [{"where": "host", "text": "no ESX"}]}
        document, code, _ = self.merged(failed)
        self.assertEqual((code, document["hosts"][0]["state"]), (3, "ok"))

    def test_a_pass_without_a_finding_is_none(self):
        for verdict in ("compliant", "reboot-pending"):
            document, code, _ = self.merged(self.report_that(verdict, "a", False), self.report_that("compliant", "b"))
            self.assertEqual(code, 3, verdict)
            self.assertIn("no finding", rows(document)["a"]["reason"])
            out = {}
            (self.folder / "f.json").write_text(json.dumps(document))
            for command in ("summary", "junit", "prometheus"):
                done = subprocess.run([PROGRAM, command, self.folder / "f.json"], stdout=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 3, command)
                out[command] = done.stdout.decode()
            self.assertIn("NO VERDICT", out["summary"])
            self.assertIn('errors="1"', out["junit"])
            self.assertIn('hostprep_host_exit_code{host="a"} 3', out["prometheus"])
        self.assertEqual(self.merged(self.report_that("non-compliant", "a", False))[1], 2) # no pass to be taken back

    def test_a_fleet_may_not_claim_more_than_its_rows(self):
        document, _, _ = self.merged(self.report_that("non-compliant", "a"), self.report_that("compliant", "b"))
        for code, verdict in ((0, "compliant"), (4, "reboot-pending"), (3, "unknown")):
            (self.folder / "f.json").write_text(json.dumps({**document, "exit_code": code, "verdict": verdict}))
            for words in (["summary"], ["csv"], ["html", "-o", self.folder / "p.html"]):
                done = subprocess.run([PROGRAM, words[0], self.folder / "f.json", *words[1:]], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1, words)
                self.assertIn(b"contradicts itself", done.stderr)
            self.assertFalse((self.folder / "p.html").exists())

    def test_equal_input_gives_equal_bytes(self):
        for name, document in reports(20).items():
            self.put(f"{name}.json", dump(document))
        first, second = (subprocess.run([PROGRAM, "merge", "in"], cwd=self.folder, stdout=subprocess.PIPE, check=False).stdout
                         for _ in range(2))
        self.assertEqual(first, second)

    def test_usage_and_trouble(self):
        for text, line in (("a\nb c\n", 2), ("-oProxyCommand=x\n", 1), ("ok\nesx[01-04]\n", 2), ("a;b\n", 1), ("ü\n", 1)):
            (self.folder / "bad.txt").write_text(text)
            _, code, stderr = merge(self.folder, "--hosts", "bad.txt", "in")
            self.assertEqual(code, 64, text)
            self.assertIn(f"bad.txt line {line}", stderr)
        for words, said in ((("nowhere",), "nowhere"), (("--hosts", "nowhere", "in"), "nowhere"),
                            (("--baseline", "nowhere", "in"), "nowhere"), (("-o", "no/such/folder", "in"), "no/such")):
            document, code, stderr = merge(self.folder, *words)
            self.assertEqual((document, code), (None, 1), words)
            self.assertIn(said, stderr)
        (self.folder / "kept.json").write_text("before")
        self.assertEqual(merge(self.folder, "--baseline", "nowhere", "-o", "kept.json", "in")[1], 1)
        self.assertEqual((self.folder / "kept.json").read_text(), "before")

    def test_groups_and_a_name_twice(self):
        (self.folder / "h.txt").write_bytes(b"\xef\xbb\xbf[cl01]\r\nesx01\r\nesx02\r\n# all\r\n[gpu]\r\nesx01\r\n[]\r\nesx02\r\nesx03\r\n\r\n")
        document, _, stderr = merge(self.folder, "--hosts", "h.txt", "in")
        self.assertEqual({r["name"]: r["groups"] for r in document["hosts"]},
                         {"esx01": ["cl01", "gpu"], "esx02": ["cl01"], "esx03": []})
        self.assertIn("1 names", stderr)


class Engines(Case):
    """What engines leave: each form leads to the same rows."""

    def setUp(self):
        super().setUp()
        self.reports = reports(6)
        self.names = list(self.reports)

    def check(self, *words, text=None, hosts=True):
        document, _, stderr = merge(self.folder, *(words or ("in",)), text=text, hosts=self.names if hosts else None)
        found = rows(document)
        self.assertEqual({n: (r["state"], r["reason"]) for n, r in found.items()},
                         {n: ("ok", None) for n in self.names}, stderr)
        for name in self.names:
            self.assertEqual(found[name]["report"], self.reports[name])
        self.assertEqual(document["errors"], [])

    def test_file_for_each_host_without_suffix(self): # clush --outdir, dshbak -d
        for name in self.names:
            self.put(name, dump(self.reports[name]))
            self.put(f"{name}.err", b"noise\n")
        self.check()

    def test_parallel_results(self):
        for name in self.names:
            self.put(f"1/{name}/stdout", dump(self.reports[name]))
            self.put(f"1/{name}/stderr", b"noise\n")
            self.put(f"1/{name}/seq", b"1")
        self.check()

    def test_prefixed_lines(self): # pdsh, parallel --tag: lines of hosts between each other
        for between in (": ", "\t"):
            lines = [[f"{name}{between}{line}" for line in dump(self.reports[name]).decode().splitlines()]
                     for name in self.names]
            mixed = []
            while any(lines):
                for each in lines:
                    mixed += [each.pop(0)] if each else []
            self.put("all.txt", "\n".join(mixed).encode() + b"\n")
            self.check("in/all.txt")

    def test_ndjson_and_gzip_and_standard_input(self):
        lines = b"".join(dump(self.reports[name], None) for name in self.names)
        self.put("all.ndjson", lines)
        self.check()
        self.put("all.ndjson", b"")
        (self.folder / "in/all.ndjson").unlink()
        half = len(lines) // 2
        self.put("all.ndjson.gz", gzip.compress(lines[:half]) + gzip.compress(lines[half:]) + bytes(512))
        self.check()
        self.check("-", text=lines)
        self.check("-", text=gzip.compress(lines))
        self.check("-", text=b"[" + b",".join(lines.splitlines()) + b"]")
        self.check("-", text=b"".join(dump(self.reports[name]) for name in self.names))

    def test_windows_powershell(self):
        for i, name in enumerate(self.names):
            text = dump(self.reports[name]).decode().replace("\n", "\r\n")
            self.put(f"{name}.json", (b"\xff\xfe" + text.encode("utf-16-le"), b"\xfe\xff" + text.encode("utf-16-be"),
                                      b"\xef\xbb\xbf" + text.encode())[i % 3])
        self.check()

    def test_a_full_disk(self):
        """Nothing is left there, and what to do is said."""
        for name in self.names:
            self.put(f"{name}.json", dump(self.reports[name]))
        line = f"mkdir small && mount -t tmpfs -o size=16k none small && {PROGRAM} merge in -o small/f.json; code=$?; ls -A small; exit $code"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", line], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        if b"unshare" in done.stderr or b"mount:" in done.stderr:
            self.skipTest(done.stderr.decode())
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"No space left on device", done.stderr)
        self.assertIn(b"TMPDIR", done.stderr)

    def test_large_documents(self):
        """Of several megabytes, as files, in a stream and through a pipe; what is too large is told."""
        texts = {name: dump(d, None).rstrip(b"}\n") + b',"more":"' for name, d in self.reports.items()}
        sizes = dict(zip(self.names, (3 << 20, 5 << 20, 15 << 20, 17 << 20)))
        large = {name: text + b"x" * sizes.get(name, 0) + b'"}\n' for name, text in texts.items()}
        for way in ("files", "stream", "pipe"):
            for path in (self.folder / "in").glob("*"):
                path.unlink()
            if way == "files":
                for name, text in large.items():
                    self.put(f"{name}.json", text)
            elif way == "stream":
                self.put("all.ndjson", b"".join(large.values()))
            document, code, _ = merge(self.folder, *(("-",) if way == "pipe" else ("in",)), hosts=self.names,
                                      text=b"".join(large.values()) if way == "pipe" else None)
            found = rows(document)
            for name in self.names:
                want = "ok" if sizes.get(name, 0) < 16 << 20 else "bad-output"
                self.assertEqual(found[name]["state"], want, (way, name))
            told = [r for r in document["hosts"] if "larger than 16 MiB" in (r["reason"] or "")]
            self.assertEqual(len(told), 1, way)
            self.assertIn(code, (2, 3))
        name = self.names[1]
        self.put(f"{name}.json", large[name][:4 << 20]) # cut
        self.assertEqual(rows(merge(self.folder, "in", hosts=[name])[0])[name]["state"], "bad-output")

    def test_gzip_of_each(self):
        for name in self.names:
            self.put(f"{name}.json.gz", gzip.compress(dump(self.reports[name])))
        self.check()

    def test_fleet_documents(self):
        for i, name in enumerate(self.names):
            self.put(f"{'ab'[i % 2]}/{name}.json", dump(self.reports[name]))
        for half in "ab":
            merge(self.folder, f"in/{half}", "-o", f"{half}.json")
        self.check("a.json", "b.json", hosts=False)
        self.check("a.json", "b.json")
        self.put(f"a/again/{self.names[0]}.json", dump(self.reports[self.names[0]]))
        merge(self.folder, "in/a", "-o", "a.json")
        document = merge(self.folder, "a.json", "b.json")[0]
        self.assertEqual(len(document["errors"]), 1) # what the first merge has told is told again

    def test_its_own_output_in_the_folder_is_passed_over(self):
        for name in self.names:
            self.put(f"{name}.json", dump(self.reports[name]))
        for _ in range(2):
            merge(self.folder, "in", "-o", "in/fleet.json")
        document = json.loads((self.folder / "in/fleet.json").read_text())
        self.assertEqual((len(document["hosts"]), document["errors"]), (6, []))

    def test_cut_in_the_middle_of_a_stream(self):
        """A report that is cut takes nothing with it, and is not lost itself."""
        for indent in (None, 2):
            whole = [dump(self.reports[name], indent) for name in self.names]
            whole[2] = whole[2][:len(whole[2]) // 2] + b"\n"
            document, _, _ = merge(self.folder, "-", text=b"".join(whole), hosts=self.names)
            found = rows(document)
            self.assertEqual([found[n]["state"] for n in self.names], ["ok", "ok", "bad-output", "ok", "ok", "ok"])
            self.assertIn("cut", found[self.names[2]]["reason"])

    def test_nobodys_document_has_a_row(self):
        self.put("all.ndjson", dump(self.reports[self.names[0]], None) + b'{"schema":"hostprep.host","sch\n')
        document, code, _ = merge(self.folder, "in")
        self.assertEqual([r["state"] for r in document["hosts"]], ["bad-output", "ok"])
        self.assertEqual(document["hosts"][0]["name"], "all.ndjson:2")
        self.assertIn(code, (2, 3))

    def test_damaged_packing(self):
        name = self.names[0]
        packed = gzip.compress(dump(self.reports[name]))
        for data in (packed[:-20], packed[:40], packed[:100] + b"\xff\xff\xff" + packed[103:], packed + b"trailing"):
            self.put(f"{name}.json.gz", data)
            self.assertEqual(merge(self.folder, "in")[0]["hosts"][0]["state"], "bad-output")
        (self.folder / f"in/{name}.json.gz").unlink()
        self.put(f"{name}.json", b"\xff\xfe" + dump(self.reports[name]).decode().encode("utf-16-le")[:-1])
        self.assertEqual(merge(self.folder, "in")[0]["hosts"][0]["state"], "bad-output")

    def test_bombs(self):
        """Little that unpacks to much is told, and takes no memory."""
        self.put("a.json.gz", gzip.compress(b" " * (64 << 20)))
        self.put("b.json.gz", gzip.compress(b'{"schema": "' + b"x" * (64 << 20)))
        self.put("c.json.gz", gzip.compress(b"x" * (64 << 20)))
        document, _, _ = merge(self.folder, "in")
        self.assertEqual({r["state"] for r in document["hosts"]}, {"bad-output"})
        self.assertTrue({"a", "b", "c"} <= {r["name"].split(":")[0].split(".")[0] for r in document["hosts"]})


class ScanFolder(Case):
    def setUp(self):
        super().setUp()
        self.reports = reports(4)
        self.names = list(self.reports)
        self.scan = self.folder / "scan"
        (self.scan / "reports").mkdir(parents=True)
        self.head = {"schema": "hostprep.scan", "schema_version": "1.0.0", "scan_id": "0b7e1f8e-7a8f-4d3c-9c6f-2a4f5f0c9a11",
                     "command": "check", "started": "2026-11-26T01:02:03Z", "finished": "2026-11-26T01:03:03Z",
                     "engine": {"name": "hostprep-fleet", "version": "0.1.0", "transport": "ssh", "fanout": 8, "timeout_s": 60},
                     "policy_sha256": None, "apply": False}
        (self.scan / "hosts.txt").write_text("[cl01]\n" + "".join(f"{n}\n" for n in self.names))

    def write(self, lines, tail=b""):
        (self.scan / "scan.json").write_text(json.dumps(self.head))
        (self.scan / "rows.ndjson").write_bytes(b"".join(dump(line, None) for line in lines) + tail)

    def line(self, name, state="ok", **more):
        (self.scan / f"reports/{name}.json").write_bytes(dump(self.reports[name]))
        return {"schema": "hostprep.row", "name": name, "state": state, "reason": None, "rc": self.reports[name]["exit_code"],
                "stderr": "", "duration_ms": 1000, "attempts": 1, "file": f"reports/{name}.json", **more}

    def test_head_rows_and_groups(self):
        a, b, c, d = self.names
        self.write([self.line(a, "timeout", reason="slow", rc=None, file=None), self.line(b), self.line(a, attempts=2),
                    self.line(c, "refused", reason="no", rc=255, stderr="Connection refused", file=None)], tail=b'{"name": "x')
        document, code, stderr = merge(self.folder, "scan")
        found = rows(document)
        self.assertEqual({n: r["state"] for n, r in found.items()}, {a: "ok", b: "ok", c: "refused", d: "unreachable"})
        self.assertEqual((found[a]["attempts"], found[c]["stderr"], found[d]["attempts"]), (2, "Connection refused", 0))
        self.assertEqual({tuple(r["groups"]) for r in found.values()}, {("cl01",)})
        self.assertEqual((document["scan_id"], document["command"]), (self.head["scan_id"], "check"))
        self.assertEqual(document["engine"], self.head["engine"])
        self.assertIn("line 5", stderr)
        self.assertEqual(schemas.problems(document), [])
        self.head["finished"] = None
        self.write([self.line(a)])
        self.assertIn("interrupted", rows(merge(self.folder, "scan")[0])[d]["reason"])
        self.assertIn(code, (2, 3))

    def test_another_policy(self):
        a, b = self.names[:2]
        self.head["policy_sha256"] = maker.POLICY
        self.write([self.line(a), self.line(b)])
        self.assertEqual(rows(merge(self.folder, "scan")[0])[a]["state"], "ok")
        self.head["policy_sha256"] = "0" * 64
        self.write([self.line(a), self.line(b)])
        found = rows(merge(self.folder, "scan")[0])
        self.assertEqual((found[a]["state"], found[a]["report"]), ("bad-output", None))
        self.assertIn("another policy", found[a]["reason"])

    def test_exit_code_that_differs_is_told(self):
        a = self.names[0]
        self.write([self.line(a, rc=1)])
        row = rows(merge(self.folder, "scan")[0])[a]
        self.assertEqual(row["state"], "ok")
        self.assertIn("exit code was 1", row["reason"])

    def test_a_report_with_more_behind_it(self):
        a = self.names[0]
        line = self.line(a)
        with open(self.scan / f"reports/{a}.json", "ab") as file:
            file.write(dump(self.reports[self.names[1]]))
        self.write([line])
        self.assertEqual(rows(merge(self.folder, "scan")[0])[a]["state"], "bad-output")

    def test_damaged_heads(self):
        for text in ("", "{}", "[]", '{"schema": "hostprep.scan"', json.dumps({**self.head, "schema": "x"})):
            self.write([])
            (self.scan / "scan.json").write_text(text)
            document, code, stderr = merge(self.folder, "scan")
            self.assertEqual((document, code), (None, 1), text)
            self.assertIn("scan.json", stderr)
            self.assertIn("hostprep-report merge --hosts scan/hosts.txt scan/reports", stderr)
            self.put("other.json", dump({**self.reports[self.names[3]], "host": {**self.reports[self.names[3]]["host"], "name": "other"}}))
            document, code, _ = merge(self.folder, "scan", "in") # beside something that is whole
            states = {name: row["state"] for name, row in rows(document).items()}
            self.assertEqual((states.pop("other"), list(states.values())), ("ok", ["bad-output"]), text)
            self.assertIn("scan.json", [r for r in document["hosts"] if r["state"] == "bad-output"][0]["reason"])

    def test_damaged_lists_of_hosts(self):
        a, b = self.names[:2]
        for damage in (lambda path: path.write_text(f"{a}\n$(id)\n"), lambda path: path.unlink()):
            self.write([self.line(a), self.line(b)])
            damage(self.scan / "hosts.txt")
            document, code, _ = merge(self.folder, "scan")
            states = {name: row["state"] for name, row in rows(document).items()}
            self.assertEqual((states.pop(a), states.pop(b), list(states.values())), ("ok", "ok", ["bad-output"]))
            self.assertIn(code, (2, 3))

    def test_a_report_that_is_older_than_the_scan(self):
        a, b = self.names[:2]
        self.head["started"] = "2027-01-01T00:00:00Z"
        self.write([self.line(a), self.line(b, reason="something else")])
        found = rows(merge(self.folder, "scan")[0])
        self.assertRegex(found[a]["reason"], "it was made [0-9]+ s before the host was asked")
        self.assertEqual(found[b]["reason"], "something else")


if __name__ == "__main__":
    unittest.main()
