#!/usr/bin/env python3
"""Every command of hostprep-report with each allocation failed: memory_test.py FLEET_MEMORY"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import maker

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.place.name)
        given, hosts = cls.folder / "in", []
        given.mkdir()
        for i, (name, _, document) in enumerate(maker.hosts(6, 0, "memory")):
            text = (json.dumps(document, indent=2) + "\n").encode()
            hosts.append(name)
            if i == 0:
                (given / f"{name}.json.gz").write_bytes(gzip.compress(text))
            elif i == 1:
                (given / f"{name}.json").write_bytes(text[:3000])
            elif i == 2:
                lines = [{"name": name, "state": "ok", "rc": 2, "duration_ms": 9, "attempts": 1, "report": document},
                         {"name": "lost.example.com", "state": "refused", "rc": 255, "stderr": "Connection refused"}]
                (given / "rows.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
            elif i == 3:
                (given / "pdsh.txt").write_text("".join(f"{name}: {line}\n" for line in text.decode().splitlines()))
            else:
                (given / f"{name}.json").write_bytes(text)
                (given / f"again-{i}.json").write_bytes(text)
        (cls.folder / "hosts").write_text("[lab]\n" + "".join(f"{name}\n" for name in [*hosts, "never.example.com"]))
        maker.write_fleet(cls.folder / "old.json", 6, 0, "memory")
        maker.write_fleet(cls.folder / "new.json", 5, 20, "other")

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def sweep(self, *words):
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            done = subprocess.run([PROGRAM, f"{out}/file", *words, "-o", f"{out}/file"], cwd=self.folder, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=500)
        said = done.stdout.decode()
        self.assertEqual(done.returncode, 0, said[-2000:] + done.stderr.decode(errors="replace")[-6000:])
        print(said.strip())

    def test_merge(self):
        self.sweep("merge", "in", "--hosts", "hosts")

    def test_merge_with_baseline(self):
        self.sweep("merge", "in", "new.json", "--baseline", "old.json")

    def test_html(self):
        self.sweep("html", "old.json")

    def test_others(self):
        for command in ("summary", "csv", "junit", "prometheus"):
            with self.subTest(command=command):
                self.sweep(command, "old.json")

    def test_diff(self):
        for form in ("text", "json"):
            with self.subTest(form=form):
                self.sweep("diff", "old.json", "new.json", "--format", form)


if __name__ == "__main__":
    unittest.main()
