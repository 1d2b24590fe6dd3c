"""What can go wrong, by name: fault.[METHOD:]PATH-GLOB=NAME[:ARG][@N[+SKIP]][,NAME...].

Answers come instead of the right one; the request has no effect. Spoilers change the right answer, and transports
change how it goes over the wire: then the request has had its effect (a session exists, a PATCH is taken).
"""
import dataclasses
import email.utils
import fnmatch
import json
import re
import threading
import time
import zlib

import messages
from wire import Response

HTML = b"<!DOCTYPE html><html><head><title>%d</title></head><body><h1>%d %s</h1></body></html>\n"


@dataclasses.dataclass
class Fault:
    name: str
    argument: str = ""
    left: float = float("inf")
    skip: int = 0

    def number(self, default):
        return float(self.argument) if self.argument else default

    def __str__(self):
        return f"{self.name}:{self.argument}" if self.argument else self.name


def html(status, text=b"Error"):
    return Response(status, body=HTML % (status, status, text), content_type="text/html")


def retry(status, document, fault):
    """With Retry-After; the argument is the seconds, `date` a date, `none` no header."""
    text = fault.argument or "30"
    if text == "none":
        return Response(status, document("30"))
    if text == "date":
        return Response(status, document("2"), [("Retry-After", email.utils.formatdate(time.time() + 2, usegmt=True))])
    return Response(status, document(text), [("Retry-After", text)])


def extended_object(_fault, _request, _places):
    text = "internal error, Unacceptable header specified in request"
    info = {"MessageId": "Base.1.0.InternalError", "Message": text}
    return Response(400, {"error": {"code": "Base.1.0.GeneralError", "message": "See ExtendedInfo.",
                                    "@Message.ExtendedInfo": info}})


def echo(_fault, request, _places):
    """An error that repeats the secrets it was sent."""
    secret = " ".join([request.headers.get("x-auth-token", ""), request.headers.get("authorization", ""),
                       request.body.decode(errors="replace")])
    return Response(400, messages.error(messages.message("Base.1.12.GeneralError", f"Bad request: {secret}", [secret])))


def redirect(where):
    def answer(fault, request, places):
        places = {"host": places["other"] + request.target, "scheme": places["plain"] + request.target,
                  "self": request.target,
                  "absolute": places["own"] + request.path + "/", "slash": request.path + "/"}
        return Response(int(fault.number(302 if where in ("host", "scheme") else 308)), None,
                        [("Location", places[where])])
    return answer


ANSWERS = {
    "401": lambda *_: Response(401, messages.denied()),
    "403-html": lambda *_: html(403, b"Forbidden"),
    "403-password-change": lambda *_: Response(403, messages.change_password()),
    "404": lambda *_: Response(404, messages.not_found()),
    "404-empty": lambda *_: Response(404),
    "429": lambda fault, *_: retry(429, messages.unavailable, fault),
    "500": lambda *_: Response(500, messages.internal()),
    "500-html": lambda *_: html(500, b"Unknown Reason"),
    "500-RAC0508": lambda *_: Response(500, messages.unexpected()),
    "503": lambda fault, *_: retry(503, messages.unavailable, fault),
    "503-empty": lambda *_: Response(503),
    "503-RAC0218": lambda *_: Response(503, messages.no_session_left()),
    "503-SYS518": lambda fault, *_: retry(503, messages.no_data, fault),
    "400-SWC0700": lambda *_: Response(400, messages.not_ready()),
    "extended-info-object": extended_object,
    "echo": echo,
    "html": lambda *_: html(200, b"Login"),
    "redirect-host": redirect("host"), "redirect-scheme": redirect("scheme"), "redirect-self": redirect("self"),
    "redirect-slash": redirect("slash"), "redirect-absolute": redirect("absolute"),
}


# Spoilers: (fault, answer, request, places) with answer.body as bytes.

def insert(text):
    """Put text before the first member of the object."""
    return lambda answer: replace(answer, answer.body.replace(b"{", b"{" + text, 1))


def replace(answer, body):
    answer.body = body
    return answer


