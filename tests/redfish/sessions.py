"""Who may come in: sessions, Basic, and the block of an address after failures."""
import base64
import binascii
import hmac
import secrets
import threading
import time

import messages


class Refused(Exception):
    """An answer instead of a session: status and document."""

    def __init__(self, status, document):
        super().__init__(status)
        self.status, self.document = status, document


class Sessions:
    def __init__(self, keys, log, name_of):
        self.keys, self.log, self.name_of = keys, log, name_of
        self.lock = threading.RLock()
        self.open = {}  # id: {token, user, peer, used}
        self.ended = set()
        self.count = 38
        self.failures = {}  # address: times
        self.blocked = {}  # address: until
        self.on_block = lambda seconds: None

    # The block

    def is_blocked(self, peer):
        with self.lock:
            return self.keys["lockout"] != "off" and self.blocked.get(peer, 0) > time.monotonic()

    def unblock(self):
        with self.lock:
            self.failures.clear()
            self.blocked.clear()

    def failed(self, peer, how):
        """One more wrong try."""
        self.log.write(event="login-failed", how=how, peer=peer)
        if self.keys["lockout"] == "off":
            return
        now = time.monotonic()
        with self.lock:
            tries = [one for one in self.failures.get(peer, []) if one > now - self.keys["lockout.window"]] + [now]
            self.failures[peer] = tries
            if len(tries) < self.keys["lockout.count"]:
                return
            self.failures[peer] = []
            self.blocked[peer] = now + self.keys["lockout.penalty"]
        self.log.write(event="blocked", peer=peer, seconds=self.keys["lockout.penalty"])
        self.on_block(self.keys["lockout.penalty"])

    # Credentials

    def right(self, user, password):
        same = [hmac.compare_digest(str(got).encode(), self.keys[name].encode())
                for got, name in ((user, "user"), (password, "password"))]
        return all(same)

    def authenticate(self, headers, peer):
        """(kind for the log, let in?, a wrong try?)"""
        if "x-auth-token" in headers:
            token = headers["x-auth-token"]
            with self.lock:
                self._expire()
                for session in self.open.values():
                    if hmac.compare_digest(session["token"].encode(), token.encode("latin-1", "replace")):
                        session["used"] = time.monotonic()
                        return "token", True
                return ("ended-token" if token in self.ended else "bad-token"), False
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                user, password = "", ""
            if self.keys["basic"] == "off":
                return "refused-basic", False
            if self.right(user, password):
                return "basic", True
            self.failed(peer, "basic")
            return "bad-basic", False
        return ("other" if scheme else "none"), False

    # Sessions

    def _expire(self):
        now, limit = time.monotonic(), self.keys["session.timeout"]
        for name in [name for name, session in self.open.items() if session["used"] + limit < now]:
            self._end(name, "session-expired")

    def _end(self, name, event):
        self.ended.add(self.open.pop(name)["token"])
        self.log.write(event=event, id=name, open=len(self.open))

    def create(self, user, password, peer):
        if not self.right(user, password):
            self.failed(peer, "session")
            raise Refused(int(self.keys["login.failed"]), messages.denied())
        with self.lock:
            self._expire()
            if len(self.open) >= self.keys["session.max"]:
                self.log.write(event="session-refused", open=len(self.open))
                raise Refused(503, messages.no_session_left())
            self.count += 1
            name = self.name_of(self.count)
            token = self.keys["session.token"] or secrets.token_hex(16)
            self.open[name] = {"token": token, "user": user, "peer": peer, "used": time.monotonic()}
            self.log.write(event="session-created", id=name, user=user, token=token, open=len(self.open))
            return name, token

    def delete(self, name):
        with self.lock:
            if name not in self.open:
                return False
            self._end(name, "session-deleted")
            return True

    def drop(self):
        """All sessions end, as in a reset of the BMC."""
        with self.lock:
            for name in list(self.open):
                self._end(name, "session-dropped")

    def names(self):
        with self.lock:
            self._expire()
            return list(self.open)
