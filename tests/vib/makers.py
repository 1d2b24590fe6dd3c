"""VIBs and bundles, made and read a second time: from what official and community ones look like, not from vib/."""
import gzip
import hashlib
import io
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib
from xml.sax.saxutils import escape

VIBPACK = ""
# A program with AddressSanitizer takes terabytes of address space, and more time.
LIMITED = not os.environ.get("HP_INSTRUMENTED")
MIB = 1 << 20
ZEROS = bytes(MIB)


# ---- ar ----

def ar_member(name, body, form="vmware", **fields):
    """form: what VMware's build writes, or GNU ar's; fields: mtime, uid, gid, mode, size, end as they shall stand."""
    field = {"mtime": "0", "uid": "0", "gid": "0", "mode": "0" if form == "vmware" else "644", "size": str(len(body)),
             "end": "`\n", **fields}
    name = name if form == "vmware" else name + "/"
    head = (f"{name:16}{field['mtime']:12}{field['uid']:6}{field['gid']:6}{field['mode']:8}{field['size']:10}"
            f"{field['end']}").encode("latin-1")
    return head + body + b"\n" * (len(body) % 2)


def ar(members, form="vmware"):
    return b"!<arch>\n" + b"".join(ar_member(name, body, form) for name, body in members)


def read_ar(data):
    """(header, body) of each member; every byte must be accounted for."""
    assert data[:8] == b"!<arch>\n", data[:8]
    members, at = [], 8
    while at < len(data):
        header = data[at:at + 60]
        size = int(header[48:58])
        members.append((header, data[at + 60:at + 60 + size]))
        at += 60 + size
        if size % 2:
            assert data[at:at + 1] == b"\n", at
            at += 1
    assert at == len(data), (at, len(data))
    return members


# ---- tar ----

def tar_header(path, size=0, mode=0o644, kind="0", magic=b"ustar  \0", uid=0, gid=0, mtime=0, link="", device=bytes(16),
               tail=bytes(16)):
    """One block. tail: its last 16 bytes, which visor tars use."""
    def octal(number, digits):
        return b"%0*o\0" % (digits, number)

    def padded(text, room):
        data = text.encode() if isinstance(text, str) else text
        assert len(data) <= room, text
        return data.ljust(room, b"\0")
    block = bytearray(padded(path, 100) + octal(mode, 7) + octal(uid, 7) + octal(gid, 7) + octal(size, 11) +
                      octal(mtime, 11) + b" " * 8 + kind.encode() + padded(link, 100) + magic + padded("root", 32) +
                      padded("root", 32) + device + bytes(151) + tail)
    assert len(block) == 512
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def filled(data, unit=512):
    return data + bytes(-len(data) % unit)


def folders_of(paths):
    """Every folder above these, in an order in which each comes before what is in it."""
    found = set()
    for path in paths:
        parts = path.split("/")[:-1]
        found.update("/".join(parts[:n + 1]) for n in range(len(parts)))
    return sorted(found)


def gnu_tar(files, **header):
    """files: {path: bytes}, folders are added; header: for the files' headers."""
    parts = [tar_header(folder + "/", mode=0o755, kind="5") for folder in folders_of(files)]
    for path, data in files.items():
        parts.append(tar_header(path, size=len(data), **header) + filled(data))
    return filled(b"".join(parts) + bytes(1024), 10240)


def visor_tar(files, official=True):
    """Headers, zeros, data: in two blocks and at multiples of 4096 as official VIBs, in one and of 512 as vibauthor."""
    folders = folders_of(files)
    zeros, unit = (1024, 4096) if official else (512, 512)
    at = 512 * (len(folders) + len(files)) + zeros
    visor = {"magic": b"visor  \0", "device": b"0000000\0" * 2}
    heads = [tar_header(folder + "/", mode=0o755, kind="5", **visor) for folder in folders]
    bodies = b""
    for path, data in files.items():
        gap = -(at + len(bodies)) % unit
        bodies += bytes(gap)
        heads.append(tar_header(path, size=len(data), tail=struct.pack("<4I", at + len(bodies), 0, 0, 0), **visor))
        bodies += data
    return b"".join(heads) + bytes(zeros) + bodies


# ---- VIB ----

def zip_gzip(data):
    return gzip.compress(data, 9, mtime=0)


def sums(packed, unpacked):
    sha256 = 'checksum-type="sha-256"'
    return (f'<checksum {sha256} verify-process="gunzip">{hashlib.sha256(unpacked).hexdigest()}</checksum>'
            f'<checksum {sha256}>{hashlib.sha256(packed).hexdigest()}</checksum>'
            f'<checksum checksum-type="sha-1" verify-process="gunzip">{hashlib.sha1(unpacked).hexdigest()}</checksum>')


