"""Doors, connections, and how an answer goes over the wire."""
import gzip
import http.server
import json
import os
import select
import socket
import ssl
import struct
import threading
import time
import traceback

from wire import Request, Response

STOP = threading.Event()
MAX_BODY = 2**20


class Log:
    """DIR/log: a line of JSON for each thing that happened, written before the client can know of it."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="utf-8")  # pylint: disable=consider-using-with

    def write(self, **what):
        with self.lock:
            if not self.file.closed:
                self.file.write(json.dumps({"time": round(time.time(), 3), **what}) + "\n")
                self.file.flush()


class Door:
    """A listening socket with a thread that accepts. The port stays ours while the door is shut."""

    def __init__(self, name, address, handler, port=0):
        self.name, self.address, self.handler = name, address, handler
        self.family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.keeper = self._socket(port)  # bound, never listening
        self.port = self.keeper.getsockname()[1]
        self.context = None
        self.opens = 0.0
        self.socket = None
        self.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _socket(self, port):
        made = socket.socket(self.family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.address, port))
        return made

    def listen(self):
        self.socket = self._socket(self.port)
        self.socket.listen(64)

    def shut(self, seconds):
        """Connections are refused for so long."""
        self.opens = time.monotonic() + seconds
        self._close()

    def open(self):
        self.opens = 0.0

    def _close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _accept(self):
        while not STOP.is_set():
            try:
                connection, peer = self.socket.accept()
            except OSError:
                while time.monotonic() < self.opens and not STOP.wait(0.02):
                    pass
                if not STOP.is_set():
                    self.listen()
                continue
            threading.Thread(target=self.handler, args=(connection, peer, self), daemon=True).start()

    def stop(self):
        self._close()
        self.keeper.close()


class Broken(Exception):
    """The connection ends without more words."""


class Connection(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive. `bmc` is set by a subclass: keys, service, log, places."""

    protocol_version = "HTTP/1.1"
    bmc = None
    number = 0
    counting = threading.Lock()

    def __init__(self, connection, peer, door):
        self.door, self.notify, self.answers = door, True, 0
        with Connection.counting:
            Connection.number += 1
            self.id = Connection.number
        self.timeout = 30
        try:
            self.bmc.log.write(event="connected", connection=self.id, door=door.name, peer=peer[0])
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.bmc.keys["lockout"] == "silent" and door.name not in ("plain", "control"):
                while self.bmc.service.sessions.is_blocked(peer[0]) and not STOP.wait(0.05):
                    pass
            if door.context:
                connection.settimeout(30)
                try:
                    connection = door.context.wrap_socket(connection, server_side=True)
                except (OSError, ssl.SSLError) as problem:
                    self.bmc.log.write(event="tls-failed", connection=self.id, problem=str(problem))
                    raise
            super().__init__(connection, peer, door)
        except (OSError, Broken, ValueError):
            pass
        finally:
            self.hang_up(connection)
            self.bmc.log.write(event="closed", connection=self.id)

    def hang_up(self, connection):
        """Say goodbye (close_notify), then close, and give the client time to read."""
        try:
            if isinstance(connection, ssl.SSLSocket):
                if self.notify:
                    connection.settimeout(0)
                    try:
                        connection.unwrap()
                    except (OSError, ValueError):
                        pass
            descriptor = connection.detach()
            if descriptor < 0:
                return
            plain = socket.socket(fileno=descriptor)
            try:
                plain.shutdown(socket.SHUT_WR)
                plain.settimeout(0.3)
                while plain.recv(65536):
                    pass
            except OSError:
                pass
            plain.close()
        except OSError:
            pass

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Our log says it better."""

    def send_error(self, code, message=None, explain=None):
        """What http.server finds wrong with a request."""
        self.bmc.log.write(event="bad-request", connection=self.id, status=int(code), why=message)
        self.close_connection = True
        self.write(self.head(int(code), [("Content-Length", "0"), ("Connection", "close")]))

    # A request

    def serve(self):
        begun = time.monotonic()
        keys = self.bmc.keys
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY or self.headers.get("Transfer-Encoding"):
            self.send_error(413, "body")
            return
        body = self.rfile.read(length)
        request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body,
                          self.client_address[0], self.door.name)
        if self.door.name == "plain":
            answer = Response(301, None, [("Location", self.bmc.places["own"] + self.path)])
        else:
            try:
                answer = self.bmc.service.answer(request, self.bmc.places)
            except Exception:
                # A mistake of ours, not of the client.
                self.bmc.log.write(event="mock-error", trace=traceback.format_exc())
                raise
        if request.auth == "blocked" and keys["lockout"] == "refuse":
            self.notify = False
            raise Broken
        fault = answer.fault
        if fault and fault.name == "slow":
            STOP.wait(fault.number(5))
        self.note(request, answer, begun)
        if fault and fault.name in TRANSPORT:
            TRANSPORT[fault.name](self, answer, fault)
        else:
            self.send(answer)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = serve  # noqa: N815

    def note(self, request, answer, begun):
        """The line of a request; secrets are not in it (a session's token is in its own event)."""
        secret = ("authorization", "x-auth-token")
        headers = {name: value for name, value in request.headers.items() if name not in secret}
        line = {"event": "request", "connection": self.id, "door": request.door, "peer": request.peer,
                "method": request.method,
                "path": request.target, "auth": request.auth, "status": answer.status,
                "seconds": round(time.monotonic() - begun, 3),
                "sent": [name for name in secret if name in request.headers],
                "headers": headers}
        if answer.fault:
            line["fault"] = str(answer.fault)
        if request.body:
            try:
                line["body"] = json.loads(request.body)
                if isinstance(line["body"], dict) and "Password" in line["body"]:
                    right = line["body"]["Password"] == self.bmc.keys["password"]
                    line["body"]["Password"] = "(right)" if right else "(wrong)"
            except ValueError:
                line["body"] = "(not JSON)"
        self.bmc.log.write(**line)

    # An answer

    def write(self, data):
        self.connection.sendall(data)

    def head(self, status, headers):
        lines = [f"HTTP/1.1 {status} {http.server.BaseHTTPRequestHandler.responses.get(status, ('Unknown',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def parts(self, answer, length=True):
        """(headers, body); length says whether Content-Length is among them."""
        body = answer.bytes()
        headers = [("Date", self.date_time_string())]
        for name, value in self.bmc.service.tree.headers:
            if name != "Content-Type":
                headers.append((name, value))
            elif body or answer.content_type:
                headers.append((name, answer.content_type or value))
        headers += answer.headers
        wanted = self.bmc.keys["encoding"] == "gzip" and "gzip" in self.headers.get("Accept-Encoding", "")
        if wanted and body and "Content-Encoding" not in dict(headers):
            body = gzip.compress(body, 1)
            headers.append(("Content-Encoding", "gzip"))
        if length and answer.status != 204:
            headers.append(("Content-Length", str(len(body))))
        return headers, body

    def kept(self, headers):
        """Whether the connection stays, said in a header."""
        self.answers += 1
        idle = self.bmc.keys["keepalive"]
        stays = idle > 0 and self.answers < self.bmc.keys["keepalive.max"] and not self.close_connection
        self.close_connection = not stays
        self.connection.settimeout(idle or None)
        headers.append(("Keep-Alive", f"timeout={idle:g}, max={self.bmc.keys['keepalive.max'] - self.answers}") if stays
                       else ("Connection", "close"))
        return headers

    def send(self, answer):
        chunked = self.bmc.keys["transfer"] == "chunked" and answer.status != 204 and self.request_version == "HTTP/1.1"
        headers, body = self.parts(answer, length=not chunked)
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        self.kept(headers)
        head = self.head(answer.status, headers)
        if self.command == "HEAD":
            body = b""
        elif chunked:
            body = b"".join(chunks(body)) + b"0\r\n\r\n"
        self.write(head + body if len(body) < 2**16 else head)
        if len(body) >= 2**16:
            self.write(body)

    # Faults of the wire

    def drip(self, answer, fault):
        rate = max(1, int(fault.number(100)))
        headers, body = self.parts(answer)
        self.write(self.head(answer.status, self.kept(headers)))
        step = max(1, rate // 20)
        for at in range(0, len(body), step):
            if STOP.wait(step / rate):
                break
            self.write(body[at:at + step])

    def truncate(self, answer, fault):
        headers, body = self.parts(answer)
        self.write(self.head(answer.status, headers) + body[:int(fault.number(len(body) // 2))])
        self.close_connection = True

    def bad_chunk(self, answer, _fault):
        headers, body = self.parts(answer, length=False)
        headers.append(("Transfer-Encoding", "chunked"))
        self.write(self.head(answer.status, headers) + b"5\r\n" + body[:5] + b"\r\nxyz\r\n" + body[5:])
        self.close_connection = True

    def cut_chunk(self, answer, _fault):
        headers, body = self.parts(answer, length=False)
        self.write(self.head(answer.status, headers + [("Transfer-Encoding", "chunked")]) + b"".join(chunks(body)))
        self.close_connection = True

    def reset_after_headers(self, answer, _fault):
        headers, _ = self.parts(answer)
        self.write(self.head(answer.status, headers))
        time.sleep(0.05)
        self.reset()

    def reset(self, _answer=None, _fault=None):
        """A TCP reset."""
        self.notify = False
        descriptor = self.connection.detach()
        plain = socket.socket(fileno=descriptor)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()
        raise Broken

    def empty(self, _answer, _fault):
        self.close_connection = True

    def hang(self, _answer, fault):
        """No answer until the client goes (or so many seconds have passed)."""
        until = time.monotonic() + fault.number(600)
        while time.monotonic() < until and not STOP.is_set():
            if select.select([self.connection], [], [], 0.05)[0]:
                break
        self.close_connection = True

    def garbage(self, _answer, _fault):
        self.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.close_connection = True

    def wrong_length(self, answer, fault):
        """Content-Length less or more than what comes."""
        more = fault.number(10) * (-1 if fault.name == "length-short" else 1)
        headers, body = self.parts(answer, length=False)
        headers.append(("Content-Length", str(max(0, int(len(body) + more)))))
        self.write(self.head(answer.status, headers) + body)
        self.close_connection = True

    def no_close_notify(self, answer, _fault):
        """A body that ends with the connection, and a connection that ends without a word of TLS."""
        headers, body = self.parts(answer, length=False)
        self.write(self.head(answer.status, headers + [("Connection", "close")]) + body[:len(body) // 2])
        self.notify = False
        self.close_connection = True

    def close(self, answer, _fault):
        self.close_connection = True
        self.send(answer)

    def silent_close(self, answer, _fault):
        """Keep-alive is promised, and not kept."""
        self.send(answer)
        self.close_connection = True

    def headers_many(self, answer, fault):
        headers, body = self.parts(answer)
        many = [(f"X-Filler-{number}", "x" * 20) for number in range(int(fault.number(20000)))]
        self.write(self.head(answer.status, self.kept(many + headers)) + body)

    def header_long(self, answer, fault):
        headers, body = self.parts(answer)
        self.write(self.head(answer.status, self.kept([("X-Filler", "x" * int(fault.number(2**20)))] + headers)) + body)


TRANSPORT = {"drip": Connection.drip, "truncate": Connection.truncate, "bad-chunk": Connection.bad_chunk,
             "cut-chunk": Connection.cut_chunk, "reset-after-headers": Connection.reset_after_headers,
             "empty": Connection.empty,
             "reset": Connection.reset, "hang": Connection.hang, "garbage": Connection.garbage,
             "length-short": Connection.wrong_length,
             "length-long": Connection.wrong_length, "no-close-notify": Connection.no_close_notify,
             "close": Connection.close,
             "silent-close": Connection.silent_close, "headers-many": Connection.headers_many,
             "header-long": Connection.header_long}


def chunks(body):
    for at in range(0, len(body), 4000):
        part = body[at:at + 4000]
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"


def watch(process, done):
    """Call done() when a process ends."""
    def wait():
        select.select([descriptor], [], [])
        done()
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        done()
        return
    threading.Thread(target=wait, daemon=True).start()