def document_of(answer, change):
    """Change the document, if it is an object."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return answer
    if isinstance(document, dict):
        change(document)
        answer.body = json.dumps(document).encode()
    return answer


def spoil_document(change):
    def spoil_it(fault, answer, request, places):
        return document_of(answer, lambda document: change(document, fault, request, places))
    return spoil_it


def spoil_text(text):
    return lambda _fault, answer, _request, _places: insert(text)(answer)


def spoil_body(make):
    return lambda fault, answer, _request, _places: replace(answer, make(fault, answer.body))


def big(fault, body):
    return body.replace(b"{", b'{"Padding":"' + b"x" * int(fault.number(60) * 2**20) + b'",', 1)


def gzip_bomb(fault, answer, _request, _places):
    """A small body that unpacks to many MiB of valid JSON."""
    size = int(fault.number(256))
    block, head, tail = b" " * 2**20, b"{", answer.body[1:] or b"}"
    packer, check = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.crc32(head)
    parts = [packer.compress(head), packer.flush(zlib.Z_FULL_FLUSH)]
    one = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts += [one.compress(block) + one.flush(zlib.Z_FULL_FLUSH)] * size
    for _ in range(size):
        check = zlib.crc32(block, check)
    check = zlib.crc32(tail, check)
    parts += [packer.compress(tail), packer.flush()]
    total = len(head) + size * len(block) + len(tail)
    answer.body = (b"\x1f\x8b\x08\0\0\0\0\0\2\xff" + b"".join(parts) + check.to_bytes(4, "little") +
                   (total & 0xFFFFFFFF).to_bytes(4, "little"))
    return answer.header("Content-Encoding", "gzip")


def deep_object(fault, body):
    depth = int(fault.number(10000))
    return body.replace(b"{", b'{"Deep":' + b'{"a":' * depth + b"1" + b"}" * depth + b",", 1)


def duplicate(fault, body):
    """Every name of the object twice: first with null, then right."""
    del fault
    try:
        names = list(json.loads(body))
    except ValueError:
        return body
    first = json.dumps({name: None for name in names}).encode()
    return first[:-1] + b"," + body.lstrip()[1:]


def empty_members(document, _fault, _request, _places):
    document.update({"Members": [], "Members@odata.count": 0})


def lying_count(document, fault, _request, _places):
    document["Members@odata.count"] = int(document.get("Members@odata.count", 0) + fault.number(5))


def next_link(to):
    def change(document, _fault, request, places):
        document["Members@odata.nextLink"] = {"other": places["other"] + request.path + "?$skip=1",
                                              "self": request.target,
                                              "scheme": places["plain"] + request.path + "?$skip=1",
                                              "absolute": places["own"] + request.path + "?$skip=99999"}[to]
    return change


def members_other(document, _fault, _request, places):
    document["Members"] = [{"@odata.id": places["other"] + one["@odata.id"]} for one in document.get("Members", [])]


def echo_inside(document, _fault, request, _places):
    document["Oem"] = {"Debug": {"Token": request.headers.get("x-auth-token"), "Authorization":
                                 request.headers.get("authorization"), "Body": request.body.decode(errors="replace")}}


def location(change):
    def spoil(_fault, answer, _request, places):
        old = dict(answer.headers).get("Location")
        return answer.header("Location", change(old, places) if old and change else None)
    return spoil


def token(value):
    return lambda _fault, answer, _request, _places: answer.header("X-Auth-Token", value)


def no_identity(document, *_):
    document.pop("@odata.id", None)
    document.pop("Id", None)


def content_type(fault, answer, _request, _places):
    answer.content_type = fault.argument or "text/plain"
    return answer


SPOILERS = {
    "bad-json": spoil_body(lambda _fault, body: body[:-1].rstrip() + b',"Oem":}'),
    "two-documents": spoil_body(lambda _fault, body: json.dumps(messages.internal()).encode() + b"\n" + body),
    "trailing": spoil_body(lambda _fault, body: body + b"garbage"),
    "empty-body": spoil_body(lambda _fault, _body: b""),
    "null-body": spoil_body(lambda _fault, _body: b"null"),
    "array-body": spoil_body(lambda _fault, body: b"[" + body + b"]"),
    "content-type": content_type,
    "big": spoil_body(big),
    "gzip-bomb": gzip_bomb,
    "deep": spoil_body(lambda fault, _body: b"[" * int(fault.number(100000))),
    "deep-object": spoil_body(deep_object),
    "duplicate-keys": spoil_body(duplicate),
    "invalid-utf8": spoil_text(b'"Extra":"\xff\xfe\xc0\xaf\xed\xa0\x80",'),
    "huge-numbers": spoil_text(b'"Extra":[1e999999,-1e999999,' + b"9" * 400 + b",18446744073709551616],"),
    "nul": spoil_text(b'"Extra":"a\\u0000b",'),
    "nul-raw": spoil_text(b'"Extra":"a\x00b",'),
    "bom": spoil_body(lambda _fault, body: b"\xef\xbb\xbf" + body),
    "control-characters": spoil_text(b'"Extra":"\\u001b[31mred\\u0007\\u202e\\n\\r",'),
    "members-empty": spoil_document(empty_members),
    "count-lies": spoil_document(lying_count),
    "next-other": spoil_document(next_link("other")), "next-self": spoil_document(next_link("self")),
    "next-scheme": spoil_document(next_link("scheme")), "next-absolute": spoil_document(next_link("absolute")),
    "members-other": spoil_document(members_other),
    "echo-200": spoil_document(echo_inside),
    "location-absolute": location(lambda old, places: places["own"] + old),
    "location-other": location(lambda old, places: places["other"] + old),
    "location-missing": location(None),
    "token-missing": token(None), "token-empty": token(""),
    "id-missing": spoil_document(no_identity),
}
# Done by server.py.
TRANSPORTS = {"slow", "drip", "truncate", "bad-chunk", "cut-chunk", "reset-after-headers", "empty", "reset", "hang",
              "garbage",
              "length-short", "length-long", "no-close-notify", "close", "silent-close", "headers-many", "header-long"}


def parse(text):
    """ValueError for what is none."""
    match = re.fullmatch(r"([a-zA-Z0-9-]+)(?::([^@]*))?(?:@(\d+)(?:\+(\d+))?)?", text)
    if not match:
        raise ValueError(f"not a fault: {text}")
    name = match[1]
    if name not in {*ANSWERS, *SPOILERS, *TRANSPORTS} and not re.fullmatch("[2-5][0-9][0-9]", name):
        raise ValueError(f"no such fault: {name}")
    return Fault(name, match[2] or "", float(match[3] or "inf"), int(match[4] or 0))


class Faults:
    """In the order in which they were set; the first that matches is taken."""

    def __init__(self):
        self.lock = threading.Lock()
        self.all = {}

    def set(self, glob, text):
        faults = [] if text in ("", "off") else [parse(one) for one in text.split(",")]
        with self.lock:
            self.all.pop(glob, None)
            if faults:
                self.all[glob] = faults

    def clear(self):
        with self.lock:
            self.all.clear()

    def take(self, method, path):
        with self.lock:
            for glob, faults in self.all.items():
                wanted, _, rest = glob.partition(":") if re.match("[A-Z]+:", glob) else ("", "", glob)
                if (wanted and wanted != method) or not fnmatch.fnmatchcase(path, rest):
                    continue
                for fault in faults:
                    if fault.left <= 0:
                        continue
                    if fault.skip > 0:
                        fault.skip -= 1
                        break
                    fault.left -= 1
                    return fault
        return None


def instead(fault, request, places):
    """The answer of an answer fault, else None."""
    if fault.name in ANSWERS:
        return ANSWERS[fault.name](fault, request, places)
    if fault.name.isdigit():
        return Response(int(fault.name), messages.plain(fault.name))
    return None


def spoil(fault, answer, request, places):
    """The right answer, made wrong."""
    answer.bytes()
    return SPOILERS[fault.name](fault, answer, request, places) if fault.name in SPOILERS else answer
