#!/usr/bin/env python3
"""A BMC that misbehaves on request: the other side of tests/unit/http_test.c.

usage: bmc.py FOLDER USER PASSWORD

Makes its certificates in FOLDER (openssl), listens on 127.0.0.1 and [::1] on ports that the kernel chooses, and prints
one line for each: NAME PORT, then "ready". FOLDER/log gets a line for each event:

    request CONNECTION METHOD PATH TOKEN BODY-AS-HEX     what came, TOKEN "-" where there was none
    open ID                                              a login opened this session
    delete ID                                            a DELETE of it came
    connect CONNECTION

It runs until its standard input ends.
"""
import base64
import email.utils
import gzip
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
import warnings

FOLDER, USER, PASSWORD = sys.argv[1:4]
SESSIONS = "/redfish/v1/SessionService/Sessions"
lock = threading.Lock()
sessions = {}  # id -> (token, how a DELETE is answered)
connections = 0
log_file = open(os.path.join(FOLDER, "log"), "a", buffering=1)


def log(*words):
    with lock:
        log_file.write(" ".join(str(word) for word in words) + "\n")


# ---- certificates ----

def openssl(*words):
    subprocess.run(["openssl", *words], check=True, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def make_server(name, san, ca="ca", days="2"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    with open(os.path.join(FOLDER, f"{name}.ext"), "w", encoding="ascii") as ext:
        ext.write(f"subjectAltName={san}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def write_pin(name):
    public = subprocess.run(["openssl", "x509", "-in", f"{name}.pem", "-noout", "-pubkey"], check=True, cwd=FOLDER,
                            stdout=subprocess.PIPE).stdout
    with open(os.path.join(FOLDER, f"{name}.pub"), "wb") as key:
        key.write(public)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True,
                         stdout=subprocess.PIPE).stdout
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, check=True,
                            stdout=subprocess.PIPE).stdout
    with open(os.path.join(FOLDER, f"{name}.pin"), "w", encoding="ascii") as pin:
        pin.write("sha256//" + base64.b64encode(digest).decode())


def make_certificates():
    here = "DNS:localhost,DNS:bmc.test,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1"
    make_ca("ca")
    make_ca("other")
    make_server("good", here)
    make_server("expired", here, days="-1")
    make_server("elsewhere", "DNS:elsewhere.example,IP:192.0.2.1")
    make_server("stranger", here, ca="other")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=idrac-TAG", "-keyout", "self.key", "-out", "self.pem")
    for name in ("good", "self", "other"):
        write_pin(name)


# ---- HTTP ----

class Gone(Exception):
    """The connection is over."""


class Connection:
    def __init__(self, stream, number):
        self.stream, self.number, self.rest, self.count = stream, number, b"", 0

    def more(self):
        try:
            data = self.stream.recv(65536)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self.rest += data

    def request(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path = lines[0].split(" ")[:2]
        self.head = lines
        self.headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
        size = int(self.headers.get("content-length", 0))
        while len(self.rest) < size:
            self.more()
        self.body, self.rest = self.rest[:size], self.rest[size:]
        self.count += 1
        self.token = self.headers.get("x-auth-token")
        log("request", self.number, self.method, self.path, self.token or "-", self.body.hex() or "-")

    def send(self, data):
        try:
            self.stream.sendall(data)
        except OSError as error:
            raise Gone from error

    def answer(self, status=200, body=b'{"ok":true}', headers=(), length=None):
        if isinstance(body, str):
            body = body.encode()
        head = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json;charset=utf-8",
                f"Content-Length: {len(body) if length is None else length}"]
        self.send("\r\n".join([*head, *headers, "", ""]).encode("latin-1") + body)

    def chunk(self, data):
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def begin_chunked(self, status=200, headers=()):
        self.send("\r\n".join([f"HTTP/1.1 {status} Whatever", "Transfer-Encoding: chunked", *headers, "", ""])
                  .encode("latin-1"))

    def reset(self):
        raw = self.stream
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket(fileno=raw.detach()).close()
        raise Gone

    def hang(self):
        """Until the other side goes."""
        while True:
            self.more()


def json_text(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def all_forms(secret):
    """As servers may repeat it."""
    return [secret, json_text(secret), json_text(secret).replace("/", "\\/"),
            "".join(f"\\u{unit:04x}" for unit in struct.unpack(
                f"<{len(secret.encode('utf-16-le')) // 2}H", secret.encode("utf-16-le"))),
            urllib.parse.quote(secret, safe=""), "".join(f"%{byte:02x}" for byte in secret.encode())]


def login(c, words):
    how = words[0] if words else ""
    wanted = f'{{"UserName":"{json_text(USER)}","Password":"{json_text(PASSWORD)}"}}'.encode()
    if how == "slow":
        time.sleep(float(words[1]))
    if c.body != wanted:
        said = json.loads(c.body)
        forms = all_forms(said["UserName"]) + all_forms(said["Password"])
        c.answer(401, '{"error":"' + json_text(c.body.decode()) + "|".join(forms) + '"}')
        return
    token = os.urandom(16).hex()
    number = len(sessions) + 1
    name = token if how == "token-in-path" else str(number)
    path = f"{SESSIONS}/{name}"
    with lock:
        sessions[name] = (token, words[1] if how == "delete" else "204")
    log("open", name)
    body = '{"@odata.type":"#Session.v1_0_0.Session","Links":{"@odata.id":"/wrong"},"@odata.id":"%s","Id":"%s"}' % (
        path.replace("/", "\\/"), name)
    location = {"absolute": f"HTTPS://LOCALHOST:{c.port}{path}", "foreign": f"https://192.0.2.1{path}"}.get(how, path)
    headers = [f"X-Auth-Token: {token}"]
    if how != "no-location":
        headers.append(f"Location: {location}")
    if how == "echo":
        forms = [form for secret in (USER, PASSWORD, token) for form in all_forms(secret)]
        body = '{"@odata.id":"%s","said":[%s]}' % (path, ",".join(f'"{form}"' for form in forms))
        headers.append("Allow: " + urllib.parse.quote(PASSWORD) + " " + token)
        headers.append("Set-Cookie: sid=" + token)
    if how == "truncated":
        c.answer(201, body, headers, length=len(body) + 50)
        raise Gone
    if how == "hang":
        c.answer(201, body[:20], headers, length=len(body))
        c.hang()
    c.answer(201, body, headers)


def delete(c, name):
    token, how = sessions.get(name, (None, "404"))
    log("delete", name)
    if how == "hang":
        c.hang()
    if how == "reset":
        c.reset()
    if token != c.token:
        how = "401"
    c.answer(how, b"")


def location(c, text):
    c.answer(200, headers=["Location: " + text.replace("PORT", str(c.port))])


def drip(c, rate, size):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    for at in range(0, size, rate // 10):
        c.send(b"x" * min(rate // 10, size - at))
        time.sleep(0.1)


def serve(c):
    c.request()
    path = urllib.parse.unquote(c.path.split("?")[0])
    query = urllib.parse.unquote(c.path.split("?", 1)[1], "latin-1") if "?" in c.path else ""
    words = path.strip("/").split("/")
    what, rest = words[0], words[1:]
    if c.method == "DELETE" and path.startswith(SESSIONS + "/"):
        delete(c, path[len(SESSIONS) + 1:])
    elif c.method == "POST" and path == SESSIONS:
        login(c, [])
    elif what == "login":
        login(c, rest)
    elif what == "status":
        c.answer(int(rest[0]), b"" if rest[0] in ("204", "304") else b'{"error":{}}',
                 ["Location: " + query] if query else [])
    elif what == "size":
        c.answer(body=b"x" * int(rest[0]))
    elif what == "chunked":
        c.begin_chunked(headers=["Trailer: X-Auth-Token, Location"])
        left = int(rest[0])
        while left:
            c.chunk(b"x" * min(left, 10000))
            left -= min(left, 10000)
        c.send(b"0\r\nX-Auth-Token: trailer\r\nLocation: /trailer\r\n\r\n")
    elif what == "gzip":
        c.answer(body=gzip.compress(b"x" * int(rest[0])), headers=["Content-Encoding: gzip"])
    elif what == "encoding":
        c.answer(body=b"what", headers=["Content-Encoding: " + rest[0]])
    elif what == "slow":
        time.sleep(float(rest[0]))
        c.answer()
    elif what == "drip":
        drip(c, int(rest[0]), int(rest[1]))
    elif what == "short":
        c.answer(int(rest[0]), b"x" * 10, length=100)
        raise Gone
    elif what == "long":
        c.answer(body=b"x" * 100, length=10)
    elif what == "two":
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
               b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
    elif what == "stray":
        c.answer()
        time.sleep(0.3)
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray")
    elif what == "bad-chunks":
        c.begin_chunked(int(rest[0]))
        c.chunk(b"abc")
        c.send(b"zz\r\nabc\r\n0\r\n\r\n")
        raise Gone
    elif what == "until-close":
        c.send(b"HTTP/1.1 200 OK\r\n\r\nabc")
        if rest[0] == "clean":
            try:
                c.stream.unwrap()
            except OSError:
                pass
        raise Gone
    elif what == "no-end":
        c.begin_chunked()
        c.chunk(b"abc")
        raise Gone
    elif what == "none":
        raise Gone
    elif what == "rst":
        c.reset()
    elif what == "half-head":
        c.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
        raise Gone
    elif what == "interim":
        c.send(b"HTTP/1.1 100 Continue\r\nLocation: /interim\r\n\r\n")
        c.answer()
    elif what == "http09":
        c.send(b"hello, I am old\n")
        raise Gone
    elif what == "flood":
        c.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            c.send(b"X-Filler: " + b"y" * 1000 + b"\r\n")
    elif what == "flood-line":
        c.send(b"HTTP/1.1 200 OK\r\nX-Filler: ")
        while True:
            c.send(b"y" * 1000)
    elif what == "head":
        filler = int(rest[0])
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        while filler - len(head) > 2000:
            head += b"X-Filler: " + b"y" * 988 + b"\r\n"
        head += b"X-Filler: " + b"y" * (filler - len(head) - 14) + b"\r\n\r\n"
        c.send(head)
    elif what == "nul-header":
        c.send(b"HTTP/1.1 200 OK\r\nAllow: G\0ET\r\nContent-Length: 2\r\n\r\n{}")
    elif what == "nul-body":
        c.answer(body=b'{"a":"\0b"}')
    elif what == "hang-head":
        c.hang()
    elif what == "hang-body":
        c.answer(int(rest[0]), b"x" * 10, length=100)
        c.hang()
    elif what == "location":
        location(c, query)
    elif what == "header":
        c.answer(headers=[query])
    elif what == "dated":
        now = time.time() - 86400 * 400  # a BMC's clock
        c.answer(503, headers=["Date: " + email.utils.formatdate(now, usegmt=True),
                               "Retry-After: " + email.utils.formatdate(now + int(rest[0]), usegmt=True)])
    elif what == "undated":
        c.answer(503, headers=["Retry-After: " + email.utils.formatdate(time.time() + int(rest[0]), usegmt=True)])
    elif what == "request":
        c.answer(body="\n".join(c.head), headers=["Set-Cookie: a=b"])
    elif what == "reused-rst":
        if c.count > 1:
            c.reset()
        c.answer()
    elif what == "reused-mid":
        if c.count > 1:
            c.answer(body=b"x" * 10, length=100)
            c.reset()
        c.answer()
    elif what == "keep":
        c.answer()
    elif what == "echo":
        forms = [form for secret in (USER, PASSWORD, c.token or "none") for form in all_forms(secret)]
        c.answer(body="[" + ",".join(f'"{form}"' for form in forms) + "]",
                 headers=["Location: /x/" + urllib.parse.quote(PASSWORD, safe="") + "/" + (c.token or "")])
    elif what == "write":
        time.sleep(float(rest[0]))
        c.answer(204, b"")
    else:
        c.answer(404, b"")
    if c.headers.get("connection", "").lower() == "close":
        raise Gone


def talk(raw, context, port):
    global connections
    with lock:
        connections += 1
        number = connections
    log("connect", number)
    try:
        stream = context.wrap_socket(raw, server_side=True)
    except OSError:
        raw.close()
        return
    c = Connection(stream, number)
    c.port = port
    try:
        while True:
            serve(c)
    except Gone:
        pass
    finally:
        c.stream.close()


def listen(name, handle, family=socket.AF_INET, host="127.0.0.1", backlog=64):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((host, 0))
    port = s.getsockname()[1]
    print(name, port, flush=True)
    if handle is None:
        s.close()
        return None
    s.listen(backlog)

    def accept():
        while True:
            raw, _ = s.accept()
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=handle, args=(raw, port), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return s


def tls(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(FOLDER, f"{name}.pem"), os.path.join(FOLDER, f"{name}.key"))
    return lambda raw, port: talk(raw, context, port)


def old_tls(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(os.path.join(FOLDER, f"{name}.pem"), os.path.join(FOLDER, f"{name}.key"))
    return lambda raw, port: talk(raw, context, port)


def hang(raw, _):
    log("connect", "hang")
    while raw.recv(65536):
        pass


def reset_at_once(raw, _):
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()


def plain(raw, _):
    raw.recv(65536)
    raw.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    raw.close()


def proxy(raw, _):
    log("proxy", raw.recv(65536).hex())
    raw.close()


def no_room():
    """A port whose queue is full: nobody gets through."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    print("no-room", s.getsockname()[1], flush=True)
    waiting = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(s.getsockname())
        waiting.append(client)
    return s, waiting


def main():
    warnings.simplefilter("ignore")  # that TLS 1.1 is old is the point
    make_certificates()
    kept = []
    for name in ("good", "expired", "elsewhere", "stranger", "self"):
        kept.append(listen(name, tls(name)))
    try:
        kept.append(listen("good6", tls("good"), socket.AF_INET6, "::1"))
    except OSError:
        print("good6", 0, flush=True)
    kept.append(listen("old-tls", old_tls("good")))
    kept.append(listen("hang", hang))
    kept.append(listen("reset", reset_at_once))
    kept.append(listen("plain", plain))
    kept.append(listen("proxy", proxy))
    listen("refused", None)
    kept.append(no_room())
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
