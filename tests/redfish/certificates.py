"""A certificate authority and what the service shows, made by openssl."""
import base64
import hashlib
import pathlib
import shutil
import ssl
import subprocess

CONFIG = """[ca]
default_ca = us
[us]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
keyUsage = digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
"""
HERE = "IP:127.0.0.1,IP:::1,DNS:localhost"
DAYS = {"good": ("-days", "30"), "renewed": ("-days", "30"), "wrong-name": ("-days", "30"),
        "expired": ("-startdate", "20200101000000Z", "-enddate", "20210101000000Z")}


class Certificates:
    """Kept in DIR/tls; each variant is made when it is first asked for."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "tls"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        self.pins = {}
        (self.folder / "openssl.cnf").write_text(CONFIG)
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1000\n")
        self._run("req", "-x509", *self._key("ca"), "-days", "60", "-subj", "/CN=mock BMC CA", "-out", "ca.pem",
                  "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        (pathlib.Path(folder) / "ca.pem").write_bytes((self.folder / "ca.pem").read_bytes())

    def _run(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, check=False, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"openssl {' '.join(words)}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    @staticmethod
    def _key(name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"

    def get(self, name):
        """Certificate and key of a variant."""
        certificate = self.folder / f"{name}.pem"
        if not certificate.exists():
            subject = "/CN=idrac-MADEUP1" if name == "wrong-name" else "/CN=mock BMC"
            names = "DNS:idrac-MADEUP1" if name == "wrong-name" else HERE
            extension = ("-addext", f"subjectAltName={names}")
            if name == "self-signed":
                self._run("req", "-x509", *self._key(name), "-days", "30", "-subj", subject, *extension,
                          "-out", certificate.name)
            else:
                self._run("req", *self._key(name), "-subj", subject, *extension, "-out", f"{name}.csr")
                self._run("ca", "-config", "openssl.cnf", "-batch", "-notext", *DAYS[name], "-in", f"{name}.csr",
                          "-out", certificate.name)
        return certificate, self.folder / f"{name}.key"

    def pin(self, name):
        """As CURLOPT_PINNEDPUBLICKEY wants it."""
        if name not in self.pins:
            certificate, _ = self.get(name)
            pem = self._run("x509", "-in", certificate.name, "-noout", "-pubkey")
            der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
            self.pins[name] = "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()
        return self.pins[name]

    def context(self, name, versions):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.get(name))
        least, most = {"1.2+": ("TLSv1_2", "MAXIMUM_SUPPORTED"), "1.0": ("TLSv1", "TLSv1"),
                       "1.1": ("TLSv1_1", "TLSv1_1"),
                       "1.2": ("TLSv1_2", "TLSv1_2"), "1.3": ("TLSv1_3", "TLSv1_3")}[versions]
        if versions in ("1.0", "1.1"):
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion[least]
        context.maximum_version = ssl.TLSVersion[most]
        return context
