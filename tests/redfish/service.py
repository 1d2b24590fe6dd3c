"""From a request to the answer: what a BMC would say, before faults of the wire."""
import time
import urllib.parse

import faults
import messages
import query
import sessions
from bios import Bios, body_object
from tree import V1, collection, resource
from wire import Response


class Service:
    def __init__(self, tree, keys, log):
        self.tree, self.keys, self.log = tree, keys, log
        self.sessions = sessions.Sessions(keys, log, tree.session_name)
        self.bios = Bios(tree, keys, log)
        self.faults = faults.Faults()

    # What can be asked for

    def path_of(self, path):
        """As the service reads it: bytes that are legal in a URI stay as they were written."""
        if self.keys["uri.decode"] == "full":
            return urllib.parse.unquote(path)
        return path.replace("%20", " ")

    def find(self, path):
        """A resource, or None."""
        key = self.tree.key(path)
        found = self.tree.resources().get(key) or self.bios.find(key)
        if found is not None:
            return found
        home = self.tree.key(self.keys["session.uri"])
        names = self.sessions.names()
        if key == home:
            return self.tree.override(path, collection(home, "Session", [f"{home}/{name}" for name in names],
                                                       "Sessions"))
        if key.startswith(home + "/") and key[len(home) + 1:] in names:
            return self.session(key[len(home) + 1:])
        return None

    def session(self, name):
        path = f"{self.keys['session.uri']}/{name}"
        return resource(path, "Session", "v1_3_0", Id=name, Name="User Session", Description="User Session",
                        UserName=self.keys["user"], Password=None)

    # Answers

    def answer(self, request, places):
        """A Response; places are URLs of this service and of others."""
        if self.keys["latency_ms"]:
            time.sleep(self.keys["latency_ms"] / 1000)
        if not self._host_is_known(request):
            return Response(400, body=b"<html><body><h1>400 Bad Request</h1></body></html>\n", content_type="text/html")
        if self.sessions.is_blocked(request.peer):
            request.auth = "blocked"
            return Response(401, messages.denied())
        fault = self.faults.take(request.method, request.path)
        answer = faults.instead(fault, request, places) if fault else None
        if answer is None:
            answer = self._answer(request)
            if fault:
                answer = faults.spoil(fault, answer, request, places)
        answer.fault = fault
        return answer

    def _host_is_known(self, request):
        host = request.headers.get("host")
        if host is None:
            return False
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        return not self.keys.on("host_check") or name.strip("[]") in self.keys.words("host_names")

    def _answer(self, request):
        path = self.path_of(request.path)
        key = self.tree.key(path)
        if self.keys["slash"] != "any" and self._wrong_slash(path, key):
            if self.keys["slash"] == "redirect":
                return Response(308, None, [("Location", path[:-1] if path.endswith("/") else path + "/")])
            return Response(404, messages.not_found())
        if key in (V1, "/redfish"):
            return self._root(request)
        if key == self.tree.key(self.keys["session.uri"]) and request.method == "POST":
            return self._login(request)
        request.auth, good = self.sessions.authenticate(request.headers, request.peer)
        if not good:
            return self._denied(request)
        try:
            return self._let_in(request, path, key)
        except query.Refused as refused:
            return refused.answer

    def _wrong_slash(self, path, key):
        found = self.find(path)
        return found is not None and key != "/redfish" and path.endswith("/") != found["@odata.id"].endswith("/")

    def _denied(self, request):
        answer = Response(401, messages.denied())
        if self.keys["basic"] == "on" and request.auth != "token":
            answer.header("WWW-Authenticate", 'Basic realm="RedfishService"')
        return answer

    def _root(self, request):
        if request.headers.get("authorization") and self.keys.on("basic.root"):
            request.auth, good = self.sessions.authenticate(request.headers, request.peer)
            if not good:
                return self._denied(request)
        if request.method not in ("GET", "HEAD"):
            return self._method()
        try:
            if request.path.strip("/") == "redfish":
                return Response(200, {"v1": f"{V1}/"})
            return Response(200, query.shape(self.find(request.path), request, self.keys, self.find))
        except query.Refused as refused:
            return refused.answer

    @staticmethod
    def _method():
        return Response(405, messages.not_allowed(), [("Allow", "GET, HEAD")])

    def _login(self, request):
        request.auth = "login"
        if "authorization" in request.headers and self.keys.on("session.refuse_authorization"):
            return Response(400, messages.error(messages.message(
                "Base.1.12.GeneralError", "internal error, Unacceptable header specified in request")))
        document, refusal = body_object(request)
        if refusal:
            return refusal
        if set(document) != {"UserName", "Password"} or not all(isinstance(one, str) for one in document.values()):
            return Response(400, messages.error(messages.message(
                "Base.1.12.PropertyMissing", "UserName and Password are required, and nothing else.", ["UserName"])))
        try:
            name, token = self.sessions.create(document["UserName"], document["Password"], request.peer)
        except sessions.Refused as refused:
            request.auth = "bad-login"
            return Response(refused.status, refused.document)
        status = int(self.keys["session.created"])
        body = None if status == 204 else {**self.session(name), "@Message.ExtendedInfo": [
            messages.message("Base.1.12.Created", "The resource has been created successfully."),
            messages.message("IDRAC.2.8.SYS414", "A new resource is successfully created.")]}
        return Response(status, body, [("X-Auth-Token", token), ("Location", f"{self.keys['session.uri']}/{name}")])

    def _let_in(self, request, path, key):
        document = self.find(path)
        settings = key == self.tree.key(self.tree.settings_path())
        if request.method in ("GET", "HEAD"):
            if document is None:
                return Response(404, messages.not_found())
            answer = Response(200, query.shape(document, request, self.keys, self.find))
            if "@odata.etag" in document:
                answer.header("ETag", document["@odata.etag"])
            return answer
        if request.method == "PATCH" and settings:
            return self.bios.patch(request)
        if request.method == "POST":
            answer = self._reset(key) or self.bios.post(request, key)
            if answer:
                return answer
        home = self.tree.key(self.keys["session.uri"]) + "/"
        if request.method == "DELETE" and key.startswith(home) and self.sessions.delete(key[len(home):]):
            status = int(self.keys["session.deleted"])
            return Response(status, None if status == 204 else messages.success())
        return Response(404, messages.not_found()) if document is None else self._method()

    def _reset(self, key):
        if key != self.tree.key(f"{self.tree.system_path()}/Actions/ComputerSystem.Reset"):
            return None
        self.bios.reset("redfish")
        return Response(204)

    # Keys

    def restore(self):
        """Everything as it was at the start: keys, faults, BIOS; no session is open."""
        self.keys.restore()
        self.faults.clear()
        for name, value in self.keys.under("fault.").items():
            self.faults.set(name, value)
        self.sessions.drop()
        self.bios.restore()

    def set(self, name, value):
        """Set a key; ValueError if there is none, or it does not take the value."""
        if name.startswith("fault."):
            self.faults.set(name[len("fault."):], value)
        self.keys.set(name, value)
        if name.startswith("bios."):
            self.bios.forget(name[len("bios."):])
        if name == "lockout" and value == "off":
            self.sessions.unblock()
