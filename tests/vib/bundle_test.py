#!/usr/bin/env python3
"""bundle_test.py VIBPACK: `vibpack bundle`, and `vibpack verify` of bundles: own, others', wrong and hostile ones."""
import hashlib
import io
import random
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree
import zipfile
from xml.sax.saxutils import escape, quoteattr

import makers
from makers import Bundle, TestCase, Vib, make_zip, run

COMPONENT = {
    "name": "acme-hello", "display-name": "Hello of ACME", "vendor": "ACME Inc", "vendor-code": "ACM",
    "kb-url": "https://acme.example/", "contact": "hello@acme.example", "platforms": '["8.*", "9.*"]'}
NASTY = ("a & b < c > d \" e ' f ]]> g <![CDATA[ h ]]> i &amp; &lt; &#0; <!-- j --> <?k?> \U0001f600 "
         "\u202e\u05d0\u05d1 \u4e2d %s %n \\x41 {} ;")


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def yaml(keys):
    return "".join(f"{key}: {value}\n" for key, value in keys.items())


def unzip(data):
    """{name: bytes}, each read and its CRC compared by Python."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


class Made(TestCase):
    """Bundles of vibpack."""

    def bundle(self, vib=None, keys=None, **options):
        path = self.put("a.vib", (vib or Vib()).bytes())
        component = self.put("component.yaml", yaml({**COMPONENT, **(keys or {})}))
        done = run("bundle", "--vib", path, "--component", component, "-o", self.folder / "b.zip", **options)
        self.assertEqual((done.code, done.err), (0, ""))
        data = (self.folder / "b.zip").read_bytes()
        self.assertEqual(done.text, f"{self.folder}/b.zip: {len(data)} bytes")
        return data

    def test_by_other_readers(self):
        vib = Vib()
        data = self.bundle(vib)
        for zipped in (data, unzip(data)["metadata.zip"]):
            path = self.put("x/x.zip", zipped)
            subprocess.run(["unzip", "-tq", path], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["unzip", "-qo", path, "-d", self.folder / "x"], check=True)
        inside = sorted(str(p.relative_to(self.folder / "x")) for p in (self.folder / "x").rglob("*.xml"))
        self.assertEqual(inside[:2], ["bulletins/acme-hello_1.2.3-4.xml", "index.xml"])
        self.assertEqual(len(inside), 5)
        subprocess.run(["xmllint", "--noout", "--nonet", *inside], check=True, cwd=self.folder / "x")
        self.assertEqual((self.folder / "x" / "vib20/acme-hello/ACME_bootbank_acme-hello_1.2.3-4.vib").read_bytes(), vib.bytes())

    def test_layout(self):
        vib = Vib()
        outer = unzip(self.bundle(vib))
        path = f"vib20/acme-hello/{vib.id}.vib"
        self.assertEqual(list(outer), ["index.xml", "vendor-index.xml", "metadata.zip", path])
        self.assertEqual(outer[path], vib.bytes())
        inner = unzip(outer["metadata.zip"])
        names = list(inner)
        self.assertEqual(names[:3], ["vmware.xml", "vendor-index.xml", "bulletins/acme-hello_1.2.3-4.xml"])
        self.assertRegex(names[3], r"^vibs/acme-hello-\d+\.xml$")
        self.assertEqual(inner["vendor-index.xml"], outer["vendor-index.xml"])
        for zipped in (outer["metadata.zip"], (self.folder / "b.zip").read_bytes()):
            with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
                for info in archive.infolist():
                    self.assertEqual((info.compress_type, info.flag_bits & ~0x800, info.extra, info.comment),
                                     (zipfile.ZIP_STORED, 0, b"", b""))
                    self.assertEqual(info.date_time, (2026, 11, 26, 0, 0, 0))
                self.assertEqual(archive.comment, b"")

        def tree(data):
            return xml.etree.ElementTree.fromstring(data)
        vendor = tree(outer["index.xml"]).find("vendor")
        self.assertEqual([(e.tag, e.text) for e in vendor][:5],
                         [("name", "ACME Inc"), ("code", "ACM"), ("indexfile", "vendor-index.xml"), ("patchUrl", None),
                          ("relativePath", None)])
        self.assertEqual([e.text for e in vendor.find("content")],
                         ["VMware ESX", "http://www.vmware.com/depotmanagement/esx"])
        platforms = [[e.text for e in m] for m in tree(outer["vendor-index.xml"]).findall("metadata")]
        self.assertEqual(platforms, [["embeddedEsx", v, None, "metadata.zip", "default"] for v in ("8.*", "9.*")])
        bulletin, vmware = tree(inner[names[2]]), tree(inner["vmware.xml"]).find("bulletin")
        for b in (bulletin, vmware):
            self.assertEqual(b.find("id").text, "acme-hello_1.2.3-4")
            self.assertEqual(b.find("componentNameSpec").attrib, {"name": "acme-hello", "uiString": "Hello of ACME"})
            self.assertEqual(b.find("componentVersionSpec").attrib, {"uiString": "1.2.3-4", "version": "1.2.3-4"})
            self.assertEqual([e.tag for e in b], ["id", "vendor", "summary", "severity", "category", "urgency", "releaseType",
                                                  "description", "kbUrl", "contact", "componentNameSpec",
                                                  "componentVersionSpec", "releaseDate", "platforms", "vibList"])
            self.assertEqual([p.attrib for p in b.find("platforms")],
                             [{"locale": "", "version": v, "productLineID": "embeddedEsx"} for v in ("8.*", "9.*")])
        self.assertEqual([e.text for e in bulletin.find("vibList")], [vib.id])
        entry = vmware.find("vibList/vib")
        self.assertEqual(entry.find("vibID").text, vib.id)
        self.assertEqual([e.attrib["version"] for e in entry.findall("systemReqs/swPlatform")], ["8.*", "9.*"])
        self.assertEqual(entry.find("vibFile/relativePath").text, path)
        self.assertEqual(int(entry.find("vibFile/packedSize").text), len(vib.bytes()))
        self.assertEqual(entry.find("vibFile/checksum/checksum").text, hashlib.sha256(vib.bytes()).hexdigest())
        copy = tree(inner[names[3]])
        self.assertEqual(copy.find("checksum").text, hashlib.sha256(vib.bytes()).hexdigest())
        self.assertEqual(copy.find("relative-path").text, path)
        self.assertEqual(int(copy.find("packed-size").text), len(vib.bytes()))
        self.assertEqual(len(copy.findall("system-requires/softwarePlatform")), 2)
        # without what was added it is the descriptor
        for tag in ("relative-path", "packed-size", "checksum"):
            copy.remove(copy.find(tag))
        for added in copy.findall("system-requires/softwarePlatform"):
            copy.find("system-requires").remove(added)
        canonical = [xml.etree.ElementTree.canonicalize(text, strip_text=True)
                     for text in (vib.xml, xml.etree.ElementTree.tostring(copy, encoding="unicode"))]
        self.assertEqual(*canonical)

    def test_reboot_required(self):
        for live, reboot in (("true", "false"), ("false", "true")):
            vib = Vib().edit("<live-install-allowed>true", f"<live-install-allowed>{live}")
            inner = unzip(unzip(self.bundle(vib))["metadata.zip"])
            self.assertIn(f"<rebootRequired>{reboot}</rebootRequired>".encode(), inner["vmware.xml"])

    def test_nasty_text(self):
        """The same text, in every file, for every XML parser."""
        vib = Vib()
        vib.edit("Says hello", escape(NASTY)).edit("It says hello.", escape(NASTY[::-1]))
        vib.edit("<depends/>", f"<depends><constraint name={quoteattr(NASTY)}/></depends>")
        vib.edit("<software-tags/>", f"<software-tags><tag>{escape(NASTY)}</tag></software-tags>")
        text = quoted(NASTY)
        outer = unzip(self.bundle(vib, {"display-name": text, "vendor": text, "kb-url": text, "contact": text}))
        inner = unzip(outer["metadata.zip"])
        trees = {name.split("/")[0]: xml.etree.ElementTree.fromstring(data) for name, data in {**outer, **inner}.items()
                 if name.endswith(".xml")}
        self.assertEqual(len(trees), 5)
        self.assertEqual(trees["index.xml"].find("vendor/name").text, NASTY)
        for bulletin in (trees["bulletins"], trees["vmware.xml"].find("bulletin")):
            for tag in ("vendor", "summary", "kbUrl", "contact"):
                self.assertEqual(bulletin.find(tag).text, NASTY)
            self.assertEqual(bulletin.find("description").text, NASTY[::-1])
            self.assertEqual(bulletin.find("componentNameSpec").attrib["uiString"], NASTY)
        self.assertEqual(trees["vibs"].find("summary").text, NASTY)
        self.assertEqual(trees["vibs"].find("software-tags/tag").text, NASTY)
        entry = trees["vmware.xml"].find("bulletin/vibList/vib")
        self.assertEqual(entry.find("summary").text, NASTY)
        self.assertEqual(entry.find("softwareTags/tag").text, NASTY)
        for depends in (entry.find("relationships/depends"), trees["vibs"].find("relationships/depends")):
            self.assertEqual(depends[0].attrib["name"], NASTY)
        self.put("b.zip", self.bundle(vib, {"display-name": text, "vendor": text, "kb-url": text, "contact": text}))
        self.verify(self.folder / "b.zip", lacks=["note ", "not covered"])
        listed = run("list", self.folder / "b.zip")
        self.assertEqual(listed.code, 0)

    def test_own_words(self):
        keys = {"version": "2.0.0-7", "summary": "Own summary", "description": "Own description", "severity": "critical",
                "category": "Bugfix", "urgency": "Critical", "release-type": "patch"}
        inner = unzip(unzip(self.bundle(keys=keys))["metadata.zip"])
        bulletin = xml.etree.ElementTree.fromstring(inner["bulletins/acme-hello_2.0.0-7.xml"])
        self.assertEqual([e.text for e in bulletin][:8], ["acme-hello_2.0.0-7", "ACME Inc", "Own summary", "critical", "Bugfix",
                                                          "Critical", "patch", "Own description"])
        self.verify(self.folder / "b.zip", lacks="note ")

    def test_same_bytes(self):
        one = self.bundle()
        two = self.bundle(cwd="/", env={"TZ": "Asia/Tokyo", "LC_ALL": "C"})
        self.assertEqual(one, two)
        three = self.bundle(env={"SOURCE_DATE_EPOCH": "1000000000"})
        self.assertNotEqual(one, three)
        with zipfile.ZipFile(io.BytesIO(three)) as archive:
            self.assertEqual(archive.infolist()[0].date_time, (2001, 9, 9, 1, 46, 40))

    def test_verified(self):
        data = self.bundle()
        done = self.verify(data, "-v", name="b.zip", lacks=["not covered", "note "], says=["component acme-hello 1.2.3-4"])
        self.assertLessEqual(max(map(len, done.out.replace(str(self.folder), "/tmp/folder").splitlines())), 80)
        self.verify(Vib().bytes(), "--packaged", self.folder / "b.zip", lacks="not covered")
        self.verify(Vib().edit("Says", "Said").bytes(), "--packaged", self.folder / "b.zip", code=2,
                    says="is not that of any VIB in")
        usage = run("verify", "--packaged", self.folder / "b.zip", self.folder / "b.zip")
        self.assertEqual(usage.code, 64)

    def test_zip_of_another_program_around_it(self):
        """Times and attributes of a bundle of ours are as they were made, or somebody else has packed it."""
        data = self.bundle()
        outer = unzip(data)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.verify(make_zip(outer, method), code=2, says="the zip is not as vibpack made it")
            inner = make_zip(unzip(outer["metadata.zip"]), method)
            self.verify(make_zip({**outer, "metadata.zip": inner}), code=2, says="metadata.zip: the zip is not as vibpack")

    def test_list(self):
        self.bundle()
        done = run("list", self.folder / "b.zip")
        self.assertEqual(done.code, 0)
        for part in ("acme-hello_1.2.3-4", "acme-hello 1.2.3-4", "8.*", "9.*", "vib20/acme-hello/ACME_bootbank"):
            self.assertIn(part, done.out)

    def test_refused_components(self):
        vib = self.put("a.vib", Vib().bytes())
        path = self.folder / "component.yaml"

        def refused(text, *says):
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            done = run("bundle", "--vib", vib, "--component", path, "-o", self.folder / "no.zip")
            self.refused(done, *says)
            self.assertFalse((self.folder / "no.zip").exists())
        for key, value, says in (
                ("name", "acme hello", "not \"acme hello\""), ("name", "a" * 65, "1 to 64"), ("name", "a_b", 'not "a_b"'),
                ("name", '""', '"name" wants a text'), ("name", "[a]", '"name" wants a text'),
                ("name", "acm\u00e9", "letters, digits and dashes"),
                ("vendor-code", "AC", "three letters or digits"), ("vendor-code", "ACME", "three letters or digits"),
                ("vendor-code", "A-C", "three letters or digits"), ("vendor-code", "{a: b}", '"vendor-code" wants a text'),
                ("version", "1.0", "is no version of a component"), ("version", "a-1", "is no version"),
                ("version", "1.0-" + "1" * 70, "is no version"), 
                ("platforms", "[]", "platforms lists none"), ("platforms", "8.*", '"platforms" wants a list'),
                ("platforms", '["*"]', "is no platform"), ("platforms", '["8.*.1"]', "is no platform"),
                ("platforms", '["8."]', "is no platform"), ("platforms", '["8..0"]', "is no platform"),
                ("platforms", '["eight"]', "is no platform"), ("platforms", '[""]', "wants a text"),
                ("platforms", '["8.*", "8.*"]', '"8.*" stands twice'),
                ("platforms", "[[8]]", "wants a text"), ("platforms", '["' + "8" * 33 + '"]', "is no platform"),
                ("display-name", '"a\\nb"', "one line of UTF-8 without control"),
                ("display-name", '"a\\tb"', "one line of UTF-8"), ("display-name", '"a\\eb"', "one line of UTF-8"),
                ("display-name", '"a\\0b"', "one line of UTF-8"), ("display-name", '"\\x85"', "one line of UTF-8"),
                ("display-name", "x" * 1001, "longer than 1000 bytes"), ("display-name", '" "', "wants a text"),
                ("kb-url", "{}", '"kb-url" wants a text'), ("contact", "", '"contact" wants a text'),
                ("summary", "", '"summary" wants a text'), ("description", '"a\\rb"', "one line of UTF-8"),
                ("severity", "[]", '"severity" wants a text'), ("category", "[]", '"category"'),
                ("urgency", "[]", '"urgency"'), ("release-type", "[]", '"release-type"'), ("vendor", "{}", '"vendor" wants')):
            with self.subTest(key=key, value=value):
                text = yaml({**COMPONENT, key: value})
                line = [row.split(":")[0] for row in text.splitlines()].index(key) + 1
                refused(text, f"{path}:{line}:", says)
        for key in ("name", "display-name", "vendor-code", "kb-url", "contact", "platforms"):
            refused(yaml({k: v for k, v in COMPONENT.items() if k != key}), f'{path}: has no "{key}"')
        refused(yaml(COMPONENT) + "novelty: 1\n", f'{path}:8:1: unknown key "novelty" (known: name, ')
        refused(yaml(COMPONENT) + "name: again\n", f"{path}:8:1: ")
        refused("", f"{path}: is no map")
        refused("- a\n", f"{path}: is no map")
        refused("a: [", f"{path}:")
        refused(yaml(COMPONENT).encode() + b"vendor: \xff\n", f"{path}:")
        refused("x" * (257 << 10), f"{path}: is larger than")
        path.unlink()
        self.refused(run("bundle", "--vib", vib, "--component", path, "-o", self.folder / "no.zip"), f"cannot read {path}",
                     "No such file")

    def test_refused_vibs(self):
        component = self.put("component.yaml", yaml(COMPONENT))
        for vib, says in ((Vib().edit("<file>", "<file>x"), "the payload has"), (Vib(form="gnu"), None),
                          (Vib().cut("<release-date>.*</release-date>"), "lacks a release-date, summary or description"),
                          (Vib().cut("<summary>.*</summary>"), "lacks a release-date, summary"),
                          (Vib().cut("<description>.*</description>"), "lacks a release-date, summary"),
                          (Vib().edit("community", "partner"), "not signed")):
            path = self.put("a.vib", vib.bytes())
            done = run("bundle", "--vib", path, "--component", component, "-o", self.folder / "b.zip")
            if says:
                self.refused(done, path, says)
            else:
                self.verify(self.folder / "b.zip")
        self.refused(run("bundle", "--vib", "/no/such", "--component", component, "-o", self.folder / "c.zip"), "/no/such")
        self.refused(run("bundle", "--vib", component, "--component", component, "-o", self.folder / "c.zip"), "is no VIB")

    def test_names_that_lead_out(self):
        """What becomes a path in the bundle cannot leave its folder."""
        component = self.put("component.yaml", yaml(COMPONENT))
        for old, new in (("acme-hello", ".."), ("acme-hello", "."), ("acme-hello", "..."), ("ACME", "..")):
            path = self.put("a.vib", Vib().edit(old, new).bytes())
            done = run("bundle", "--vib", path, "--component", component, "-o", self.folder / "b.zip")
            if done.code:
                self.refused(done)
            else:
                self.assertTrue(all(".." not in name.split("/") for name in unzip((self.folder / "b.zip").read_bytes())))
                self.verify(self.folder / "b.zip")


class Foreign(TestCase):
    """Bundles that others make."""

    def test_templates(self):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.verify(Bundle(method=method, platforms=("7.*", "8.*")).bytes(), says="it is not of vibpack's form")

    def test_programs(self):
        bundle = Bundle()
        bundle.files["metadata.zip"] = make_zip(bundle.metadata)
        for name, data in bundle.files.items():
            self.put(f"in/{name}", data)
        makes = [["zip", "-qr", "../b.zip", "."], ["zip", "-qrD0", "../b.zip", "."], ["zip", "-qrX", "../b.zip", "."]]
        if shutil.which("bsdtar"):
            makes.append(["bsdtar", "--format", "zip", "-cf", "../b.zip", *bundle.files])
        for make in makes:
            (self.folder / "b.zip").unlink(missing_ok=True)
            subprocess.run(make, cwd=self.folder / "in", check=True)
            self.verify(self.folder / "b.zip", lacks="note ", says="not covered")

    def test_vib_at_the_top(self):
        bundle = Bundle()
        bundle.files["a.vib"] = bundle.files.pop(bundle.path)
        for name in ("vmware.xml", "vibs/acme-hello-1234.xml"):
            bundle.edit(name, bundle.path, "a.vib")
        self.verify(bundle.bytes(), lacks="note ")

    def test_relative_path(self):
        bundle = Bundle()
        for name in ("vendor-index.xml", "metadata.zip"):
            bundle.files[f"main/{name}"] = bundle.files.pop(name)
        bundle.files["main/metadata.zip"] = make_zip(bundle.metadata)
        bundle.edit("index.xml", "<relativePath>", "<relativePath>main")
        self.verify(bundle.bytes())

    def test_notes(self):
        bulletin = Bundle()
        for name in ("vmware.xml", "bulletins/acme-hello_1.2.3-4.xml"):
            bulletin.metadata[name] = re.sub("<component.*?/><component.*?/>", "", bulletin.metadata[name])
        self.verify(bulletin.bytes(), says="acme-hello_1.2.3-4 is no component: `esxcli software vib install -d` takes it")
        for bundle, says in (
                (Bundle().edit("index.xml", "<code>ACM<", "<code>Unknown<"), "the vendor's code \"Unknown\" is not three"),
                (Bundle().edit("vendor-index.xml", "embeddedEsx", "esx"), None)):
            if says:
                self.verify(bundle.bytes(), says=says)
        stray = Bundle()
        stray.files["readme.txt"] = b"hello"
        stray.metadata["notes/a.txt"] = b"hello"
        self.verify(stray.bytes(), says=["nothing refers to readme.txt", "nothing refers to notes/a.txt"])
        lacking = Bundle()
        del lacking.metadata["vendor-index.xml"]
        self.verify(lacking.bytes(), says="has no vendor-index.xml of its own")


class Chain(TestCase):
    """One fault at a time between index.xml and the bytes of the VIB."""

    def wrong(self, bundle, *says, **limits):
        done = self.verify(bundle.bytes() if isinstance(bundle, Bundle) else bundle, code=2, says=says, name="b.zip", **limits)
        # it cannot vouch for a VIB either
        path = self.put("a.vib", Vib().bytes())
        self.assertEqual(run("verify", "--packaged", self.folder / "b.zip", path).code, 2)
        return done

    def without(self, name, inside=False):
        bundle = Bundle()
        del (bundle.metadata if inside else bundle.files)[name]
        return bundle

    def test_missing(self):
        bundle = Bundle()
        self.wrong(self.without("index.xml"), "there is no (readable) index.xml")
        self.wrong(self.without("vendor-index.xml"), "the index vendor-index.xml is not in the bundle")
        self.wrong(self.without("metadata.zip"), "the metadata metadata.zip are not in the bundle")
        self.wrong(self.without(bundle.path), f"{bundle.path} of {bundle.vib.id} is not in the bundle")
        self.wrong(self.without("vmware.xml", True), "there is no (readable) vmware.xml")
        self.wrong(self.without("bulletins/acme-hello_1.2.3-4.xml", True), "no file bulletins/*.xml for acme-hello_1.2.3-4")
        self.wrong(self.without("vibs/acme-hello-1234.xml", True), f"no file vibs/*.xml for {bundle.vib.id}")

    def test_edits(self):
        bundle = Bundle()
        data = bundle.vib.bytes()
        digits = hashlib.sha256(data).hexdigest()
        other = hashlib.sha256(b"").hexdigest()
        vmware, bulletin, copy = "vmware.xml", "bulletins/acme-hello_1.2.3-4.xml", "vibs/acme-hello-1234.xml"
        size = str(len(data))
        for name, old, new, says in (
                ("index.xml", "<indexfile>vendor-index.xml", "<indexfile>other.xml", "the index other.xml is not in"),
                ("index.xml", "<indexfile>vendor-index.xml</indexfile>", "", "(no indexfile) is not in"),
                ("index.xml", "<vendor>", "<seller>", None),
                ("index.xml", "<name>ACME</name>", "", "a vendor without name"),
                ("vendor-index.xml", "<url>metadata.zip", "<url>other.zip", "the metadata other.zip are not in the bundle"),
                ("vendor-index.xml", "<url>metadata.zip</url>", "", "the metadata (no url) are not in"),
                ("vendor-index.xml", "<version>8.*</version>", "", "metadata without a version"),
                ("vendor-index.xml", "8.*", "9.*", "its vendor-index.xml is not that of the bundle"),
                (vmware, f"<packedSize>{size}", f"<packedSize>{size}0", f"has {size} bytes, but vmware.xml says {size}0"),
                (vmware, f"<packedSize>{size}</packedSize>", "", "has no packedSize"),
                (vmware, f"<packedSize>{size}", "<packedSize>-1", "has no packedSize"),
                (vmware, digits, other, f"its sha-256 is {digits}, but vmware.xml says {other}"),
                (vmware, digits, digits.upper(), "but vmware.xml says"),
                (vmware, "<checksumType>sha-256", "<checksumType>sha-1", "has no sha-256"),
                (vmware, "<relativePath>vib20", "<relativePath>vib21", "is not in the bundle"),
                (vmware, f"<vibID>{bundle.vib.id}", "<vibID>ACME_bootbank_other_1", "the vibID ACME_bootbank_other_1 is not made of"),
                (vmware, "<name>acme-hello</name>", "<name>other</name>", "is not made of vendor, type, name and version"),
                (vmware, "<id>acme-hello_1.2.3-4</id>", "", "a bulletin without id"),
                (vmware, "<kbUrl>https", "<kbUrl>http", f"vmware.xml and {bulletin} say different things"),
                (vmware, 'uiString="Hello"', 'uiString="Hallo"', "say different things"),
                (vmware, 'version="8.*"', 'version="9.*"', "say different things"),
                (vmware, "metadataResponse>", "response>", None),
                (bulletin, "<severity>general", "<severity>grave", "say different things"),
                (bulletin, "<severity>general</severity>", "", "say different things"),
                (bulletin, "<severity>", "<more/><severity>", "say different things"),
                (bulletin, f"<vibID>{bundle.vib.id}", "<vibID>other", "name different VIBs"),
                (bulletin, f"<vibID>{bundle.vib.id}</vibID>", "", "name different VIBs"),
                (bulletin, "</vibID>", "</vibID><vibID>other</vibID>", "name different VIBs"),
                (bulletin, "<id>acme", "<id>bcme", "vmware.xml does not name bcme-hello_1.2.3-4 of bulletins/"),
                (copy, "Says hello", "Said hello", f"{copy} says something else than the descriptor"),
                (copy, "<file>opt/acme/hello", "<file>opt/acme/hallo", "says something else than the descriptor"),
                (copy, "<overlay>false", "<overlay>true", "says something else"),
                (copy, "<maintenance-mode>false", "<maintenance-mode>true", "says something else"),
                (copy, "<urls/>", "", "says something else"),
                (copy, "<urls/>", "<urls/><more/>", "says something else"),
                (copy, f"<packed-size>{size}", f"<packed-size>{size}1", "its packed-size is not that of vmware.xml"),
                (copy, f"<packed-size>{size}</packed-size>", "", "its packed-size is not that"),
                (copy, f'"sha-256">{digits}</checksum></vib>', f'"sha-256">{other}</checksum></vib>',
                 "its checksum is not that of vmware.xml"),
                (copy, "<relative-path>vib20", "<relative-path>vib21", "its relative-path is"),
                (copy, "<version>1.2.3-4", "<version>1.2.3-5", "vmware.xml does not name ACME_bootbank_acme-hello_1.2.3-5")):
            with self.subTest(name=name, old=old, new=new):
                self.wrong(Bundle().edit(name, old, new), *([says] if says else []))

    def test_edits_in_both(self):
        """vmware.xml and the bulletin agree, and are wrong."""
        for old, new, says in (
                ('name="acme-hello" ', "", "half a component"), ('version="1.2.3-4"/>', "/>", "half a component"),
                ('<componentNameSpec name="acme-hello" uiString="Hello"/>', "", "half a component"),
                ('<componentVersionSpec uiString="1.2.3-4" version="1.2.3-4"/>', "", "half a component"),
                ('name="acme-hello"', 'name=""', "half a component")):
            bundle = Bundle()
            for name in ("vmware.xml", "bulletins/acme-hello_1.2.3-4.xml"):
                bundle.edit(name, old, new)
            self.wrong(bundle, says)
        bundle = Bundle()
        bundle.metadata["vmware.xml"] = bundle.metadata["vmware.xml"].replace(bundle.entry, "")
        bundle.edit("bulletins/acme-hello_1.2.3-4.xml", f"<vibID>{bundle.vib.id}</vibID>", "")
        self.wrong(bundle, "bulletin acme-hello_1.2.3-4 has no VIB")

    def test_two_bulletins_with_one_vib(self):
        bundle = Bundle()
        second = bundle.bulletin.replace("acme-hello_1.2.3-4", "second_1.2.3-4").replace('name="acme-hello"', 'name="second"')
        bundle.edit("vmware.xml", "</bulletin>", f"</bulletin><bulletin>{second}<vibList>{bundle.entry}</vibList></bulletin>")
        bundle.metadata["bulletins/second.xml"] = (
            f"<bulletin>{second}<vibList><vibID>{bundle.vib.id}</vibID></vibList></bulletin>")
        self.wrong(bundle, "is in more than one bulletin; hosts expect one component")

    def test_second_files(self):
        bundle = Bundle()
        bundle.metadata["vibs/again.xml"] = bundle.metadata["vibs/acme-hello-1234.xml"]
        self.wrong(bundle, "vibs/again.xml: a second file for ACME")
        bundle = Bundle()
        bundle.metadata["bulletins/again.xml"] = bundle.metadata["bulletins/acme-hello_1.2.3-4.xml"]
        self.wrong(bundle, "bulletins/again.xml: a second file for acme-hello")
        bundle = Bundle()
        bundle.edit("vmware.xml", "</bulletin>", f"</bulletin><bulletin>{bundle.bulletin}<vibList>{bundle.entry}</vibList>"
                    "</bulletin>")
        self.wrong(bundle, "a second bulletin acme-hello_1.2.3-4")

    def test_stray_vib(self):
        bundle = Bundle()
        bundle.files["vib20/other/other.vib"] = Vib().bytes()
        self.verify(bundle.bytes(), says="nothing refers to vib20/other/other.vib")

    def test_one_file_for_two_vibs(self):
        """The second one is not looked at again and again."""
        bundle = Bundle()
        second = bundle.entry.replace("acme-hello", "other", 2)
        bundle.edit("vmware.xml", "</vibList>", second + "</vibList>")
        self.wrong(bundle, f"{bundle.path} is ACME_bootbank_other_1.2.3-4, and something else as well")

    def test_wrong_vib(self):
        bundle = Bundle()
        bundle.files[bundle.path] = Vib().edit("Says", "Said").bytes()
        self.wrong(bundle, "its sha-256 is", "not signed: nothing covers the text of descriptor.xml")
        self.wrong(Bundle(Vib().edit("<file>", "<file>x")), "the payload has opt/acme/hello, the file list does not")
        bundle = Bundle()
        bundle.files[bundle.path] = b"hello"
        self.wrong(bundle, "is no VIB")
        bundle = Bundle(Vib().edit("community", "partner"))
        self.wrong(bundle, "not signed; only community may be")

    def test_broken_parts(self):
        for name in ("index.xml", "vendor-index.xml"):
            for text in ("", "<a>", "<!DOCTYPE a><a/>", "hello", "<a/>"):
                bundle = Bundle()
                bundle.files[name] = text
                self.wrong(bundle, name)
        for name in ("vmware.xml", "bulletins/acme-hello_1.2.3-4.xml", "vibs/acme-hello-1234.xml"):
            for text in ("", "<a>", "<!DOCTYPE a><a/>", "hello", "<a/>"):
                bundle = Bundle()
                bundle.metadata[name] = text
                self.wrong(bundle, name)
        bundle = Bundle()
        bundle.files["index.xml"] = bundle.files["vendor-index.xml"]
        self.wrong(bundle, "index.xml: its element is <metaList>, not <vendorList>")
        for data in (b"", b"PK", b"hello", make_zip({}), make_zip({"vmware.xml": b""}), bytes(100)):
            bundle = Bundle()
            bundle.files["metadata.zip"] = data
            self.wrong(bundle, "metadata.zip")

    def test_two_of_everything(self):
        """A reader that takes another one of two would see something else."""
        for name, tag in (("vmware.xml", "vibFile"), ("vmware.xml", "systemReqs"), ("vmware.xml", "vibID"),
                          ("vmware.xml", "vibList"), ("vmware.xml", "packedSize"), ("vmware.xml", "relativePath"),
                          ("index.xml", "indexfile"), ("vendor-index.xml", "url")):
            bundle = Bundle()
            text = (bundle.metadata if name == "vmware.xml" else bundle.files)[name]
            element = re.search(f"<{tag}>.*?</{tag}>", text).group(0)
            bundle.edit(name, element, 2 * element)
            if name == "vendor-index.xml":
                bundle.metadata[name] = bundle.files[name]
            with self.subTest(name=name, tag=tag):
                self.wrong(bundle, f"a second <{tag}>")


class Hostile(TestCase):
    def test_many_vibs_in_one_file(self):
        """Each of thousands of VIBs is the one file, whose payload is large."""
        packed = makers.gzip_zeros(40)
        vib = Vib(tar=b"", packed=packed)
        bundle = Bundle(vib)
        entries = "".join(bundle.entry.replace("hello", f"hello{i}", 2) for i in range(2000))
        bundle.edit("vmware.xml", "</vibList>", entries + "</vibList>")
        done = self.verify(bundle.bytes(), code=2, memory=500, seconds=10)
        self.assertLess(done.peak, 300 if makers.LIMITED else 6000)

    def test_many_metadata(self):
        """Sixty metadata zips, each of which unpacks to much."""
        packed = {"vmware.xml": b"<a/>", "much": makers.ZEROS * 60}
        inner = make_zip(packed, zipfile.ZIP_DEFLATED)
        bundle = Bundle()
        bundle.files["vendor-index.xml"] = "<metaList>" + "".join(
            f"<metadata><productId>embeddedEsx</productId><version>8.*</version><url>m{i}.zip</url></metadata>"
            for i in range(60)) + "</metaList>"
        for i in range(60):
            bundle.files[f"m{i}.zip"] = inner
        done = self.verify(bundle.bytes(), code=2, says="unpacks to more than 1024 MiB", memory=1300, seconds=15)
        self.assertLess(done.peak, 1200 if makers.LIMITED else 12000)

    def test_many_different_children(self):
        """Comparing two trees takes time for their size, not for its square."""
        children = "".join(f"<u{i}/>" for i in range(90000))
        for name in ("vibs/acme-hello-1234.xml", "bulletins/acme-hello_1.2.3-4.xml"):
            bundle = Bundle(Vib().edit("<urls/>", f"<urls>{children}</urls>"))
            if name[0] == "b":
                bundle = Bundle()
                for part in ("vmware.xml", name):
                    bundle.edit(part, "<id>", f"<much>{children}</much><id>")
            self.verify(bundle.bytes(), memory=1000, seconds=8)

    def test_many_bulletins(self):
        bulletins = "".join(f"<bulletin><id>{i}</id><vibList><vib><vibID>{i}</vibID></vib></vibList></bulletin>"
                            for i in range(19000))
        bundle = Bundle()
        bundle.metadata["vmware.xml"] = f"<metadataResponse>{bulletins}</metadataResponse>"
        self.verify(bundle.bytes(), code=2, memory=1000, seconds=12)

    def test_bomb(self):
        inner = make_zip({"vmware.xml": makers.ZEROS * 40}, zipfile.ZIP_DEFLATED)
        bundle = Bundle()
        bundle.files["metadata.zip"] = inner
        self.verify(bundle.bytes(), code=2, says="larger than 8 MiB", memory=400, seconds=5)
        done = self.verify(makers.zip_of_zeros(200, 6), code=2, says="unpacks to more than 1024 MiB", memory=400, seconds=5)
        self.assertLess(done.peak, 100 if makers.LIMITED else 4000)

    def test_zip_that_lies(self):
        """Sizes and counts of gigabytes in a file of nothing."""
        data = Bundle().bytes()
        central = data.rindex(b"PK\1\2")
        for at, form in ((20, "<I"), (24, "<I"), (42, "<I"), (28, "<H"), (30, "<H"), (32, "<H")):
            other = bytearray(data)
            struct.pack_into(form, other, central + at, 0xffffffff if form == "<I" else 0xffff)
            self.verify(bytes(other), code=2, memory=200, seconds=2)

    def test_truncated(self):
        data = Bundle().bytes()
        for n in range(2, len(data), 97):
            self.verify(data[:n], code=2)
        for more in (b"\0", b"PK\5\6" + bytes(18), data):
            self.verify(data + more, code=2)
        self.verify(b"PK", code=2)

    def test_flips_in_processes(self):
        """Of a bundle of ours every byte counts. A sample; flip_test.c has them all."""
        vib = self.put("a.vib", Vib().bytes())
        component = self.put("component.yaml", yaml(COMPONENT))
        path = self.folder / "b.zip"
        self.assertEqual(run("bundle", "--vib", vib, "--component", component, "-o", path).code, 0)
        data = path.read_bytes()
        rng = random.Random(2)
        for at in rng.sample(range(len(data)), 300 if makers.LIMITED else 60):
            other = bytearray(data)
            for bit in rng.sample(range(8), rng.randint(1, 3)):
                other[at] ^= 1 << bit
            self.verify(bytes(other), code=2)


if __name__ == "__main__":
    makers.main(__doc__)
