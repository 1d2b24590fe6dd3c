#!/usr/bin/env python3
"""vibpack_test.py VIBPACK: `vibpack build`, `sign` and `list`, its command line, and what becomes of its output."""
import gzip
import hashlib
import io
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import xml.etree.ElementTree

import makers
from makers import MIB, TestCase, Vib, read_ar, run, tar_header
from bundle_test import NASTY, quoted, yaml

RECIPE = {"name": "acme-hello", "version": "1.2.3-4", "vendor": "ACME", "summary": "Says hello",
          "description": "It says hello.", "release-date": "2026-11-26", "payload": "acme"}
TOP = pathlib.Path(__file__).resolve().parents[2]
RELEASED = 1795651200  # 2026-11-26


class Folder(TestCase):
    """A recipe, and a folder with three files in it."""

    def setUp(self):
        super().setUp()
        self.payload = self.folder / "payload"
        self.put("payload/opt/acme/bin/hello", "#!/bin/sh\necho hello\n").chmod(0o755)
        self.put("payload/opt/acme/etc/hello.conf", "hello\n")
        self.put("payload/usr/lib/vmware/hello", b"\0\1\2\xff" * 300)
        self.recipe = self.put("recipe.yaml", yaml(RECIPE))
        self.out = self.folder / "x.vib"

    def build(self, keys=None, recipe=None, payload=None, out=None, **options):
        if keys is not None:
            self.recipe.write_text(yaml({**RECIPE, **keys}))
        return run("build", "--descriptor", recipe or self.recipe, "--payload", payload or self.payload, "-o",
                   out or self.out, **options)

    def built(self, *arguments, **options):
        done = self.build(*arguments, **options)
        self.assertEqual((done.code, done.err), (0, ""))
        return self.out.read_bytes()

    def no(self, done, *says):
        self.refused(done, *says)
        self.assertFalse(self.out.exists())
        self.assertEqual(list(self.folder.glob("x.vib*")) + list(self.folder.glob(".x.vib*")), [])