class Vib:
    """Its parts, which a test changes before it takes bytes()."""

    def __init__(self, files=None, tar=None, packed=None, kind="tgz", name="payload1", form="vmware"):
        self.files = {"opt/acme/hello": b"hello\n"} if files is None else files
        self.unpacked = gnu_tar(self.files) if tar is None else tar
        self.packed = zip_gzip(self.unpacked) if packed is None else packed
        self.signature = b""
        self.form = form
        self.payloads = [(name, self.packed)]
        listed = "".join(f"<file>{escape(path)}</file>" for path in self.files)
        self.xml = (
            '<vib version="5.0"><type>bootbank</type><name>acme-hello</name><version>1.2.3-4</version><vendor>ACME</vendor>'
            '<summary>Says hello</summary><description>It says hello.</description>'
            '<release-date>2026-11-26T00:00:00.000000+00:00</release-date><urls/><relationships><depends/><conflicts/>'
            '<replaces/><provides/><compatibleWith/></relationships><software-tags/><system-requires><maintenance-mode>'
            f'false</maintenance-mode></system-requires><file-list>{listed}</file-list>'
            '<acceptance-level>community</acceptance-level><live-install-allowed>true</live-install-allowed>'
            '<live-remove-allowed>true</live-remove-allowed><cimom-restart>false</cimom-restart>'
            '<stateless-ready>true</stateless-ready><overlay>false</overlay><payloads>'
            f'<payload name="{name}" type="{kind}" size="{len(self.packed)}">{sums(self.packed, self.unpacked)}'
            '</payload></payloads></vib>')

    def edit(self, old, new, count=1):
        assert self.xml.count(old) >= count, old
        self.xml = self.xml.replace(old, new, count)
        return self

    def cut(self, pattern):
        self.xml, n = re.subn(pattern, "", self.xml, count=1)
        assert n == 1, pattern
        return self

    @property
    def members(self):
        return [("descriptor.xml", self.xml.encode()), ("sig.pkcs7", self.signature), *self.payloads]

    def bytes(self):
        return ar(self.members, self.form)

    @property
    def id(self):
        def text(tag):
            return re.search(f"<{tag}>(.*?)</{tag}>", self.xml).group(1)
        return f"{text('vendor')}_{text('type')}_{text('name')}_{text('version')}"


# ---- bundle ----

def make_zip(files, method=zipfile.ZIP_STORED):
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return room.getvalue()


class Bundle:
    """Like templates in the field; a test changes files and metadata before it takes bytes()."""

    def __init__(self, vib=None, platforms=("8.*",), method=zipfile.ZIP_STORED):
        self.vib = vib or Vib()
        self.method = method
        data = self.vib.bytes()
        path = f"vib20/acme-hello/{self.vib.id}.vib"
        platform = "".join(f'<softwarePlatform locale="" version="{p}" productLineID="embeddedEsx"/>' for p in platforms)
        self.bulletin = (
            "<id>acme-hello_1.2.3-4</id><vendor>ACME</vendor><summary>Says hello</summary><severity>general</severity>"
            "<category>enhancement</category><urgency>Important</urgency><releaseType>extension</releaseType>"
            "<description>It says hello.</description><kbUrl>https://acme.example/</kbUrl><contact>a@acme.example</contact>"
            '<componentNameSpec name="acme-hello" uiString="Hello"/><componentVersionSpec uiString="1.2.3-4" '
            'version="1.2.3-4"/><releaseDate>2026-11-26T00:00:00.000000+00:00</releaseDate>'
            f"<platforms>{platform}</platforms>")
        self.entry = (
            f"<vib><vibVersion>1.4.5</vibVersion><vibID>{self.vib.id}</vibID><name>acme-hello</name><version>1.2.3-4"
            "</version><vendor>ACME</vendor><vibType>bootbank</vibType><summary>Says hello</summary><systemReqs>"
            f"<maintenanceMode>false</maintenanceMode>{platform.replace('softwareP', 'swP')}</systemReqs><relationships>"
            "<depends/><conflicts/><replaces/><provides/><compatibleWith/></relationships><postInstall><rebootRequired>"
            "false</rebootRequired><hostdRestart>false</hostdRestart></postInstall><softwareTags/><vibFile><sourceUrl>"
            f"</sourceUrl><relativePath>{path}</relativePath><packedSize>{len(data)}</packedSize><checksum><checksumType>"
            f"sha-256</checksumType><checksum>{hashlib.sha256(data).hexdigest()}</checksum></checksum></vibFile></vib>")
        copy = self.vib.xml.replace(
            "</vib>", f"<relative-path>{path}</relative-path><packed-size>{len(data)}</packed-size><checksum "
            f'checksum-type="sha-256">{hashlib.sha256(data).hexdigest()}</checksum></vib>')
        metadata = "".join(f"<metadata><productId>embeddedEsx</productId><version>{p}</version><locale></locale><url>"
                           "metadata.zip</url><channelName>default</channelName></metadata>" for p in platforms)
        self.metadata = {
            "vmware.xml": self.vmware(),
            "vendor-index.xml": f"<metaList>{metadata}</metaList>",
            "bulletins/acme-hello_1.2.3-4.xml":
                f"<bulletin>{self.bulletin}<vibList><vibID>{self.vib.id}</vibID></vibList></bulletin>",
            "vibs/acme-hello-1234.xml": copy.replace("</system-requires>", platform + "</system-requires>")}
        self.files = {
            "index.xml":
                "<vendorList><vendor><name>ACME</name><code>ACM</code><indexfile>vendor-index.xml</indexfile><patchUrl>"
                "</patchUrl><relativePath></relativePath><content><name>VMware ESX</name><type>"
                "http://www.vmware.com/depotmanagement/esx</type></content></vendor></vendorList>",
            "vendor-index.xml": self.metadata["vendor-index.xml"],
            "metadata.zip": None,
            path: data}
        self.path = path

    def vmware(self):
        return ("<metadataResponse><version>3.0</version><timestamp>2026-11-26T00:00:00.000000</timestamp><bulletin>"
                f"{self.bulletin}<vibList>{self.entry}</vibList></bulletin></metadataResponse>")

    def edit(self, name, old, new):
        folder = self.metadata if name in self.metadata and name != "vendor-index.xml" else self.files
        assert old in folder[name], (name, old)
        folder[name] = folder[name].replace(old, new, 1)
        return self

    def bytes(self):
        files = dict(self.files)
        if files.get("metadata.zip", b"") is None:
            files["metadata.zip"] = make_zip(self.metadata, self.method)
        return make_zip(files, self.method)


