#!/usr/bin/env python3
"""hostprep-fleet by another command than ssh, on this machine: exec_test.py HOSTPREP ESXSIM HOSTPREP_REPORT"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
HOSTPREP, ESXSIM, REPORT = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
del sys.argv[1:4]

FAKE = """#!/bin/sh
# What a host does is in its name.
case $1 in
good*) exec {hostprep} check --root tree --format json ;;
hang*) sleep 1357.{me} & sleep 1357.{me} ;;
left*) sleep 1357.{me} & exec {hostprep} check --root tree --format json ;;
flood*) exec yes ;;
noise*) head -c 300000 /dev/zero >&2; exec {hostprep} check --root tree --format json ;;
killed*) kill -9 $$ ;;
escape*) printf '\\033[31mred\\007' >&2; exit 9 ;;
slow*) : > begun.$1; sleep 1357.{me} ;;
quick*) : > begun.$1; sleep 0.0$(($$ % 10)) ;;
nul*) printf 'a\000b' >&2; exit 127 ;;
deaf*) exec <&-; exec {hostprep} check --root tree --format json ;;
*) exit 0 ;;
esac
"""


class Exec(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        subprocess.run([ESXSIM, "create", self.folder / "tree", "--scenario", "ready-9.0"], check=True)
        (self.folder / "bin").mkdir()
        os.symlink(REPORT, self.folder / "bin/hostprep-report")
        fake = self.folder / "bin/fake"
        fake.write_text(FAKE.format(hostprep=HOSTPREP, me=os.getpid()))
        fake.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{self.folder}/bin:/usr/bin:/bin"}

    def tearDown(self):
        self.place.cleanup()

    def scan(self, names, *words, text=b"", transport="exec:fake %h"):
        (self.folder / "hosts").write_text("".join(f"{name}\n" for name in names))
        done = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--hosts", "hosts", "--transport",
                               transport, *words], cwd=self.folder, env=self.environment, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)
        return done

    def rows(self, path="d/fleet.json"):
        return {row["name"]: row for row in json.loads((self.folder / path).read_text())["hosts"]}

    def test_each_kind_of_child(self):
        names = ["good", "hang", "left", "flood", "noise", "killed", "escape", "deaf", "silent"]
        done = self.scan(names, "--dir", "d", "--timeout", "8", "--policy", "-", text=b"#" * 200000)
        self.assertEqual(done.returncode, 3, done.stderr)
        rows = self.rows()
        # The policy that was sent is not the one that these judge by, so nobody is ok.
        self.assertEqual({n: r["state"] for n, r in rows.items()},
                         {**{n: "bad-output" for n in names}, "hang": "timeout", "left": "timeout"})
        for name in ("good", "noise", "deaf"):
            self.assertIn("another policy", rows[name]["reason"])
        self.assertIn("16 MiB", rows["flood"]["reason"])
        self.assertEqual(rows["killed"]["rc"], 137)
        done = self.scan(names, "--dir", "e", "--timeout", "8")
        rows = self.rows("e/fleet.json")
        for name in ("good", "noise", "deaf"):
            self.assertIn(rows[name]["state"], ("ok", "duplicate"), rows[name]["reason"]) # it is one tree
        self.assertLessEqual(len(rows["noise"]["stderr"].encode()), 2048)
        for out in (done.stdout, done.stderr, json.dumps(rows).encode()):
            self.assertNotIn(b"\x1b[31m", out)
        left = subprocess.run(["pgrep", "-f", f"sleep 1357.{os.getpid()}"], stdout=subprocess.PIPE, check=False).stdout
        self.assertEqual(left, b"", "a child outlived its host")

    def test_a_command_that_is_not_there(self):
        done = self.scan(["a", "b"], "--dir", "d", transport="exec:/nowhere/at-all %h")
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"/nowhere/at-all", done.stderr)
        self.scan(["a", "b"], "--dir", "d", transport="exec:%h/at-all")
        self.assertEqual({r["state"] for r in self.rows().values()}, {"no-agent"})
        self.assertIn("a/at-all", self.rows()["a"]["reason"])

    def test_no_shell(self):
        self.scan(["good1"], "--dir", "d", transport="exec:fake %h ; touch pwned $(touch pwned)")
        self.assertFalse((self.folder / "pwned").exists())
        self.assertEqual(self.rows()["good1"]["state"], "ok")

    def test_folders(self):
        self.assertEqual(self.scan(["good1"], "--dir", "d").returncode, 0)
        again = self.scan(["good1"], "--dir", "d")
        self.assertEqual(again.returncode, 64)
        self.assertIn(b"--resume d", again.stderr)
        for words in (("--resume", "nowhere"), ("--resume", "d", "--policy", "hosts"), ("--resume", "d", "--only", "hca-ats")):
            done = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", *words], cwd=self.folder,
                                  env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 64, words)
        done = self.scan(["good1"], "--dir", "hosts/x")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.scan(["a b"]).returncode, 64)
        self.assertEqual(self.scan([]).returncode, 64)

    def test_where_the_document_goes(self):
        done = self.scan(["good1"], "--dir", "d", "-o", "-", "--html", "p.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["counts"]["ok"], 1)
        self.assertIn("Content-Security-Policy", (self.folder / "p.html").read_text())
        for words, said in ((("--baseline", "nowhere"), b"nowhere"), (("-o", "no/such"), b"no"), (("--html", "no/such"), b"no"),
                            (("--html", "-"), b"--html")): # told before a host is asked
            done = self.scan(["good1"], "--dir", "e", *words)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn(said, done.stderr)
            self.assertFalse((self.folder / "e").exists())

    def test_two_at_once(self):
        (self.folder / "hosts2").write_text("hang\n")
        first = subprocess.Popen(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--hosts", "hosts2", "--transport",
                                  "exec:fake %h", "--dir", "d", "--timeout", "60"], cwd=self.folder, env=self.environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if (self.folder / "d/rows.ndjson").exists():
                break
            time.sleep(0.05)
        second = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--resume", "d"], cwd=self.folder,
                                env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(b"another hostprep-fleet", second.stderr)
        first.send_signal(signal.SIGINT)
        self.assertEqual(first.wait(30), 3)

    def interrupted(self, names, number, ready):
        """A run that a signal ends; its rows, and those of its hosts that were begun."""
        (self.folder / "hosts").write_text("".join(f"{name}\n" for name in names))
        child = subprocess.Popen(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--hosts", "hosts", "--transport",
                                  "exec:fake %h", "--fanout", "6", "--dir", f"d{number}", "--timeout", "60"], cwd=self.folder,
                                 env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if len(list(self.folder.glob("begun.*"))) >= ready:
                break
            time.sleep(0.02)
        child.send_signal(number)
        self.assertEqual(child.wait(60), 3)
        left = subprocess.run(["pgrep", "-f", f"sleep 1357.{os.getpid()}"], stdout=subprocess.PIPE, check=False).stdout
        self.assertEqual(left, b"", f"signal {number}: a child goes on")
        rows = self.rows(f"d{number}/fleet.json")
        self.assertEqual(set(rows), set(names))
        begun = {path.name.removeprefix("begun.") for path in self.folder.glob("begun.*")}
        for name in begun:
            (self.folder / f"begun.{name}").unlink()
        self.assertLessEqual(begun, {name for name, row in rows.items() if row["attempts"]})
        shutil.rmtree(self.folder / f"d{number}")
        return rows, begun

    def test_signals_leave_nothing_running_and_nothing_unsaid(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            rows, begun = self.interrupted([f"slow{i}" for i in range(12)], number, 6)
            self.assertEqual(len(begun), 6)
            for name in begun:
                self.assertIn("interrupted while", rows[name]["reason"])
        for ready in (1, 15, 40): # among commands that begin and end all the time
            self.interrupted([f"quick{ready}-{i}" for i in range(300)], signal.SIGTERM, ready)

    def test_what_is_no_good_report_is_asked_for_again(self):
        twin = self.folder / "bin/twin" # says of every host that it is esx01
        twin.write_text(f"#!/bin/sh\nexec {HOSTPREP} check --root tree --format json\n")
        twin.chmod(0o755)
        done = self.scan(["esx01.lab.example", "esx02"], "--dir", "d", transport="exec:twin %h")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.rows()["esx02"]["state"], "bad-output")
        twin.write_text(f"#!/bin/sh\nexec {HOSTPREP} check --root other --format json\n")
        subprocess.run([ESXSIM, "create", self.folder / "other", "--scenario", "ready-9.0", "host.name=esx02",
                        "host.uuid=6a98270c-b75f-a36d-06fd-000000000002"], check=True)
        done = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--resume", "d"], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual({name: (row["state"], row["attempts"]) for name, row in self.rows().items()},
                         {"esx01.lab.example": ("ok", 1), "esx02": ("ok", 1)})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_closed_streams_and_outputs_that_are_inputs(self):
        line = f"{TOP}/scripts/hostprep-fleet scan --hosts hosts --transport 'exec:fake %h' -q"
        (self.folder / "hosts").write_text("good1\n")
        for number, closed in enumerate((">&-", "<&-", "2>&-")):
            done = subprocess.run(["/bin/sh", "-c", f"/usr/bin/python3 {line} --dir c{number} {closed}"], cwd=self.folder,
                                  env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""), closed)
        for words in (("-o", "hosts"), ("--html", "hosts"), ("-o", "x.html", "--html", "./x.html"), ("-o", "d")):
            (self.folder / "d").mkdir(exist_ok=True)
            self.assertEqual(self.scan(["good1"], "--dir", "e", *words).returncode, 64, words)
        self.assertEqual((self.folder / "hosts").read_text(), "good1\n")
        self.assertEqual(self.scan(["good1"], "--dir", "new", "-o", "new/fleet.json").returncode, 0)
        (self.folder / "nothing").write_text("x")
        self.assertEqual(self.scan(["good1"], "--dir", "e", "--baseline", "nothing").returncode, 64)

    def test_a_full_disk(self):
        small = self.folder / "small"
        small.mkdir()
        (self.folder / "hosts").write_text("good1\ngood2\ngood3\n")
        line = f"mount -t tmpfs -o size=64k none small && exec /usr/bin/python3 {TOP}/scripts/hostprep-fleet " \
               "scan --hosts hosts --transport 'exec:fake %h' --dir small/d -q"
        done = subprocess.run(["unshare", "-m", "sh", "-c", line], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if b"unshare" in done.stderr or b"mount:" in done.stderr:
            self.skipTest("nothing may be mounted here")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"No space left", done.stderr)
        self.assertIn(b"--resume small/d", done.stderr)

    def test_few_files(self):
        names = [f"quick{i}" for i in range(120)]
        (self.folder / "hosts").write_text("".join(f"{name}\n" for name in names))
        done = subprocess.run(["/bin/sh", "-c", 'ulimit -n 200; exec "$@"', "sh", "/usr/bin/python3", TOP / "scripts/hostprep-fleet",
                               "scan", "--hosts", "hosts", "--transport", "exec:fake %h", "--fanout", "100", "--dir", "d"],
                              cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"ulimit -n is 200", done.stderr)
        self.assertEqual(len(self.rows()), 120)

    def test_what_is_said_may_hold_anything(self):
        self.scan(["nul"], "--dir", "d")
        self.assertEqual((self.rows()["nul"]["state"], self.rows()["nul"]["attempts"]), ("no-agent", 1))

    def test_resumed_by_the_same_way(self):
        (self.folder / "lab.conf").write_text("Host *\n    Port 2200\n")
        ssh = self.folder / "bin/ssh"
        ssh.write_text("#!/bin/sh\nexit 255\n")
        ssh.chmod(0o755)
        self.scan(["a"], "--dir", "d", "--ssh-config", "lab.conf", "--timeout", "7", transport="ssh")
        config = (self.folder / "d/ssh_config").read_bytes()
        self.assertIn(b"lab.conf", config)
        head = json.loads((self.folder / "d/scan.json").read_text())
        self.assertEqual(head["numbers"]["timeout"], 7)
        done = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--resume", "d"], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual((self.folder / "d/ssh_config").read_bytes(), config)
        done = subprocess.run(["/usr/bin/python3", TOP / "scripts/hostprep-fleet", "scan", "--resume", "d", "--ssh-config",
                               "hosts"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        self.assertEqual(done.returncode, 64, done.stderr)

    def test_five_thousand_irregular_names(self):
        names = [f"esx-r{i % 50:02}-{i}.dc{i % 7}-cl{i // 9:03}.example.com" for i in range(5000)]
        began = time.monotonic()
        done = self.scan(names, "--dir", "d", "--fanout", "100", transport="exec:/bin/false %h")
        self.assertEqual((done.returncode, len(self.rows())), (3, 5000))
        self.assertIn(b"5000 of 5000 hosts", done.stderr)
        self.assertLess(time.monotonic() - began, 90)


if __name__ == "__main__":
    unittest.main()