class Layout(Folder):
    def test_container(self):
        data = self.built()
        members = read_ar(data)
        self.assertEqual([header[:16] for header, _ in members],
                         [b"descriptor.xml  ", b"sig.pkcs7       ", b"acme            "])
        for header, body in members:
            self.assertEqual(header[16:], b"%-12s%-6s%-6s%-8s%-10d`\n" % (b"0", b"0", b"0", b"0", len(body)))
        self.assertEqual(members[1][1], b"")
        self.assertEqual(data, makers.ar([(header[:16].decode().strip(), body) for header, body in members]))
        self.assertEqual(data[8:8 + 60], members[0][0])

    def test_descriptor(self):
        members = read_ar(self.built())
        packed = members[2][1]
        unpacked = gzip.decompress(packed)
        self.assertEqual(members[0][1].decode(), (
            '<vib version="5.0"><type>bootbank</type><name>acme-hello</name><version>1.2.3-4</version><vendor>ACME</vendor>'
            "<summary>Says hello</summary><description>It says hello.</description>"
            "<release-date>2026-11-26T00:00:00.000000+00:00</release-date><urls/><relationships><depends/><conflicts/>"
            "<replaces/><provides/><compatibleWith/></relationships><software-tags/><system-requires>"
            "<maintenance-mode>false</maintenance-mode></system-requires><file-list><file>opt/acme/bin/hello</file>"
            "<file>opt/acme/etc/hello.conf</file><file>usr/lib/vmware/hello</file></file-list>"
            "<acceptance-level>community</acceptance-level><live-install-allowed>true</live-install-allowed>"
            "<live-remove-allowed>true</live-remove-allowed><cimom-restart>false</cimom-restart>"
            "<stateless-ready>true</stateless-ready><overlay>false</overlay><payloads>"
            f'<payload name="acme" type="tgz" size="{len(packed)}">'
            f'<checksum checksum-type="sha-256" verify-process="gunzip">{hashlib.sha256(unpacked).hexdigest()}</checksum>'
            f'<checksum checksum-type="sha-256">{hashlib.sha256(packed).hexdigest()}</checksum>'
            f'<checksum checksum-type="sha-1" verify-process="gunzip">{hashlib.sha1(unpacked).hexdigest()}</checksum>'
            "</payload></payloads></vib>"))

    def test_payload(self):
        packed = read_ar(self.built())[2][1]
        self.assertEqual(packed[:10], b"\x1f\x8b\x08\0\0\0\0\0\x02\x03")
        tar = gzip.decompress(packed)
        wanted = b""
        for path in ("opt", "opt/acme", "opt/acme/bin", "opt/acme/bin/hello", "opt/acme/etc", "opt/acme/etc/hello.conf", "usr",
                     "usr/lib", "usr/lib/vmware", "usr/lib/vmware/hello"):
            real = self.payload / path
            if real.is_dir():
                wanted += tar_header(path + "/", mode=0o755, kind="5", mtime=RELEASED)
            else:
                data = real.read_bytes()
                wanted += tar_header(path, len(data), 0o755 if path.endswith("bin/hello") else 0o644, mtime=RELEASED)
                wanted += makers.filled(data)
        self.assertEqual(tar, makers.filled(wanted + bytes(1024), 10240))
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            self.assertEqual([(m.name, m.uid, m.gid, m.uname, m.gname, m.mtime) for m in archive][0],
                             ("opt", 0, 0, "root", "root", RELEASED))

    def test_by_other_programs(self):
        data = self.built()
        names = subprocess.run(["ar", "t", self.out], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        self.assertEqual(names, ["descriptor.xml", "sig.pkcs7", "acme"])
        there = self.folder / "there"
        there.mkdir()
        subprocess.run(["ar", "x", self.out], cwd=there, check=True)
        self.assertEqual((there / "descriptor.xml").read_bytes(), read_ar(data)[0][1])
        subprocess.run(["xmllint", "--noout", "--nonet", there / "descriptor.xml"], check=True)
        listed = subprocess.run(["tar", "tvzf", there / "acme"], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertRegex(listed.splitlines()[3], r"^-rwxr-xr-x root/root +21 \S+ \S+ opt/acme/bin/hello$")
        self.assertEqual(len(listed.splitlines()), 10)
        subprocess.run(["tar", "xzf", "acme", "--no-same-owner"], cwd=there, check=True)
        for path in ("opt/acme/bin/hello", "opt/acme/etc/hello.conf", "usr/lib/vmware/hello"):
            self.assertEqual((there / path).read_bytes(), (self.payload / path).read_bytes())
        self.verify(self.out, lacks="note ")

    def test_every_key(self):
        descriptor = read_ar(self.built({
            "urls": "{website: 'https://acme.example/?a=1&b=2', kb: 'https://kb.example/'}", "depends":
            "[esx-version >= 8.0.0, vmkapi_2_6_0_0]", "conflicts": "[a < 1]", "replaces": "[old-acme]",
            "provides": "[acme = 2]", "compatible-with": "[b > 3]", "software-tags": "[daemon, 'PCIID 1']",
            "maintenance-mode": "true", "live-install-allowed": "false", "live-remove-allowed": "false",
            "cimom-restart": "true", "stateless-ready": "false", "acceptance-level": "partner", "overlay": "true"}))[0][1]
        tree = xml.etree.ElementTree.fromstring(descriptor)
        self.assertEqual([(u.attrib, u.text) for u in tree.find("urls")],
                         [({"key": "website"}, "https://acme.example/?a=1&b=2"), ({"key": "kb"}, "https://kb.example/")])
        relations = [[(c.tag, c.attrib) for c in r] for r in tree.find("relationships")]
        self.assertEqual(relations, [
            [("constraint", {"name": "esx-version", "relation": ">=", "version": "8.0.0"}),
             ("constraint", {"name": "vmkapi_2_6_0_0"})],
            [("constraint", {"name": "a", "relation": "<", "version": "1"})], [("constraint", {"name": "old-acme"})],
            [("provide", {"name": "acme", "version": "2"})], [("constraint", {"name": "b", "relation": ">", "version": "3"})]])
        self.assertEqual([t.text for t in tree.find("software-tags")], ["daemon", "PCIID 1"])
        for tag, text in (("live-install-allowed", "false"), ("live-remove-allowed", "false"), ("cimom-restart", "true"),
                          ("stateless-ready", "false"), ("overlay", "true"), ("acceptance-level", "partner")):
            self.assertEqual(tree.find(tag).text, text)
        self.assertEqual(tree.find("system-requires/maintenance-mode").text, "true")

    def test_nasty_text(self):
        text = quoted(NASTY)
        descriptor = read_ar(self.built({"summary": text, "description": text, "urls": f"{{'a & b < c > \"': {text}}}",
                                         "software-tags": f"[{text}]"}))[0][1]
        tree = xml.etree.ElementTree.fromstring(descriptor)
        for tag in ("summary", "description", "urls/url", "software-tags/tag"):
            self.assertEqual(tree.find(tag).text, NASTY)
        self.assertNotIn(b"\n", descriptor)
        self.verify(self.out)
        self.assertEqual(run("list", self.out).code, 0)

    def test_real_one(self):
        """hostprep's own VIB."""
        payload = self.folder / "own"
        shutil.copytree(TOP / "vib/payload", payload)
        self.put("own/opt/hostprep/bin/hostprep", os.urandom(3 * MIB)).chmod(0o755)
        data = self.built(recipe=TOP / "vib/descriptor.yaml", payload=payload)
        version = (TOP / "agent/VERSION").read_text().strip()
        tree = xml.etree.ElementTree.fromstring(read_ar(data)[0][1])
        self.assertRegex(tree.find("version").text, "^" + re.escape(version) + r"-\d+\.[1-9]\d{7}$",
                         "vib/descriptor.yaml has the version of agent/VERSION")
        text = self.verify(self.out, lacks="note ").text
        self.assertIn("verified", text)
        bundle = self.folder / "b.zip"
        done = run("bundle", "--vib", self.out, "--component", TOP / "vib/component.yaml", "-o", bundle)
        self.assertEqual((done.code, done.err), (0, ""))
        self.verify(bundle, lacks=["note ", "not covered"])
        self.verify(self.out, "--packaged", bundle, lacks=["note ", "not covered"])

    def test_empty_folders_and_files(self):
        (self.payload / "opt/acme/empty").mkdir()
        self.put("payload/opt/acme/none", b"")
        with tarfile.open(fileobj=io.BytesIO(read_ar(self.built())[2][1]), mode="r:gz") as archive:
            self.assertTrue(archive.getmember("opt/acme/empty").isdir())
            self.assertEqual(archive.getmember("opt/acme/none").size, 0)
        self.verify(self.out)

    def test_paths_at_the_limit(self):
        path = "opt/" + "a" * 95
        self.put(f"payload/{path}", "x")
        self.assertIn(f"<file>{path}</file>".encode(), self.built())
        self.verify(self.out)
        folder = "opt/" + "b" * 95
        (self.payload / folder).mkdir()
        self.built()
        self.verify(self.out)

    def test_order_is_by_bytes(self):
        for name in ("B", "a", "Z", "b.c", "b-c", "b"):
            self.put(f"payload/opt/{name}", "x")
        names = re.findall(r"<file>(opt/[^/]+)</file>", self.built().decode("latin-1"))
        self.assertEqual(names, sorted(names))


class Sameness(Folder):
    def test_circumstances(self):
        """Place, times, order, umask, owner, language do not matter."""
        one = self.built()
        other = self.folder / "somewhere/else"
        for path in sorted(self.payload.rglob("*"), reverse=True):
            to = other / path.relative_to(self.payload)
            to.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file():
                shutil.copy(path, to)
                os.utime(to, (1, 1))
                to.chmod(0o700 if path.stat().st_mode & 0o100 else 0o400)
        recipe = self.put("deep/er/other.yaml", "# a comment\n" + yaml(dict(reversed(RECIPE.items()))))
        out = self.folder / "y.vib"
        done = run("build", "-o", "y.vib", "--payload", os.path.relpath(other, self.folder), "--descriptor", recipe,
                   cwd=self.folder, umask=0o077, env={"TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8", "HOME": "/"})
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual(out.read_bytes(), one)

    def test_trailing_slashes(self):
        self.assertEqual(self.built(), self.built(payload=f"{self.payload}//"))

    def test_epoch(self):
        env = {"SOURCE_DATE_EPOCH": "86400"}
        without = {key: value for key, value in RECIPE.items() if key != "release-date"}
        self.recipe.write_text(yaml(without))
        one = self.built(env=env)
        self.assertEqual(one, self.built(env=env))
        self.assertEqual(one, self.built({}, env=env))  # it stands above the recipe
        self.assertIn(b"<release-date>1970-01-02T00:00:00.000000+00:00<", one)
        self.assertNotEqual(one, self.built({}))
        self.assertEqual(self.built({}, env={"SOURCE_DATE_EPOCH": ""}), self.built({}))
        for epoch in ("-1", "x", "1.5", "253402300800", " 1"):
            self.refused(self.build({}, env={"SOURCE_DATE_EPOCH": epoch}), f'SOURCE_DATE_EPOCH is no number of seconds: "{epoch}"')
        self.assertIn(b">9999-12-31T23:59:59.000000+00:00<", self.built({}, env={"SOURCE_DATE_EPOCH": "253402300799"}))
        self.verify(self.out)

    def test_date(self):
        for text, wanted in (("2026-11-26", "2026-11-26T00:00:00"), ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59"),
                             ("'1970-01-01'", "1970-01-01T00:00:00"), ("2026-11-26T14:02:31.5+00:00", "2026-11-26T14:02:31"),
                             ("9999-12-31", "9999-12-31T00:00:00"), ("2000-02-29", "2000-02-29T00:00:00")):
            self.assertIn(f">{wanted}.000000+00:00<".encode(), self.built({"release-date": text}))

    def fingerprinted(self):
        return xml.etree.ElementTree.fromstring(read_ar(self.built())[0][1]).find("version").text

    def test_fingerprint(self):
        """It changes when anything in the VIB does, and only then."""
        keys = {**RECIPE, "version": "1.2.3-7", "fingerprint": "true"}
        self.recipe.write_text(yaml(keys))
        first = self.fingerprinted()
        data = self.out.read_bytes()
        self.assertRegex(first, r"^1\.2\.3-7\.[1-9]\d{7}$")
        # by another reckoning
        plain = read_ar(data)[0][1].replace(first.encode(), first.rsplit(".", 1)[0].encode() + b".0")
        number = int(hashlib.sha256(plain).hexdigest()[:12], 16)
        self.assertEqual(first.rsplit(".", 1)[1], str(10000000 + number % 90000000))
        seen = {first}
        # the same
        for path in self.payload.rglob("*"):
            os.utime(path, (5, 5))
        self.recipe.write_text("# a comment\n\n" + yaml(dict(reversed(keys.items()))))
        self.assertEqual(self.fingerprinted(), first)
        self.assertEqual(self.out.read_bytes(), data)
        self.put("payload/opt/acme/etc/hello.conf", "hello\n").chmod(0o600)
        self.assertEqual(self.fingerprinted(), first)
        # another one
        for key, value in (("name", "acme-hellp"), ("version", "1.2.3-8"), ("vendor", "ACMF"), ("summary", "Says hellp"), ("description", "It"),
                           ("release-date", "2026-11-27"), ("payload", "acmf"), ("urls", "{a: b}"), ("depends", "[a]"),
                           ("conflicts", "[a]"), ("replaces", "[a]"), ("provides", "[a]"), ("compatible-with", "[a]"),
                           ("software-tags", "[a]"), ("maintenance-mode", "true"), ("live-install-allowed", "false"),
                           ("live-remove-allowed", "false"), ("cimom-restart", "true"), ("stateless-ready", "false"),
                           ("acceptance-level", "partner")):
            self.recipe.write_text(yaml({**keys, key: value}))
            seen.add(self.fingerprinted())
        self.assertEqual(len(seen), 21)
        self.recipe.write_text(yaml(keys))
        content = bytearray((self.payload / "usr/lib/vmware/hello").read_bytes())
        for at in (0, 1, 600, len(content) - 1):
            content[at] ^= 1
            self.put("payload/usr/lib/vmware/hello", bytes(content))
            seen.add(self.fingerprinted())
        (self.payload / "usr/lib/vmware/hello").chmod(0o755)
        seen.add(self.fingerprinted())
        (self.payload / "usr/lib/vmware/hello").rename(self.payload / "usr/lib/vmware/hellp")
        seen.add(self.fingerprinted())
        (self.payload / "usr/lib/vmware/new").mkdir()
        seen.add(self.fingerprinted())
        self.assertEqual(len(seen), 28)


class Recipes(Folder):
    """What may not stand in one: refused, with the place."""

    def wrong(self, key, value, says):
        with self.subTest(key=key, value=value[:100]):
            self.recipe.write_text(yaml({**RECIPE, key: value}))
            line = list({**RECIPE, key: value}).index(key) + 1
            self.no(self.build(), f"{self.recipe}:{line}:", says)

    def test_names(self):
        for key in ("name", "vendor"):
            for value in ("a b", "a/b", "a:b", "'a\u00e9'", "a" * 65, "a+b", "a&b", "'<a>'"):
                self.wrong(key, value, f'"{key}" has 1 to 64 letters')
            for value in ("''", "' '", "[a]", "{a: b}", "", "[]"):
                self.wrong(key, value, f'"{key}" wants a text')
            for value in ('"a\\nb"', '"a\\tb"', '"a\\eb"', '"a\\x7fb"', '"a\\x9bb"', '"\\uFFFE"'):
                self.wrong(key, value, f'"{key}" wants one line of UTF-8 without control characters')
        self.wrong("vendor", "a_b", '"vendor" has 1 to 64')
        self.built({"name": "a" * 64, "vendor": "b" * 64})
        self.verify(self.out)

    def test_versions(self):
        for value in ("1.2.3", "1.2.3-", "-1", "a.b-1", "1..2-1", ".1-1", "1.-1", "1.2-1..2", "1.2-a_b", "1.2-1-1", "v1.2-1",
                      "1.2 -1", "1-" + "1" * 63, "'1.2-\u0661'"):
            self.wrong("version", value, "is no version of a VIB: numbers with dots, a dash, a release (1.0.0-1)")
        for value in ("''", "[1.0-1]"):
            self.wrong("version", value, '"version" wants a text')
        for value in ("1-1", "0.1.0-1", "700.10.16-1OEM.700.0.0.14828939", "1-" + "1" * 62):
            self.built({"version": value})
            self.verify(self.out)

    def test_version_with_fingerprint(self):
        self.wrong("fingerprint", "yes", '"fingerprint" wants true or false')
        for version in ("1-" + "1" * 53, "1.0-1"):
            self.assertIn(b"<version>" + version.encode() + b".", self.built({"version": version, "fingerprint": "true"}))
            self.verify(self.out)
        self.out.unlink()
        self.no(self.build({"version": "1-" + "1" * 54, "fingerprint": "true"}), self.recipe, "with its fingerprint the version has more than 64")

    def test_texts(self):
        for key in ("summary", "description"):
            for value in ("''", "[a]", "", "{}"):
                self.wrong(key, value, f'"{key}" wants a text')
            for value in ('"a\\nb"', '"a\\rb"', '"a\\0b"', '"\\x85"', '"\\a"', '"\\uFFFF"'):
                self.wrong(key, value, f'"{key}" wants one line of UTF-8')
            self.wrong(key, "x" * 1001, f'"{key}" is longer than 1000 bytes')
            self.wrong(key, "'" + "\u00e4" * 501 + "'", f'"{key}" is longer than 1000 bytes')
        self.built({"summary": "x" * 1000, "description": "'" + "\u00e4" * 500 + "'"})

    def test_dates(self):
        for value in ("2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "26-01-01", "2026-1-1", "1969-12-31",
                      "2026-11-26T25:00:00", "2026-11-26T00:60:00", "2026-11-26T00:00:61", "2026-11-26T00:00",
                      "2026-11-26T00:00:00+01:00", "2026-11-26T00:00:00.", "2026-11-26 00:00:00", "2026-11-26x", "today",
                      "1100-02-29", "1900-02-29", "10000-01-01", "2026/11/26", "20261126"):
            self.wrong("release-date", value, f'"{value}" is no date: 2026-11-26, or 2026-11-26T14:02:31Z')

    def test_payload_name(self):
        for value in ("a" * 9, "a.b", "a-b", "a b", "'\u00e4'"):
            self.wrong("payload", value, "a payload's name has 1 to 8 letters, digits and underscores")
        self.wrong("payload", "''", '"payload" wants a text')
        for value in ("sig", "a", "A_b_9", "a" * 8):
            self.built({"payload": value})
            self.verify(self.out)

    def test_flags(self):
        for key in ("maintenance-mode", "live-install-allowed", "live-remove-allowed", "cimom-restart", "stateless-ready",
                    "overlay"):
            for value in ("yes", "True", "1", "'true'", "", "[true]", "truefalse"):
                self.wrong(key, value, f'"{key}" wants true or false')

    def test_level(self):
        self.wrong("acceptance-level", "best", '"best" is none of community, partner, accepted, certified')
        self.wrong("acceptance-level", "[]", '"acceptance-level" wants a text')
        self.no(self.build({"overlay": "true"}), self.recipe, "level community cannot have overlay")
        self.no(self.build({"overlay": "true", "acceptance-level": "unsigned"}), "cannot have overlay")
        self.built({"overlay": "true", "acceptance-level": "partner"})

    def test_lists(self):
        for key in ("depends", "conflicts", "replaces", "provides", "compatible-with"):
            self.wrong(key, "a", "wants a list")
            for value in ("[a b]", "[a >= ]", "[a => 1]", "['a >= 1 2']", "['a ! 1']"):
                self.wrong(key, value, "wants a name, or a name, one of < <= = >= > and a version")
            for value in ("[[a]]", "['']", "[{a: b}]"):
                self.wrong(key, value, "wants a text")
        self.wrong("software-tags", "a", '"software-tags" wants a list')
        self.wrong("software-tags", "[['a']]", "wants a text")
        self.wrong("urls", "[a]", "urls wants a map")
        self.wrong("urls", "a", "urls wants a map")
        self.wrong("urls", "{a: []}", '"a" wants a text')
        for key in ("a\\eb", "a\\nb", "a\\x9bb", "", "a" * 101):
            self.wrong("urls", f'{{"{key}": c}}', "a link is called by 1 to 100 bytes of UTF-8 without control")
        for relation in ("<", "<=", ">=", ">"):
            self.wrong("provides", f"[a {relation} 1]", "what a VIB provides has one version")

    def test_keys(self):
        for key in ("name", "version", "vendor", "summary", "description"):
            self.recipe.write_text(yaml({k: v for k, v in RECIPE.items() if k != key}))
            self.no(self.build(), f'{self.recipe}: has no "{key}"')
        self.wrong("Name", "a", 'unknown key "Name" (known: name, version, fingerprint, vendor,')
        self.wrong("type", "locker", 'unknown key "type"')
        self.wrong('"a\\nb"', "c", "unknown key")
        self.recipe.write_text(yaml(RECIPE) + "name: again\n")
        self.no(self.build(), f"{self.recipe}:8:1:", "name")

    def test_files(self):
        for data, says in ((b"", "is no map of keys"), (b"- a\n", "is no map of keys"), (b"a", "is no map of keys"),
                           (b"name: [\n", ":"), (b"\xff\xfe", ":"), (b"name: \xff\n", ":1"), (b"name: \x01\n", ":1"),
                           (b"&a [*a]", ":"), (b"x: " + b"y" * (256 << 10), "is larger than")):
            self.recipe.write_bytes(data)
            self.no(self.build(), self.recipe, says)
        self.recipe.unlink()
        self.no(self.build(), f"cannot read {self.recipe}: No such file or directory")
        self.recipe.mkdir()
        self.no(self.build(), self.recipe, "is no regular file")
        self.recipe.rmdir()
        os.mkfifo(self.recipe)
        self.no(self.build(), self.recipe, "is no regular file")


class Folders(Folder):
    """What may not lie in one: refused, with the path."""

    def wrong(self, path, says, *keys):
        self.no(self.build(*keys), f"{self.payload}/{path}: {says}")

    def test_links(self):
        for target in ("hello", "/bin/sh", "..", "nowhere", "link"):
            link = self.payload / "opt/acme/bin/link"
            link.symlink_to(target)
            self.wrong("opt/acme/bin/link", "is a symbolic link")
            link.unlink()
        (self.payload / "usr").rename(self.payload / "rsu")
        (self.payload / "usr").symlink_to("rsu")
        self.no(self.build(), self.payload)

    def test_hard_links_are_files(self):
        os.link(self.payload / "opt/acme/bin/hello", self.payload / "opt/acme/bin/same")
        with tarfile.open(fileobj=io.BytesIO(read_ar(self.built())[2][1]), mode="r:gz") as archive:
            self.assertTrue(archive.getmember("opt/acme/bin/same").isreg())
            self.assertEqual(archive.getmember("opt/acme/bin/same").size, 21)

    def test_bits(self):
        path = self.payload / "opt/acme/bin/hello"
        for mode, says in ((0o4755, "has the set-user-ID or set-group-ID bit"), (0o2755, "has the set-user-ID"),
                           (0o2644, "has the set-user-ID"), (0o1755, "has the sticky bit"), (0o7777, "has the set-user-ID")):
            path.chmod(mode)
            self.wrong("opt/acme/bin/hello", says)
        path.chmod(0o755)
        path.parent.chmod(0o3777)
        self.built()

    def test_kinds(self):
        path = self.payload / "opt/acme/thing"
        os.mkfifo(path)
        self.wrong("opt/acme/thing", "is neither a file nor a folder")
        path.unlink()
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(path))
            self.wrong("opt/acme/thing", "is neither a file nor a folder")
        path.unlink()
        try:
            os.mknod(path, 0o20600, os.makedev(1, 3))
        except OSError:
            return
        self.wrong("opt/acme/thing", "is neither a file nor a folder")

    def test_paths(self):
        for name in ("a b", "a\tb", "a\nb", "a\x1bb", "a'b", 'a"b', "a\\b", "a$b", "a`b", "a;b", "a&b", "a|b", "a<b", "a>b",
                     "a*b", "a?b", "\u00e4", "\udcff", "a\x7f", " "):
            path = self.payload / "opt/acme" / name
            path.write_text("x")
            done = self.build()
            self.no(done, f"{self.payload}/opt/acme/", "the path has a character that no file of a VIB should have")
            self.assertTrue(done.err[:-1].isprintable())
            path.unlink()
            path.mkdir()
            self.no(self.build(), "the path has a character")
            path.rmdir()
        long = "opt/" + "a" * 96
        self.put(f"payload/{long}", "x")
        self.wrong(long, "the path is longer than the 99 characters that a VIB allows")
        (self.payload / long).unlink()
        (self.payload / long).mkdir()
        self.wrong(long, "the path is longer than the 99")

    def test_community_list(self):
        for path in ("bin/hello", "etc/hello", "etc/vmware/hello", "usr/bin/hello", "tmp/hello", "hello", "optical/hello",
                     "usr/lib/vmwarf/hello", "etc/rc.local.d/hello", "etc/vmware/daemon/config/hello.json", "Opt/hello"):
            self.put(f"payload/{path}", "x")
            self.wrong(path, "a VIB of level community may not bring a file there; it may in opt/, usr/lib/vmware/", {})
            self.built({"acceptance-level": "partner"})
            self.out.unlink()
            (self.payload / path).unlink()

    def test_unreadable(self):
        """For root everything can be read: as somebody else."""
        who = {}
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                self.skipTest("root reads everything, and there is no setpriv")
            program = self.folder / "vibpack"
            shutil.copy(makers.VIBPACK, program)
            self.folder.chmod(0o777)
            nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program]
            who = {"program": nobody}
        file = self.payload / "opt/acme/bin/hello"
        for path, target in ((file, "opt/acme/bin/hello"), (self.payload / "opt/acme/etc", "opt/acme/etc"), (self.payload, "")):
            mode = path.stat().st_mode & 0o7777
            path.chmod(0)
            self.no(self.build(**who), self.payload, target, "Permission denied")
            path.chmod(mode)
        self.recipe.chmod(0)
        self.no(self.build(**who), f"cannot read {self.recipe}: Permission denied")

    def test_folder(self):
        self.no(self.build(payload=self.folder / "no"), f"{self.folder}/no", "No such file or directory")
        self.no(self.build(payload=self.recipe), self.recipe, "Not a directory")
        shutil.rmtree(self.payload)
        self.payload.mkdir()
        self.no(self.build(), f"{self.payload}: there is no file in it")
        (self.payload / "opt/acme").mkdir(parents=True)
        self.no(self.build(), f"{self.payload}: there is no file in it")
        deep = self.payload / "opt" / "/".join("d" * 40)
        deep.mkdir(parents=True)
        self.no(self.build(), "is nested too deep")

    def test_large(self):
        """Without reading it."""
        path = self.payload / "opt/acme/large"
        with path.open("wb") as f:
            f.truncate(600 * MIB)
        done = self.build(seconds=2, memory=200)
        self.no(done, path, "makes the payload too large: more than 512 MiB")
        self.assertLess(done.peak, 60 if makers.LIMITED else 4000)
        with path.open("wb") as f:
            f.truncate(1 << 42)
        self.no(self.build(seconds=2, memory=200), "more than 512 MiB")
        with path.open("wb") as f:
            f.truncate(300 * MIB)
        os.link(path, path.with_name("second"))
        self.no(self.build(seconds=2, memory=200), "more than 512 MiB")

    def test_fifo_for_a_file(self):
        """Nothing that could block is opened."""
        path = self.payload / "opt/acme/bin/hello"
        path.unlink()
        os.mkfifo(path)
        self.wrong("opt/acme/bin/hello", "is neither a file nor a folder")