def deflated_zeros(mebibytes):
    """Raw deflate data of that many MiB, made without having them at once; and their CRC."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(mebibytes):
        crc = zlib.crc32(ZEROS, crc)
    return one * mebibytes + b"\3\0", crc


def gzip_zeros(mebibytes):
    data, crc = deflated_zeros(mebibytes)
    return b"\x1f\x8b\x08\0\0\0\0\0\2\3" + data + struct.pack("<II", crc, mebibytes * MIB % (1 << 32))


def zip_of_zeros(mebibytes, count):
    data, crc = deflated_zeros(mebibytes)
    local, central = b"", b""
    for i in range(count):
        fields = struct.pack("<5H3I2H", 20, 0, 8, 0, 0x21, crc, len(data), mebibytes * MIB, 2, 0)
        central += b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<3H2I", 0, 0, 0, 0, len(local)) + b"z%d" % i
        local += b"PK\3\4" + fields + b"z%d" % i + data
    return local + central + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, len(central), len(local), 0)


# ---- running ----

class Ended:
    def __init__(self, code, out, err, peak):
        self.code, self.out, self.err, self.peak = code, out, err, peak

    @property
    def text(self):
        """stdout without its line breaks."""
        return " ".join(self.out.split())


def run(*arguments, memory=2048, seconds=20, program=(), **options):
    """memory: MiB of address space; seconds: of CPU time; program: what to run instead of vibpack."""
    def limit():
        if LIMITED:
            resource.setrlimit(resource.RLIMIT_AS, (memory * MIB, memory * MIB))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        options = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "preexec_fn": limit, **options}
        with subprocess.Popen([*(program or [VIBPACK]), *map(str, arguments)], **options) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Ended(child.returncode, out.read().decode(), err.read().decode(), usage.ru_maxrss // 1024)


class TestCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def put(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def refused(self, done, *says):
        """Exit 1, one line on stderr that has all of these, nothing on stdout."""
        self.assertEqual((done.code, done.out), (1, ""), done.err)
        self.assertRegex(done.err, r"\Avibpack: [^\n]+\n\Z")
        for part in says:
            self.assertIn(str(part), done.err)

    def verify(self, data, *arguments, code=0, says=(), lacks=(), name="x.vib", **limits):
        path = data if isinstance(data, pathlib.Path) else self.put(name, data)
        done = run("verify", *arguments, path, **limits)
        self.assertEqual((done.code, done.err), (code, ""), done.out)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, done.text)
        for part in [lacks] if isinstance(lacks, str) else lacks:
            self.assertNotIn(part, done.text)
        self.assertEqual("NOT VERIFIED" in done.out, code == 2)
        self.assertEqual("WRONG " in done.out, code == 2)
        return done


def main(doc):
    """vibpack is the first argument; the rest is unittest's."""
    global VIBPACK
    if len(sys.argv) < 2:
        sys.exit(doc)
    VIBPACK = os.path.abspath(sys.argv[1])
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[2:])