class Output(Folder):
    def test_says_what_it_made(self):
        done = self.build()
        self.assertEqual(done.text, f"{self.out}: {self.out.stat().st_size} bytes")
        done = run("build", "--descriptor", self.recipe, "--payload", self.payload, "-o", self.out, "-q")
        self.assertEqual((done.code, done.out, done.err), (0, "", ""))

    def test_replaced(self):
        self.out.write_text("old")
        link = self.folder / "link.vib"
        link.symlink_to("x.vib")
        self.built(out=link)
        self.assertTrue(link.is_symlink())
        self.verify(self.out)

    def test_not_replaced_by_what_fails(self):
        self.out.write_text("old")
        self.refused(self.build({"name": "a b"}))
        self.assertEqual(self.out.read_text(), "old")

    def test_cannot_be_written(self):
        self.no(self.build(out=self.folder / "no/x.vib"), f"cannot write {self.folder}/no/x.vib: No such file or directory")
        self.no(self.build(out="/dev/full"), "cannot write /dev/full: No space left on device")
        self.no(self.build(out=self.folder), f"cannot write {self.folder}: Is a directory")
        self.no(self.build(out=self.recipe / "x"), "Not a directory")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.no(self.build(out=fifo), f"cannot write {fifo}: ")

    def test_full_disk(self):
        """At each length: nothing is there afterwards, or the old file is."""
        size = len(self.built())
        for old in (None, "old"):
            for room in (0, 1, 512, size - 1):
                if old:
                    self.out.write_text(old)
                else:
                    self.out.unlink(missing_ok=True)

                def limit(room=room):
                    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
                done = subprocess.run([makers.VIBPACK, "build", "--descriptor", self.recipe, "--payload", self.payload, "-o",
                                       self.out], check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      preexec_fn=limit, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(self.out.read_text() if self.out.exists() else None, old)
                self.assertEqual([p.name for p in self.folder.iterdir() if "vib" in p.name], [self.out.name] if old else [])

    def test_closed_stdout(self):
        for arguments in (["list"], ["verify"]):
            self.built()
            done = subprocess.run([makers.VIBPACK, *arguments, self.out], check=False, stderr=subprocess.PIPE,
                                  preexec_fn=lambda: os.close(1))
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(b"cannot write to standard output", done.stderr)
            with open("/dev/full", "wb") as full:
                done = subprocess.run([makers.VIBPACK, *arguments, self.out], check=False, stdout=full,
                                      stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1)
        with open("/dev/full", "wb") as full:
            for arguments in (["--help"], ["version"], ["build", "--help"]):
                self.assertEqual(subprocess.run([makers.VIBPACK, *arguments], check=False, stdout=full,
                                                stderr=subprocess.DEVNULL).returncode, 1)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([makers.VIBPACK, "list", self.out], check=False, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual(done.returncode, 1)

    def test_closed_stdout_gets_no_vib(self):
        """The file that is written must not become descriptor 1."""
        done = subprocess.run([makers.VIBPACK, "build", "--descriptor", self.recipe, "--payload", self.payload, "-o", self.out],
                              check=False, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
        self.assertEqual(done.returncode, 1)
        if self.out.exists():
            self.verify(self.out)


class CommandLine(Folder):
    def test_usage(self):
        for arguments in (
                [], ["biuld"], ["--novelty"], ["-x"], ["build"], ["build", "--descriptor", "a"],
                ["build", "--descriptor", "a", "--payload", "b"], ["build", "x", "--descriptor", "a", "--payload", "b", "-o", "c"],
                ["build", "--descriptor", "a", "--descriptor", "b", "--payload", "b", "-o", "c"], ["build", "--descriptor"],
                ["build", "--descriptor", "", "--payload", "b", "-o", "c"], ["verify"], ["verify", "a", "b"], ["verify", "--key", "a"],
                ["verify", "--novelty", "a"], ["verify", "-x", "a"], ["verify", "--verbose=1", "a"], ["verify", "a", "--cafile"],
                ["list"], ["list", "-v", "a"], ["list", "-q", "a"], ["sign", "a"], ["sign", "--key", "a", "--cert", "b", "c"],
                ["sign", "--key", "a", "--cert", "b", "-o", "c"], ["bundle", "--vib", "a", "-o", "b"], ["--verbose", "list"],
                ["bundle", "--vib", "a", "--component", "c"], ["version", "x"], ["list", "--", "a", "b"], ["--help=1"]):
            done = run(*arguments)
            self.assertEqual((done.code, done.out), (64, ""), arguments)
            self.assertRegex(done.err, r"\Avibpack: [^\n]+\nvibpack: `vibpack --help` lists commands and options\n\Z")

    def test_help(self):
        whole = run("--help")
        self.assertEqual((whole.code, whole.err), (0, ""))
        for command in ("build", "bundle", "sign", "list", "verify", "version"):
            for arguments in ([command, "--help"], [command, "-h"], ["--help", command]):
                done = run(*arguments)
                self.assertEqual((done.code, done.err), (0, ""))
                self.assertTrue(done.out.startswith(f"vibpack {command}"))
                self.assertIn("exit codes: 0 done", done.out)
            self.assertIn(f"\nvibpack {command}", whole.out)
        for text in (whole.out, run("sign", "--help").out):
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
            self.assertEqual([line for line in text.splitlines() if line != line.rstrip()], [])

    def test_version(self):
        for arguments in (["version"], ["--version"]):
            self.assertRegex(run(*arguments).out, r"\Avibpack \d+\.\d+\.\d+[^\n]*\n\Z")

    def test_ways_to_write_options(self):
        for arguments in ([f"--output={self.out}"], ["--output", self.out], ["-o", self.out]):
            done = run("build", f"--descriptor={self.recipe}", "--payload", self.payload, *arguments)
            self.assertEqual(done.code, 0)
        self.assertEqual(run("list", "--", self.out).code, 0)

    def test_files_that_are_none(self):
        os.mkfifo(self.folder / "fifo")
        for command in ("verify", "list"):
            for path, says in ((self.folder / "no", "No such file or directory"), (self.folder, "is no regular file"),
                               (self.folder / "fifo", "is no regular file"), ("/dev/zero", "is no regular file")):
                self.refused(run(command, path), path, says)
        self.built()
        self.refused(run("verify", self.out, "--cafile", self.folder / "no"), "/no", "No such file")
        self.refused(run("verify", self.out, "--packaged", self.folder / "no"), "/no", "No such file")
        with (self.folder / "large").open("wb") as f:
            f.truncate(513 * MIB)
        for command in ("verify", "list"):
            done = run(command, self.folder / "large", memory=200, seconds=2)
            self.refused(done, "is larger than 512 MiB")

    def test_list(self):
        self.built()
        done = run("list", self.out)
        self.assertEqual((done.code, done.err), (0, ""))
        for line in ("VIB             ACME_bootbank_acme-hello_1.2.3-4", "summary         Says hello",
                     "description     It says hello.", "released        2026-11-26T00:00:00.000000+00:00",
                     "level           community", "signature       none", "live            install yes, remove yes",
                     "maintenance     no", "  0755         21  opt/acme/bin/hello", "  0644          6  opt/acme/etc/hello.conf"):
            self.assertIn(line + "\n", done.out)
        self.assertRegex(done.out, r"payload +acme, tgz, \d+ bytes\n")
        self.assertLessEqual(max(map(len, done.out.splitlines())), 80)

    def test_list_of_wrong_ones(self):
        for data in (b"", b"hello", b"PK", self.built()[:100], Vib().bytes()[:-20], makers.ar(Vib().members[:2])):
            done = run("list", self.put("y.vib", data))
            self.assertIn(done.code, (0, 1))
            if done.code:
                self.refused(done, "y.vib")
        done = run("list", self.put("y.vib", Vib(packed=b"hello").bytes()))
        self.assertEqual(done.code, 0)
        self.assertIn("  (is no gzip file, or was cut off)\n", done.out)
        hostile = Vib(files={}, tar=makers.filled(
            tar_header("opt/a", kind="2", link="\x1b]0;x\x07") + bytes(1024), 10240)).edit("Says hello", "a\u202e&#x9b;31m b")
        done = run("list", self.put("y.vib", hostile.bytes()))
        self.assertEqual(done.code, 0)
        self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.out), done.out)

    def test_quiet_and_verbose(self):
        self.built()
        self.assertEqual(run("verify", "-q", self.out).out, "")
        self.assertIn("ok ", run("verify", "--verbose", self.out).out)
        self.assertNotIn("ok ", run("verify", self.out).out)
        path = self.put("y.vib", self.out.read_bytes()[:-1] + b"x")
        done = run("verify", "--quiet", path)
        self.assertEqual(done.code, 2)
        self.assertIn("NOT VERIFIED", done.out)

    def test_width(self):
        folder = pathlib.Path("/tmp/vibpack-width")
        folder.mkdir(exist_ok=True)
        self.addCleanup(shutil.rmtree, folder)
        path = folder / "a.vib"
        path.write_bytes(Vib(form="gnu").edit("<file>", "<file>opt/x</file><file>").edit("community", "partner").bytes())
        for arguments in (["verify", "-v", path], ["list", path]):
            self.assertLessEqual(max(map(len, run(*arguments).out.splitlines())), 80)


class Signed(Folder):
    @classmethod
    def setUpClass(cls):
        cls.keys = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.keys)

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=cls.keys, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        for who in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{who}.key", "-out", f"{who}.pem", "-days", "3650",
                    "-subj", f"/CN=ACME {who} authority")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "signer.key", "-out", "signer.csr", "-subj", "/CN=ACME Signer")
        openssl("x509", "-req", "-in", "signer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "signer.pem",
                "-days", "3650")
        openssl("rsa", "-in", "signer.key", "-aes256", "-passout", "pass:secret", "-out", "encrypted.key")
        (cls.keys / "chain.pem").write_bytes((cls.keys / "signer.pem").read_bytes() + (cls.keys / "ca.pem").read_bytes())

    def sign(self, source, key="signer.key", cert="chain.pem", **options):
        return run("sign", "--key", self.keys / key, "--cert", self.keys / cert, source, "-o", self.folder / "signed.vib",
                   **options)

    def signed(self, keys=None, **options):
        self.built(keys or {"acceptance-level": "partner"})
        done = self.sign(self.out, **options)
        self.assertEqual((done.code, done.err), (0, ""))
        return self.folder / "signed.vib"

    def test_by_openssl(self):
        path = self.signed()
        members = read_ar(path.read_bytes())
        before = read_ar(self.out.read_bytes())
        self.assertEqual([members[i] for i in (0, 2)], [before[i] for i in (0, 2)])
        self.assertRegex(members[1][1], rb"\A-----BEGIN PKCS7-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PKCS7-----\n?\Z")
        self.put("descriptor.xml", members[0][1])
        self.put("sig.pkcs7", members[1][1])
        subprocess.run(["ar", "x", path], cwd=self.folder, check=True)
        verify = ["openssl", "smime", "-verify", "-inform", "PEM", "-in", "sig.pkcs7", "-content", "descriptor.xml", "-binary",
                  "-out", "/dev/null"]
        for trust in (["-noverify"], ["-CAfile", self.keys / "ca.pem", "-purpose", "any"]):
            subprocess.run([*verify, *trust], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
        self.put("descriptor.xml", members[0][1] + b" ")
        self.assertNotEqual(subprocess.run([*verify, "-noverify"], cwd=self.folder, check=False,
                                           stderr=subprocess.DEVNULL).returncode, 0)

    def test_verify(self):
        path = self.signed()
        text = self.verify(path, "--cafile", self.keys / "ca.pem", lacks="not covered").text
        self.assertNotIn("give --cafile", text)
        self.verify(path, "-v", "--cafile", self.keys / "ca.pem", says=["signed by ACME Signer", "trusted"])
        self.verify(path, says=["right, but who that is was not checked: give --cafile"])
        self.verify(path, "--cafile", self.keys / "other.pem", code=2, says="sig.pkcs7: ")
        self.verify(path, "--cafile", self.keys / "signer.key", code=2)
        self.verify(self.out, code=2, says="is of acceptance level partner, but not signed")
        self.built({})
        self.verify(self.out, "--cafile", self.keys / "ca.pem", code=2, says="is not signed, so --cafile cannot be met")
        self.assertIn("ACME Signer", run("list", path).out)

    def test_community_may_be_signed(self):
        self.verify(self.signed({"acceptance-level": "community"}), "--cafile", self.keys / "ca.pem")

    def test_signature_of_another(self):
        one = read_ar(self.signed().read_bytes())
        other = read_ar(self.signed({"acceptance-level": "partner", "summary": "Other"}).read_bytes())
        mixed = [("descriptor.xml", other[0][1]), ("sig.pkcs7", one[1][1]), ("acme", other[2][1])]
        self.verify(makers.ar(mixed), code=2, says="sig.pkcs7: ")

    def test_same_bytes(self):
        env = {"SOURCE_DATE_EPOCH": "1700000000"}
        self.assertEqual(self.signed(env=env).read_bytes(), self.signed(env=env).read_bytes())

    def test_signed_again(self):
        path = self.signed()
        done = self.sign(path, key="other.key", cert="other.pem")
        self.assertEqual(done.code, 0)
        self.verify(path, "--cafile", self.keys / "other.pem")

    def test_bundle(self):
        path = self.signed()
        component = self.put("c.yaml", yaml({"name": "a", "display-name": "b", "vendor-code": "ABC", "kb-url": "c", "contact": "d",
                                             "platforms": '["8.*"]'}))
        self.assertEqual(run("bundle", "--vib", path, "--component", component, "-o", self.folder / "b.zip").code, 0)
        self.verify(self.folder / "b.zip", "--cafile", self.keys / "ca.pem", lacks=["note ", "not covered"])
        self.verify(self.folder / "b.zip", "--cafile", self.keys / "other.pem", code=2)

    def refuses(self, done, *says):
        self.assertEqual(done.code, 1, done.err)
        for part in says:
            self.assertIn(part, " ".join(done.err.split()))
        self.assertFalse((self.folder / "signed.vib").exists())

    def test_refused(self):
        self.built({"acceptance-level": "partner"})
        self.refuses(self.sign(self.out, key="other.key"), "key")
        self.refuses(self.sign(self.out, key="encrypted.key"), "encrypted")
        self.refuses(self.sign(self.out, key="no.key"), "no.key: No such file")
        self.refuses(self.sign(self.out, cert="no.pem"), "no.pem: No such file")
        self.refuses(self.sign(self.folder / "no.vib"), "no.vib: No such file")
        self.refuses(self.sign(self.out, key="signer.pem"), "key")
        self.refuses(self.sign(self.out, cert="signer.key"), "certificate")
        self.refuses(self.sign(self.recipe), "is no VIB")

    def test_damaged_are_not_signed(self):
        for vib, says in ((Vib().edit("<file>", "<file>x"), "the payload has"),
                          (Vib().edit('size="', 'size="1'), "but the descriptor says"),
                          (Vib().edit('name="payload1"', 'name="payload2"'), "stands where the payload payload2 should"),
                          (Vib().edit("<checksum ", "<checksum verify-process='x' "), ""),
                          (Vib().edit("</vib>", "</bib>"), "no well-formed XML")):
            self.refuses(self.sign(self.put("a.vib", vib.bytes())), says, "is not signed, because it is not right")
        more = Vib()
        more.payloads.append(("more", b"x"))
        self.refuses(self.sign(self.put("a.vib", more.bytes())), "more is no payload", "is not signed")
        less = Vib()
        less.payloads = []
        self.refuses(self.sign(self.put("a.vib", less.bytes())), "no ar member for the payload", "is not signed")

    def test_flips(self):
        """A certificate that was not needed, and is another one now, is named at least."""
        for cert in ("signer.pem", "chain.pem"):
            data = self.signed(cert=cert).read_bytes()
            for at in range(0, len(data), 53 if makers.LIMITED else 211):
                other = bytearray(data)
                other[at] ^= 1 << at % 8
                path = self.put("x.vib", bytes(other))
                done = run("verify", "--cafile", self.keys / "ca.pem", path)
                if cert == "chain.pem" and done.code == 0:
                    self.assertRegex(done.text, "not covered .*: in sig.pkcs7: the certificate of ")
                else:
                    self.assertEqual(done.code, 2, done.out)


if __name__ == "__main__":
    makers.main(__doc__)
