#!/usr/bin/env python3
"""The mock BMC from outside: what it enforces, and that every fault is what its name says."""
import base64
import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import bmc as program
import faults
from harness import Running

SESSIONS = "/redfish/v1/SessionService/Sessions"
SYSTEMS = "/redfish/v1/Systems"
INVENTORY = "/redfish/v1/UpdateService/FirmwareInventory"
DELL_BIOS = "/redfish/v1/Systems/System.Embedded.1/Bios"
DELL_CHASSIS = "/redfish/v1/Chassis/System.Embedded.1"
PASSWORD = "Made-Up-1!"
SHARED = {}


def setUpModule():  # noqa: N802
    """One service for each tree; they start at the same time."""
    def start(tree):
        SHARED[tree] = Running(tree, "basic=on", "lockout=off", ipv6=tree == "dell-xe9680")
    threads = [threading.Thread(target=start, args=(tree,)) for tree in
               ("dell-xe9680", "hpe-dl380a", "supermicro-821ge", "lenovo-sr670", "ami-dgx")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(SHARED) == 5


def tearDownModule():  # noqa: N802
    for one in SHARED.values():
        one.stop()


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    def json(self):
        return json.loads(self.body)

    def messages(self):
        """The last parts of MessageIds."""
        info = self.json()
        info = info.get("error", info)["@Message.ExtendedInfo"]
        return [one["MessageId"].rsplit(".", 1)[1] for one in info]


class Client:
    """A connection; Basic unless told otherwise."""

    def __init__(self, bmc, headers=None, address="127.0.0.1", timeout=10):
        context = ssl.create_default_context(cafile=bmc.ready["ca"])
        self.connection = http.client.HTTPSConnection(address, int(bmc.ready["port"]), context=context, timeout=timeout)
        self.headers = basic(bmc.ready["user"], PASSWORD) if headers is None else headers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def __call__(self, path, method="GET", body=None, **headers):
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def login(self, user, password=PASSWORD, **headers):
        return self(SESSIONS, "POST", {"UserName": user, "Password": password}, **headers)


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def raw(bmc, request):
    """(bytes, how it ended): end (close_notify), cut (TCP's end without it), reset (TCP's)."""
    context = ssl.create_default_context(cafile=bmc.ready["ca"])
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(coming, going, server_hostname="127.0.0.1")
    got, how = b"", ""
    with socket.create_connection(("127.0.0.1", int(bmc.ready["port"])), 10) as plain:
        steps = [tls.do_handshake, lambda: tls.write(request)]
        while not how:
            try:
                if steps:
                    steps[0]()
                    steps.pop(0)
                else:
                    part = tls.read(65536)
                    got, how = got + part, "" if part else "end"
            except ssl.SSLWantReadError:
                try:
                    plain.sendall(going.read())
                    part = plain.recv(65536)
                except (ConnectionResetError, BrokenPipeError):
                    how = "reset"
                else:
                    coming.write(part)
                    how = "" if part else "cut"
            except ssl.SSLZeroReturnError:
                how = "end"
    return got, how


def get(bmc, path, *lines):
    """A raw GET, with Basic."""
    head = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1",
            f"Authorization: {basic(bmc.ready['user'], PASSWORD)['Authorization']}", *lines]
    return raw(bmc, ("\r\n".join(head) + "\r\n\r\n").encode())


def curl(bmc, path, *options):
    """(exit code, output) of curl with Basic; TLS is checked unless -k is among the options."""
    ready = bmc.ready
    trust = [] if "-k" in options else ["--cacert", ready["ca"]]
    done = subprocess.run(["curl", "-sg", "-m", "10", *trust, "-u", f"{ready['user']}:{PASSWORD}", *options,
                           ready["url"] + path],
                          check=False, capture_output=True)
    return done.returncode, done.stdout


class Case(unittest.TestCase):
    tree = "dell-xe9680"

    def setUp(self):
        self.bmc = SHARED[self.tree]
        self.bmc.control("restore")
        self.marks = len(self.bmc.log())

    def client(self, *args, **kwargs):
        client = Client(self.bmc, *args, **kwargs)
        self.addCleanup(client.connection.close)
        return client

    def news(self, event):
        return [line for line in self.bmc.log()[self.marks:] if line["event"] == event]


class Sessions(Case):
    def open(self, client):
        answer = client.login("root")
        self.assertEqual(answer.status, 201)
        return answer.headers["X-Auth-Token"], answer.headers["Location"]

    def test_life_of_a_session(self):
        client = self.client({})
        self.assertEqual(client("/redfish/v1").status, 200)
        answer = client(SYSTEMS)
        self.assertEqual((answer.status, answer.messages()), (401, ["AccessDenied"]))
        answer = client.login("root")
        token, path = answer.headers["X-Auth-Token"], answer.headers["Location"]
        self.assertRegex(token, "^[0-9a-f]{32}$")
        self.assertEqual(path, SESSIONS + "/" + answer.json()["Id"])
        self.assertEqual(answer.messages(), ["Created", "SYS414"])
        self.assertEqual(client(SYSTEMS, X_Auth_Token=token).status, 200)
        self.assertEqual(client(path, X_Auth_Token=token).json()["UserName"], "root")
        self.assertEqual(client(SESSIONS, X_Auth_Token=token).json()["Members@odata.count"], 1)
        self.assertEqual(client(SYSTEMS, X_Auth_Token="f" * 32).status, 401)
        self.assertEqual(client(path, "DELETE", X_Auth_Token=token).status, 200)
        self.assertEqual(client(SYSTEMS, X_Auth_Token=token).status, 401)
        kinds = [line["auth"] for line in self.news("request")]
        self.assertEqual(kinds, ["none", "none", "login", "token", "token", "token", "bad-token", "token",
                                 "ended-token"])
        self.assertEqual([line["door"] for line in self.news("connected")], ["main"])
        self.assertNotIn(token, json.dumps(self.news("request")))
        self.assertNotIn(PASSWORD, json.dumps(self.news("request")))

    def test_statuses_by_key(self):
        self.bmc.set("session.created=204", "session.deleted=204")
        client = self.client({})
        answer = client.login("root")
        self.assertEqual((answer.status, answer.body), (204, b""))
        token = answer.headers["X-Auth-Token"]
        self.assertEqual(client(answer.headers["Location"], "DELETE", X_Auth_Token=token).status, 204)

    def test_eight_slots(self):
        client = self.client({})
        first, path = self.open(client)
        for _ in range(7):
            self.open(client)
        answer = client.login("root")
        self.assertEqual((answer.status, answer.messages()), (503, ["RAC0218"]))
        self.assertEqual(self.bmc.control("sessions"), "8")
        client(path, "DELETE", X_Auth_Token=first)
        self.open(client)

    def test_timeout_slides(self):
        self.bmc.set("session.timeout=0.8")
        client = self.client({})
        token, _ = self.open(client)
        for _ in range(4):
            time.sleep(0.25)
            self.assertEqual(client(SYSTEMS, X_Auth_Token=token).status, 200)
        time.sleep(0.9)
        self.assertEqual(client(SYSTEMS, X_Auth_Token=token).status, 401)
        self.assertEqual(len(self.news("session-expired")), 1)

    def test_dropped(self):
        client = self.client({})
        token, _ = self.open(client)
        self.bmc.control("drop-sessions")
        self.assertEqual(client(SYSTEMS, X_Auth_Token=token).status, 401)

    def test_bad_logins(self):
        client = self.client({})
        self.assertEqual(client.login("root", "wrong").status, 401)
        self.bmc.set("login.failed=400")
        self.assertEqual(client.login("root", "wrong").status, 400)
        self.assertEqual(client.login("root", Authorization="Basic xyz").status, 400)
        self.bmc.set("session.refuse_authorization=off")
        self.assertEqual(client.login("root", Authorization="Basic xyz").status, 201)
        self.assertEqual(client(SESSIONS, "POST", "{", Content_Type="application/json").status, 400)
        self.assertEqual(client(SESSIONS, "POST", "{}", Content_Type="application/json").status, 400)
        self.assertEqual(client(SESSIONS, "POST", '{"UserName":"root","Password":"x"}',
                                Content_Type="text/plain").status, 415)
        self.assertEqual(client(SESSIONS, "POST", {"UserName": "root", "Password": PASSWORD, "More": 1}).status, 400)
        self.assertEqual(len(self.news("login-failed")), 2)

    def test_collection_by_key(self):
        self.bmc.set("session.uri=/redfish/v1/Sessions")
        client = self.client({})
        self.assertEqual(client("/redfish/v1").json()["Links"]["Sessions"]["@odata.id"], "/redfish/v1/Sessions")
        self.assertEqual(client.login("root").status, 401)
        self.assertEqual(client("/redfish/v1/Sessions", "POST", {"UserName": "root", "Password": PASSWORD}).status, 201)


class Credentials(Case):
    def test_basic(self):
        self.assertEqual(self.client()(SYSTEMS).status, 200)
        wrong, none = self.client(basic("root", "wrong")), self.client({})
        self.assertEqual(wrong(SYSTEMS).status, 401)
        self.assertEqual(wrong("/redfish/v1").status, 401)  # as iDRAC9
        self.assertIn("Basic", none(SYSTEMS).headers["WWW-Authenticate"])
        self.bmc.set("basic=unadvertised")
        self.assertNotIn("WWW-Authenticate", none(SYSTEMS).headers)
        self.assertEqual(self.client()(SYSTEMS).status, 200)
        self.bmc.set("basic=off")
        self.assertEqual(self.client()(SYSTEMS).status, 401)
        self.assertEqual(self.client(basic("root", PASSWORD), "localhost")(SYSTEMS).status, 401)

    def test_lockout_401(self):
        self.bmc.set("lockout=401", "lockout.penalty=1")
        wrong, right = self.client(basic("root", "wrong")), self.client()
        for _ in range(2):
            self.assertEqual(wrong(SYSTEMS).status, 401)
        self.assertEqual(right(SYSTEMS).status, 200)
        self.assertEqual(wrong.login("root", "wrong", Authorization="").status, 400)
        self.assertEqual(wrong(SYSTEMS).status, 401)
        self.assertEqual(right(SYSTEMS).status, 401)
        self.assertEqual(right("/redfish/v1").status, 401)
        self.assertEqual(len(self.news("blocked")), 1)
        time.sleep(1.05)
        self.assertEqual(right(SYSTEMS).status, 200)

    def test_lockout_window(self):
        self.bmc.set("lockout=401", "lockout.window=0.2")
        wrong = self.client({})
        for _ in range(4):
            wrong.login("root", "wrong")
            time.sleep(0.12)
        self.assertEqual(self.news("blocked"), [])

    def test_lockout_refuse(self):
        self.bmc.set("lockout=refuse", "lockout.penalty=1")
        old, wrong = self.client(), self.client({})
        self.assertEqual(old(SYSTEMS).status, 200)
        for _ in range(3):
            self.assertEqual(wrong.login("root", "wrong").status, 401)
        with self.assertRaises(ConnectionRefusedError):
            self.client()(SYSTEMS)
        self.assertEqual(curl(self.bmc, SYSTEMS)[0], 7)
        with self.assertRaises((http.client.RemoteDisconnected, ssl.SSLError, ConnectionError)):
            old(SYSTEMS)
        time.sleep(1.2)
        self.assertEqual(self.client()(SYSTEMS).status, 200)

    def test_lockout_silent(self):
        self.bmc.set("lockout=silent", "lockout.penalty=5")
        wrong = self.client({})
        for _ in range(3):
            wrong.login("root", "wrong")
        with self.assertRaises(TimeoutError):
            self.client(timeout=0.3)(SYSTEMS)
        self.bmc.control("unblock")
        self.assertEqual(self.client()(SYSTEMS).status, 200)

    def test_host_header(self):
        client = self.client()
        self.assertEqual(client(SYSTEMS, Host="idrac.example").status, 200)
        self.bmc.set("host_check=on")
        self.assertEqual(client(SYSTEMS, Host="idrac.example").status, 400)
        self.assertEqual(client(SYSTEMS, Host="127.0.0.1:1").status, 200)
        self.assertEqual(client(SYSTEMS, Host="[::1]").status, 200)
        self.assertEqual(raw(self.bmc, b"GET /redfish/v1 HTTP/1.1\r\nConnection: close\r\n\r\n")[0][9:12], b"400")


class Http(Case):
    def test_keep_alive_and_many_at_once(self):
        answers = []

        def work():
            with Client(self.bmc) as client:
                answers.extend(client(INVENTORY).status for _ in range(5))
        self.bmc.set("latency_ms=50")
        begun = time.monotonic()
        threads = [threading.Thread(target=work) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(answers, [200] * 40)
        self.assertLess(time.monotonic() - begun, 2)  # 40 * 50 ms one after the other
        self.assertEqual(len({line["connection"] for line in self.news("request")}), 8)

    def test_end_of_keep_alive(self):
        self.bmc.set("keepalive.max=2")
        client = self.client()
        self.assertIsNone(client(SYSTEMS).headers["Connection"])
        self.assertEqual(client(SYSTEMS).headers["Connection"], "close")
        self.bmc.set("keepalive=0")
        self.assertEqual(self.client()(SYSTEMS).headers["Connection"], "close")
        self.bmc.set("keepalive=0.2", "keepalive.max=100")
        answer, how = get(self.bmc, SYSTEMS)
        self.assertEqual((answer[9:12], how), (b"200", "end"))

    def test_methods(self):
        client = self.client()
        answer = client(SYSTEMS, "HEAD")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(int(answer.headers["Content-Length"]), 100)
        self.assertEqual(client(SYSTEMS, "DELETE").status, 405)
        self.assertEqual(client(DELL_BIOS, "PATCH", {"Attributes": {"BootMode": "Bios"}}).status, 405)
        self.assertEqual(client("/redfish/v1/None", "PATCH", {}).status, 404)
        self.assertEqual(client("/redfish/v1/None").messages(), ["SYS403"])
        self.assertEqual(client("/redfish").json(), {"v1": "/redfish/v1/"})
        self.assertEqual(raw(self.bmc, b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n")[0][9:12], b"501")

    def test_chunked_and_gzip(self):
        self.bmc.set("transfer=chunked")
        answer = self.client()(INVENTORY)
        self.assertEqual((answer.headers["Transfer-Encoding"], answer.headers["Content-Length"]), ("chunked", None))
        plain = answer.json()
        self.bmc.set("encoding=gzip")
        self.assertEqual(self.client()(INVENTORY).json(), plain)
        answer = self.client()(INVENTORY, Accept_Encoding="gzip")
        self.assertEqual(json.loads(gzip.decompress(answer.body)), plain)
        self.assertEqual(json.loads(curl(self.bmc, INVENTORY, "--compressed")[1]), plain)

    def test_latency_and_log(self):
        self.bmc.set("latency_ms=200")
        begun = time.monotonic()
        self.client()(SYSTEMS)
        self.assertGreater(time.monotonic() - begun, 0.2)
        line = self.news("request")[-1]
        self.assertEqual((line["method"], line["path"], line["status"], line["door"], line["auth"]),
                         ("GET", SYSTEMS, 200, "main", "basic"))
        self.assertGreaterEqual(line["seconds"], 0.2)

    def test_paths_are_bytes(self):
        client = self.client()
        members = [one["@odata.id"] for one in client(INVENTORY).json()["Members"]]
        colon = next(one for one in members if ":" in one)
        self.assertEqual(client(colon).status, 200)
        self.assertEqual(client(colon.replace(":", "%3A")).status, 404)
        blank = next(one for one in members if " " in one)
        self.assertEqual(client(blank.replace(" ", "%20")).json()["Version"], "")
        self.bmc.set("uri.decode=full")
        self.assertEqual(client(colon.replace(":", "%3A")).status, 200)
        self.assertEqual(client(SYSTEMS.lower()).status, 404)

    def test_slashes(self):
        client = self.client()
        self.assertEqual(client(SYSTEMS + "/").status, 200)
        self.bmc.set("slash=exact")
        self.assertEqual(client(SYSTEMS + "/").status, 404)
        self.bmc.set("slash=redirect")
        answer = client(SYSTEMS + "/")
        self.assertEqual((answer.status, answer.headers["Location"]), (308, SYSTEMS))

    def test_ipv6(self):
        self.assertEqual(self.client(address="::1")(SYSTEMS).status, 200)

    def test_plain_port(self):
        answer = subprocess.run(["curl", "-si", self.bmc.ready["plain"] + SYSTEMS], check=True,
                                capture_output=True).stdout
        self.assertIn(b" 301 ", answer)
        self.assertIn(f"Location: {self.bmc.ready['url']}{SYSTEMS}".encode(), answer)
        self.assertEqual(self.news("request")[-1]["door"], "plain")


class Queries(Case):
    def test_dell_offers(self):
        client = self.client()
        self.assertEqual(client("/redfish/v1").json()["ProtocolFeaturesSupported"]["ExpandQuery"],
                         {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 1, "NoLinks": True})
        for query, status in (("*", 200), (".", 200), ("~", 200), ("*($levels=1)", 200), ("%2A%28$levels%3D1%29", 200),
                              ("*($levels=2)", 400), ("*($levels=0)", 400), ("", 400), ("all", 400)):
            self.assertEqual(client(f"{INVENTORY}?$expand={query}").status, status, query)
        members = client(f"{INVENTORY}?$expand=*($levels=1)").json()["Members"]
        self.assertTrue(all("Version" in one for one in members))
        self.assertEqual(list(client(f"{INVENTORY}?$expand=~").json()["Members"][0]), ["@odata.id"])
        system = client("/redfish/v1/Systems/System.Embedded.1?$expand=.").json()
        self.assertIn("Attributes", system["Bios"])
        self.assertEqual(list(system["Links"]["Chassis"][0]), ["@odata.id"])
        system = client("/redfish/v1/Systems/System.Embedded.1?$expand=~").json()
        self.assertEqual(list(system["Bios"]), ["@odata.id"])
        self.assertEqual(system["Links"]["Chassis"][0]["ChassisType"], "RackMount")

    def test_not_offered(self):
        client = self.client()
        self.bmc.set("expand.all=off", "expand.refusal=501")
        self.assertEqual(client(f"{INVENTORY}?$expand=*").status, 501)
        self.assertEqual(client(f"{INVENTORY}?$expand=.").status, 200)
        self.bmc.set("expand.levels=off")
        self.assertEqual(client(f"{INVENTORY}?$expand=.($levels=1)").status, 501)
        self.bmc.set("expand.lies=on", "expand.all=on")
        self.assertTrue(client("/redfish/v1").json()["ProtocolFeaturesSupported"]["ExpandQuery"]["ExpandAll"])
        self.assertEqual(client(f"{INVENTORY}?$expand=*").status, 501)
        self.bmc.set("expand=off")
        self.assertNotIn("ProtocolFeaturesSupported", client("/redfish/v1").json())

    def test_deeper(self):
        client = Client(SHARED["ami-dgx"])
        self.addCleanup(client.connection.close)
        devices = client("/redfish/v1/Chassis/DGX/PCIeDevices?$expand=.($levels=3)").json()["Members"]
        self.assertEqual(devices[0]["PCIeFunctions"]["Members"][0]["DeviceId"], "0xC030")
        self.assertEqual(client("/redfish/v1?$expand=*($levels=5)").status, 200)
        self.assertEqual(client("/redfish/v1?$expand=*($levels=6)").status, 400)

    def test_pages(self):
        client = self.client()
        every = client(INVENTORY).json()["Members"]
        self.bmc.set("page=4")
        got, path, pages = [], f"{INVENTORY}?$expand=.", 0
        while path:
            page = client(path).json()
            self.assertEqual(page["Members@odata.count"], len(every))
            self.assertLessEqual(len(page["Members"]), 4)
            got += page["Members"]
            path, pages = page.get("Members@odata.nextLink"), pages + 1
        self.assertEqual([one["@odata.id"] for one in got], [one["@odata.id"] for one in every])
        self.assertTrue(all("Version" in one for one in got))
        self.assertEqual(pages, -(-len(every) // 4))
        self.bmc.set("page=0")
        self.assertEqual(len(client(f"{INVENTORY}?$top=3&$skip=2").json()["Members"]), 3)

    def test_other_queries(self):
        client = self.client()
        self.assertEqual(client(f"{SYSTEMS}?only").json()["Id"], "System.Embedded.1")
        self.assertEqual({"Model", "@odata.id"},
                         set(client("/redfish/v1/Systems/System.Embedded.1?$select=Model").json())
                         - {"@odata.context", "@odata.type"})
        self.assertEqual(client(f"{SYSTEMS}?$filter=x").status, 501)


class Trees(Case):
    def walk(self, tree):
        """Root to BIOS settings, inventory and bridges, by links alone."""
        client = Client(SHARED[tree])
        self.addCleanup(client.connection.close)
        SHARED[tree].control("restore")
        root = client("/redfish/v1").json()
        system = next(one for one in (client(member["@odata.id"]).json() for member in
                                      client(root["Systems"]["@odata.id"]).json()["Members"]) if "Bios" in one)
        bios = client(system["Bios"]["@odata.id"]).json()
        settings = client(bios["@Redfish.Settings"]["SettingsObject"]["@odata.id"]).json()
        update = client(root["UpdateService"]["@odata.id"]).json()
        firmware = {}
        for member in client(update["FirmwareInventory"]["@odata.id"]).json()["Members"]:
            one = client(member["@odata.id"].replace(" ", "%20")).json()
            firmware[one["Id"]] = one
        functions = []
        chassis = client(root["Chassis"]["@odata.id"]).json()["Members"][0]["@odata.id"]
        for device in client(client(chassis).json()["PCIeDevices"]["@odata.id"]).json()["Members"]:
            path = client(device["@odata.id"]).json()["PCIeFunctions"]["@odata.id"]
            functions += [client(one["@odata.id"]).json() for one in client(path).json()["Members"]]
        ports = [one for one in functions if int(one["VendorId"], 16) == 0x1000 and int(one["DeviceId"], 16) == 0xC030]
        self.assertGreaterEqual(len(bios["Attributes"]), 20)
        return root, system, bios, settings, firmware, ports

    def test_dell(self):
        root, system, bios, settings, firmware, ports = self.walk("dell-xe9680")
        self.assertEqual((root["Vendor"], root["RedfishVersion"], system["Model"]),
                         ("Dell", "1.18.0", "PowerEdge XE9680"))
        self.assertEqual(settings["@odata.id"], DELL_BIOS + "/Settings")
        self.assertEqual(settings["Attributes"], {})
        self.assertEqual({type(one) for one in bios["Attributes"].values()}, {str, int, type(None)})
        self.assertEqual({re.match("[A-Z][a-z]+", name)[0] for name in firmware},
                         {"Installed", "Previous", "Current", "Available"})
        status = {name: one["Oem"]["Dell"]["DellSoftwareInventory"]["Status"] for name, one in firmware.items()}
        self.assertTrue(all((one == "Installed") == name.startswith("Installed-") for name, one in status.items()))
        self.assertTrue(any(re.search("(..:){5}", one["Name"]) for one in firmware.values()))
        self.assertIn("", [one["Version"] for one in firmware.values()])
        self.assertFalse(any("PCIe Switch" in one["Name"] for one in firmware.values()))
        self.assertEqual([(one["Id"], one["SubsystemVendorId"], one["SubsystemId"]) for one in ports[:3]],
                         [("22-0-0", "0x1028", "0x2330"), ("56-0-0", "0x1028", "0x2330"),
                          ("73-0-0", "0x1028", "0x2331")])

    def test_dell_switch_boards(self):
        self.bmc.set("inventory.psb=4.160.3.0,4.150.1.0,blank", "inventory.psb.also=Previous,Current",
                     "pcie.subsystem=224B", "inventory.extra=50")
        firmware = self.client()(f"{INVENTORY}?$expand=.").json()["Members"]
        boards = [one for one in firmware if one["Name"].startswith("PCIe Switch Board")]
        self.assertEqual(len(boards), 9)
        self.assertEqual([one["Version"] for one in boards if one["Id"].startswith("Installed-")],
                         ["4.160.3.0", "4.150.1.0", ""])
        oem = boards[0]["Oem"]["Dell"]["DellSoftwareInventory"]
        self.assertEqual((oem["VendorID"], oem["DeviceID"], oem["SubDeviceID"]), ("1000", "C030", "224B"))
        self.assertGreaterEqual(len(firmware), 60)

    def test_dell_ports(self):
        self.bmc.set("pcie.subsystem=224B,2330", "pcie.subsystem_vendor=1028,0000", "pcie.downstream=1",
                     "pcie.switches=2")
        devices = self.client()(f"{DELL_CHASSIS}/PCIeDevices").json()["Members"]
        self.assertEqual([one["@odata.id"].rsplit("/", 1)[1] for one in devices],
                         ["22-0", "23-0", "56-0", "57-0", "26-0"])
        port = self.client()(f"{DELL_CHASSIS}/PCIeDevices/56-0/PCIeFunctions/56-0-0").json()
        self.assertEqual((port["SubsystemVendorId"], port["SubsystemId"]), ("0x0000", "0x2330"))

    def test_hpe(self):
        root, _, bios, settings, firmware, _ = self.walk("hpe-dl380a")
        self.assertEqual(root["ProtocolFeaturesSupported"]["ExpandQuery"],
                         {"ExpandAll": False, "Levels": True, "Links": False, "MaxLevels": 1, "NoLinks": True})
        self.assertEqual((bios["@odata.id"], settings["@odata.id"]),
                         ("/redfish/v1/systems/1/bios/", "/redfish/v1/systems/1/bios/settings/"))
        self.assertEqual(bios["Attributes"], settings["Attributes"])
        client = Client(SHARED["hpe-dl380a"])
        self.addCleanup(client.connection.close)
        self.assertEqual(client("/redfish/v1/Systems/1/Bios").json(), bios)
        self.assertEqual([client(f"{INVENTORY}?$expand={one}").status for one in (".", "*", "~")], [200, 400, 400])
        self.assertTrue(all(name.isdigit() for name in firmware))
        answer = client("/redfish/v1/systems/1/bios/settings/", "PATCH", {"Attributes": {"Sriov": "Disabled"}})
        self.assertEqual((answer.status, answer.messages()), (200, ["SystemResetRequired"]))

    def test_supermicro(self):
        root, _, bios, settings, firmware, ports = self.walk("supermicro-821ge")
        self.assertFalse({"Vendor", "Product"} & set(root))
        self.assertEqual(bios["Attributes"]["PCIeACSCTL_1E3C"], "Disable")
        self.assertIn(True, bios["Attributes"].values())
        self.assertTrue(settings["@odata.id"].endswith("/SD") and "Attributes" not in settings)
        self.assertEqual(firmware["HGX_FW_PCIeSwitch_0"]["Version"], "1.7.5F")
        self.assertEqual({one["SubsystemId"] for one in ports}, {"0x0000"})

    def test_lenovo(self):
        root, _, bios, settings, firmware, _ = self.walk("lenovo-sr670")
        self.assertEqual(root["@odata.id"], "/redfish/v1/")
        self.assertTrue(settings["@odata.id"].endswith("/Bios/Pending"))
        self.assertEqual(settings["Attributes"], bios["Attributes"])
        self.assertEqual((firmware["UEFI-Pending"]["Version"], firmware["UEFI-Pending"]["Status"]["State"]),
                         (None, "Disabled"))
        self.assertEqual(firmware["Slot_30.Bundle"]["Version"], "02.04.05.02")

    def test_ami(self):
        root, system, bios, _, firmware, ports = self.walk("ami-dgx")
        self.assertEqual((root["Vendor"], system["Id"], len(ports)), ("AMI", "DGX", 32))
        self.assertEqual(firmware["PCIeSwitch_0"]["Oem"]["Ami"]["DeviceClass"], "Broadcom PCI Switch")
        self.assertEqual({int(one["SubsystemVendorId"], 16) for one in ports}, {0, 0x2CFF, 0x22FF})
        client = Client(SHARED["ami-dgx"])
        self.addCleanup(client.connection.close)
        path, body = bios["@odata.id"] + "/SD", {"Attributes": {"SRIOVEnable": "Disable"}}
        etag = client(path).headers["ETag"]
        self.assertEqual(client(path, "PATCH", body).status, 428)
        self.assertEqual(client(path, "PATCH", body, If_Match='"0"').status, 412)
        self.assertEqual(client(path, "PATCH", body, If_Match=etag).status, 204)
        self.assertEqual(client(path, "PATCH", body, If_Match=etag).status, 412)
        self.assertEqual(client(path).json()["Attributes"]["SRIOVEnable"], "Disable")

    def test_any_value_by_key(self):
        self.bmc.set("json./redfish/v1#/Vendor=absent", f"json.{INVENTORY}#/Members/0/@odata.id=http://x",
                     'json./redfish/v1#/Links/Extra={"a":[1]}')
        root = self.client()("/redfish/v1").json()
        self.assertEqual((root.get("Vendor"), root["Links"]["Extra"]), (None, {"a": [1]}))
        self.assertEqual(self.client()(INVENTORY).json()["Members"][0], {"@odata.id": "http://x"})
        self.bmc.set("bios.SnoopHldOff=absent", "bios.ProcVirtualization=Disabled", "bios.FailSafeBaud=9600",
                     "bios.NewOne=5", "bios.Odd=null")
        attributes = self.client()(DELL_BIOS).json()["Attributes"]
        self.assertNotIn("SnoopHldOff", attributes)
        self.assertEqual([attributes[one] for one in ("ProcVirtualization", "FailSafeBaud", "NewOne", "Odd")],
                         ["Disabled", "9600", 5, None])


class Settings(Case):
    path = DELL_BIOS + "/Settings"

    def patch(self, attributes, when="OnReset", client=None):
        body = {"Attributes": attributes, **({"@Redfish.SettingsApplyTime": {"ApplyTime": when}} if when else {})}
        return (client or self.client())(self.path, "PATCH", body)

    def pending(self):
        return self.client()(self.path).json()["Attributes"]

    def test_patch_job_reset(self):
        answer = self.patch({"SriovGlobalEnable": "Enabled", "SysProfile": "PerfPerWattOptimizedOs"})
        job = answer.headers["Location"]
        self.assertEqual((answer.status, answer.messages()[0]), (202, "Success"))
        self.assertRegex(job, r"^/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs/JID_\d{12}$")
        client = self.client()
        self.assertEqual(client(job).json()["JobState"], "Scheduled")
        self.assertEqual(len(self.pending()), 2)
        self.assertEqual(client(DELL_BIOS).json()["Attributes"]["SriovGlobalEnable"], "Disabled")
        again = self.patch({"ProcVirtualization": "Disabled"})
        self.assertEqual((again.status, again.messages()), (400, ["SYS011"]))
        self.assertEqual(self.news("patched")[0]["attributes"],
                         {"SriovGlobalEnable": "Enabled", "SysProfile": "PerfPerWattOptimizedOs"})
        self.bmc.control("reset")
        self.assertEqual(client(job).json()["JobState"], "Completed")
        self.assertEqual((self.pending(), client(DELL_BIOS).json()["Attributes"]["SriovGlobalEnable"]), ({}, "Enabled"))
        self.assertEqual(self.patch({"ProcVirtualization": "Disabled"}).status, 202)

    def test_without_apply_time(self):
        answer = self.patch({"SriovGlobalEnable": "Enabled"}, None)
        self.assertEqual((answer.status, answer.headers["Location"]), (200, None))
        self.bmc.control("reset")
        self.assertEqual(self.pending(), {"SriovGlobalEnable": "Enabled"})  # no job, no change
        self.assertEqual(self.client()(self.path + "/Actions/Oem/DellManager.ClearPending", "POST", {}).status, 200)
        self.assertEqual(self.pending(), {})

    def test_job_by_post(self):
        self.bmc.set("patch.job_by=post")
        client, jobs = self.client(), "/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs"
        self.assertEqual(client(jobs, "POST", {"TargetSettingsURI": self.path}).status, 400)
        answer = self.patch({"SriovGlobalEnable": "Enabled"})
        self.assertEqual((answer.status, answer.headers["Location"]), (200, None))
        self.assertEqual(client(jobs, "POST", {"TargetSettingsURI": "/x"}).status, 400)
        answer = client(jobs, "POST", {"TargetSettingsURI": self.path})
        self.assertEqual(answer.status, 200)
        self.assertEqual(client(answer.headers["Location"]).json()["JobState"], "Scheduled")
        self.assertEqual(client(jobs).json()["Members@odata.count"], 1)
        queue = "/redfish/v1/Managers/iDRAC.Embedded.1/Oem/Dell/DellJobService/Actions/DellJobService.DeleteJobQueue"
        self.assertEqual(client(queue, "POST", {"JobID": answer.headers["Location"].rsplit("/", 1)[1]}).status, 200)
        self.assertEqual((self.pending(), client(jobs).json()["Members@odata.count"]), ({}, 0))

    def test_refusals(self):
        for attributes, message in (({"NoSuch": "x"}, "PropertyUnknown"),
                                    ({"SystemBiosVersion": "1"}, "PropertyNotWritable"),
                                    ({"SriovGlobalEnable": "On"}, "PropertyValueNotInList"),
                                    ({"SriovGlobalEnable": 1}, "PropertyValueTypeError"),
                                    ({"AcPwrRcvryUserDelay": "1"}, "PropertyValueTypeError"), ({}, "PropertyMissing"),
                                    ({"ProcTurboMode": "Disabled"}, "PropertyNotWritable"),
                                    ({"SriovGlobalEnable": "Enabled", "NoSuch": 1}, "PropertyUnknown")):
            answer = self.patch(attributes)
            self.assertEqual((answer.status, answer.messages()), (400, [message]), attributes)
        self.assertEqual(self.patch({"SriovGlobalEnable": "Enabled"}, "Immediate").status, 400)
        client = self.client()
        self.assertEqual(client(self.path, "PATCH", {"Attributes": {"BootMode": "Bios"}, "More": 1}).status, 400)
        self.assertEqual(client(self.path, "PATCH", "{", Content_Type="application/json").status, 400)
        self.assertEqual(self.client({})(self.path, "PATCH", {"Attributes": {"BootMode": "Bios"}}).status, 401)
        self.assertEqual((self.pending(), self.news("patched")), ({}, []))
        self.assertEqual(self.patch({"SysProfile": "Custom", "ProcTurboMode": "Disabled"}).status, 202)

    def test_refusals_by_key(self):
        for key in ("lockdown=on", "job.pending=on", "patch.readonly=SriovGlobalEnable,Other",
                    "patch.apply_time=refused"):
            with self.subTest(key):
                self.bmc.control("restore")
                self.bmc.set(key)
                self.assertEqual(self.patch({"SriovGlobalEnable": "Enabled"}).status, 400)

    def test_preset(self):
        self.bmc.set("pending.SriovGlobalEnable=Enabled", "job.pending=on", "pending.style=all")
        self.assertEqual(self.pending()["SriovGlobalEnable"], "Enabled")
        self.assertGreater(len(self.pending()), 20)
        self.bmc.control("reset")
        self.assertEqual(self.client()(DELL_BIOS).json()["Attributes"]["SriovGlobalEnable"], "Enabled")

    def test_reset_by_redfish_is_seen(self):
        path = "/redfish/v1/Systems/System.Embedded.1/Actions/ComputerSystem.Reset"
        self.assertEqual(self.client()(path, "POST", {"ResetType": "ForceRestart"}).status, 204)
        self.assertEqual(self.news("host-reset")[0]["by"], "redfish")


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.proven = set()

    def fault(self, text, glob=SYSTEMS):
        self.bmc.control("clear-faults")
        self.bmc.set(f"fault.{glob}={text}")
        PROVEN.update(one.partition("@")[0].partition(":")[0] for one in text.split(","))

    def once(self, text, path=SYSTEMS, **headers):
        self.fault(text, path)
        with Client(self.bmc) as client:
            return client(path, **headers)

    def test_counts_and_globs(self):
        client = self.client()
        self.fault("503@2,404@1", "/redfish/v1/Sys*")
        self.assertEqual([client(SYSTEMS).status for _ in range(4)], [503, 503, 404, 200])
        self.fault("500@1+2")
        self.assertEqual([client(SYSTEMS).status for _ in range(4)], [200, 200, 500, 200])
        self.fault("500", f"POST:{SESSIONS}")
        self.assertEqual((client(SESSIONS).status, self.client({}).login("root").status), (200, 500))
        self.bmc.set(f"fault.POST:{SESSIONS}=off")
        self.assertEqual(self.client({}).login("root").status, 201)
        self.fault("404", INVENTORY + "/*:*")
        self.assertEqual(client(INVENTORY + "/Installed-0-2.3.0__Disk.Bay.0:Enclosure.Internal.0-1").status, 404)
        for wrong in ("fault./x=nonsense", "fault./x=503@x", "nokey=1", "lockdown=maybe", "page=x", "word"):
            with self.assertRaises(ValueError):
                self.bmc.set(wrong)

    def test_statuses(self):
        for name, status, message in (
                ("401", 401, "AccessDenied"), ("403-password-change", 403, "PasswordChangeRequired"),
                ("404", 404, "SYS403"),
                ("429", 429, "ServiceTemporarilyUnavailable"), ("500", 500, "InternalError"),
                ("500-RAC0508", 500, "RAC0508"),
                ("503", 503, "ServiceTemporarilyUnavailable"), ("503-RAC0218", 503, "RAC0218"),
                ("503-SYS518", 503, "SYS518"),
                ("400-SWC0700", 400, "SWC0700"), ("418", 418, "GeneralError")):
            answer = self.once(name)
            self.assertEqual((answer.status, answer.messages()[0]), (status, message), name)
        for name, status in (("403-html", 403), ("500-html", 500), ("html", 200)):
            answer = self.once(name)
            self.assertEqual((answer.status, answer.headers["Content-Type"], answer.body[:9]),
                             (status, "text/html", b"<!DOCTYPE"), name)
        for name, status in (("503-empty", 503), ("404-empty", 404)):
            answer = self.once(name)
            self.assertEqual((answer.status, answer.body), (status, b""), name)
        self.assertEqual(self.news("request")[0]["fault"], "401")

    def test_retry_after(self):
        for text, value, arguments in (("503", "30", ["30"]), ("503-SYS518:2", "2", ["2"]), ("429:none", None, ["30"])):
            answer = self.once(text)
            self.assertEqual((answer.headers["Retry-After"],
                              answer.json()["error"]["@Message.ExtendedInfo"][-1]["MessageArgs"]), (value, arguments))
        self.assertIn("GMT", self.once("503:date").headers["Retry-After"])

    def test_extended_info_object(self):
        self.assertIsInstance(self.once("extended-info-object").json()["error"]["@Message.ExtendedInfo"], dict)

    def test_redirects(self):
        ready = self.bmc.ready
        for name, status, where in (("redirect-host", 302, ready["other"] + SYSTEMS),
                                    ("redirect-scheme", 302, ready["plain"] + SYSTEMS),
                                    ("redirect-self", 308, SYSTEMS), ("redirect-slash", 308, SYSTEMS + "/"),
                                    ("redirect-absolute", 308, ready["url"] + SYSTEMS + "/"),
                                    ("redirect-host:307", 307, ready["other"] + SYSTEMS)):
            answer = self.once(name)
            self.assertEqual((answer.status, answer.headers["Location"]), (status, where), name)
        self.fault("redirect-host@1")
        code, body = curl(self.bmc, SYSTEMS, "-L", "--location-trusted")
        self.assertEqual((code, "Members" in json.loads(body)), (0, True))
        self.assertEqual([(line["door"], line["sent"]) for line in self.news("request")[-2:]],
                         [("main", ["authorization"]), ("other", ["authorization"])])

    def test_slow_and_drip(self):
        begun = time.monotonic()
        self.assertEqual(self.once("slow:0.4").status, 200)
        self.assertGreater(time.monotonic() - begun, 0.4)
        begun = time.monotonic()
        self.assertEqual(self.once("drip:1000").json()["Members@odata.count"], 1)
        self.assertGreater(time.monotonic() - begun, 0.25)
        self.fault("hang")
        begun = time.monotonic()
        self.assertEqual(curl(self.bmc, SYSTEMS, "-m", "0.4")[0], 28)
        self.assertLess(time.monotonic() - begun, 2)
        self.fault("slow:60")
        self.assertEqual(curl(self.bmc, SYSTEMS, "-m", "0.4")[0], 28)

    def test_broken_transfers(self):
        right = self.client()(SYSTEMS).body
        for text, code in (("truncate:20", 18), ("bad-chunk", 56), ("cut-chunk", 18), ("reset-after-headers", 56),
                           ("empty", 52), ("reset", 56),
                           ("garbage", 1), ("length-long", 18), ("length-short:10", 0)):
            self.fault(text)
            got, output = curl(self.bmc, SYSTEMS)
            self.assertEqual(got, code, text)
            if text == "truncate:20":
                self.assertEqual(output, right[:20])
            if text == "length-short:10":
                self.assertEqual(output, right[:-10])
        self.fault("empty")
        self.assertEqual(get(self.bmc, SYSTEMS), (b"", "end"))
        self.fault("reset")
        self.assertEqual(get(self.bmc, SYSTEMS), (b"", "reset"))
        self.fault("reset-after-headers")
        got, how = get(self.bmc, SYSTEMS)
        self.assertEqual((got[-4:], how), (b"\r\n\r\n", "reset"))
        self.fault("truncate")
        self.assertEqual(get(self.bmc, SYSTEMS)[1], "end")

    def test_close_notify(self):
        self.fault("close")
        got, how = get(self.bmc, SYSTEMS)
        self.assertEqual((b"Connection: close" in got, how), (True, "end"))
        self.fault("no-close-notify")
        got, how = get(self.bmc, SYSTEMS)
        self.assertEqual((b"Content-Length" in got, how), (False, "cut"))
        # curl 7.88 does not mind (SSL_OP_IGNORE_UNEXPECTED_EOF): half of the body is taken for all.
        code, output = curl(self.bmc, SYSTEMS)
        self.assertEqual((code, output[:1]), (0, b"{"))
        with self.assertRaises(ValueError):
            json.loads(output)
        self.fault("silent-close")
        got, how = get(self.bmc, SYSTEMS)
        self.assertEqual((b"Connection: close" in got, how), (False, "end"))

    def test_headers(self):
        self.fault("headers-many:3000")
        self.assertEqual(get(self.bmc, SYSTEMS, "Connection: close")[0].count(b"X-Filler-"), 3000)
        self.fault("header-long:200000")
        self.assertEqual(curl(self.bmc, SYSTEMS)[0], 27)  # more than 100 KB in a line

    def test_bodies(self):
        right = self.client()(SYSTEMS).json()
        for name in ("bad-json", "two-documents", "trailing", "nul-raw", "deep", "empty-body"):
            answer = self.once(name)
            self.assertEqual(answer.status, 200, name)
            with self.assertRaises((ValueError, RecursionError), msg=name):
                answer.json()
        self.assertEqual(self.once("deep").body, b"[" * 100000)
        self.assertEqual(self.once("deep:70").body, b"[" * 70)
        self.assertEqual(self.once("deep-object:50").body.count(b'{"a":'), 50)
        self.assertEqual(self.once("null-body").json(), None)
        self.assertEqual(self.once("array-body").json(), [right])
        self.assertEqual(self.once("bom").body[:3], b"\xef\xbb\xbf")
        pairs = json.loads(self.once("duplicate-keys").body, object_pairs_hook=list)
        self.assertEqual([value for name, value in pairs if name == "Members@odata.count"], [None, 1])
        with self.assertRaises(UnicodeDecodeError):
            self.once("invalid-utf8").body.decode()
        self.assertEqual(self.once("nul").json()["Extra"], "a\0b")
        self.assertIn("\x1b[31m", self.once("control-characters").json()["Extra"])
        self.assertEqual(self.once("huge-numbers").json()["Extra"][0], float("inf"))
        self.assertEqual(self.once("two-documents").body.count(b"\n"), 1)
        answer = self.once("content-type")
        self.assertEqual((answer.headers["Content-Type"], answer.json()), ("text/plain", right))
        self.assertEqual(self.once("content-type:application/xml").headers["Content-Type"], "application/xml")

    def test_big_bodies(self):
        answer = self.once("big")
        self.assertGreater(len(answer.body), 60 * 2**20)
        self.assertEqual(len(self.once("big:1").json()["Padding"]), 2**20)
        answer = self.once("gzip-bomb:64")
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertLess(len(answer.body), 2**20 // 2)
        unpacked = gzip.decompress(answer.body)
        self.assertGreater(len(unpacked), 64 * 2**20)
        self.assertEqual(json.loads(unpacked)["Members@odata.count"], 1)
        self.assertGreater(len(curl(self.bmc, SYSTEMS, "--compressed")[1]), 64 * 2**20)

    def test_collections(self):
        ready = self.bmc.ready
        answer = self.once("members-empty", INVENTORY).json()
        self.assertEqual((answer["Members"], answer["Members@odata.count"]), ([], 0))
        self.assertEqual(self.once("count-lies").json()["Members@odata.count"], 6)
        self.assertEqual(self.once("count-lies:-1").json()["Members@odata.count"], 0)
        for name, where in (("next-other", ready["other"] + SYSTEMS + "?$skip=1"), ("next-self", SYSTEMS),
                            ("next-scheme", ready["plain"] + SYSTEMS + "?$skip=1"),
                            ("next-absolute", ready["url"] + SYSTEMS + "?$skip=99999")):
            self.assertEqual(self.once(name).json()["Members@odata.nextLink"], where, name)
        self.assertTrue(self.once("members-other").json()["Members"][0]["@odata.id"].startswith(ready["other"]))
        self.assertNotIn("@odata.id", self.once("id-missing").json())

    def test_echo(self):
        secret = basic("root", PASSWORD)["Authorization"]
        self.assertIn(secret, self.once("echo").json()["error"]["@Message.ExtendedInfo"][0]["Message"])
        self.assertEqual(self.once("echo-200").json()["Oem"]["Debug"]["Authorization"], secret)
        self.fault("echo", SESSIONS)
        answer = self.client({}).login("root")
        self.assertEqual((answer.status, PASSWORD in answer.body.decode()), (400, True))

    def test_session_answers(self):
        ready = self.bmc.ready
        for name, where in (("location-absolute", ready["url"] + SESSIONS),
                            ("location-other", ready["other"] + SESSIONS), ("location-missing", None)):
            self.fault(name, SESSIONS)
            answer = self.client({}).login("root")
            self.assertEqual((answer.status, answer.headers["Location"] and answer.headers["Location"].rsplit("/",
                1)[0]), (201, where), name)
        for name, value in (("token-missing", None), ("token-empty", "")):
            self.fault(name, SESSIONS)
            self.assertEqual(self.client({}).login("root").headers["X-Auth-Token"], value, name)
        self.fault("empty", SESSIONS)
        with self.assertRaises(http.client.RemoteDisconnected):
            self.client({}).login("root")
        self.assertEqual(self.bmc.control("sessions"), "6")  # it was made all the same
        self.fault("503", SESSIONS)
        self.client({}).login("root")
        self.assertEqual(self.bmc.control("sessions"), "6")
        self.fault("location-other", DELL_BIOS + "/Settings")
        answer = self.client()(DELL_BIOS + "/Settings", "PATCH",
                               {"Attributes": {"BootMode": "Bios"}, "@Redfish.SettingsApplyTime":
                                                                 {"ApplyTime": "OnReset"}})
        self.assertTrue(answer.headers["Location"].startswith(ready["other"] + "/redfish/v1/Managers"))

    def test_zz_every_fault_was_proven(self):
        names = set(faults.ANSWERS) | set(faults.SPOILERS) | faults.TRANSPORTS
        self.assertEqual(names - PROVEN, set())


PROVEN = set()


class Tls(Case):
    def test_certificates(self):
        good = self.bmc.ready["pin"]
        self.assertEqual(curl(self.bmc, SYSTEMS, "--pinnedpubkey", good)[0], 0)
        self.assertEqual(curl(self.bmc, SYSTEMS, "-k", "--pinnedpubkey", "sha256//" + "A" * 43 + "=")[0], 90)
        for name, reason in (("self-signed", "self-signed certificate"), ("expired", "certificate has expired"),
                             ("wrong-name", "IP address mismatch")):
            self.bmc.set(f"certificate={name}")
            self.assertEqual(curl(self.bmc, SYSTEMS)[0], 60, name)
            pin = self.bmc.ready["pin"]
            self.assertNotEqual(pin, good)
            self.assertEqual(curl(self.bmc, SYSTEMS, "-k", "--pinnedpubkey", pin)[0], 0, name)
            self.assertEqual(curl(self.bmc, SYSTEMS, "-k", "--pinnedpubkey", good)[0], 90, name)
            with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                self.client()(SYSTEMS)
            self.assertIn(reason, str(caught.exception))
        self.bmc.set("certificate=self-signed")
        self.assertEqual(curl(self.bmc, SYSTEMS, "--cacert", self.bmc.ready["certificate"])[0], 0)
        self.bmc.set("certificate=renewed")
        self.assertEqual((curl(self.bmc, SYSTEMS)[0], curl(self.bmc, SYSTEMS, "--pinnedpubkey", good)[0]), (0, 90))
        self.assertEqual(self.client(address="localhost")(SYSTEMS).status, 200)

    def test_versions(self):
        for name in ("1.2", "1.3"):
            self.bmc.set(f"tls={name}")
            client = self.client()
            client(SYSTEMS)
            self.assertEqual(client.connection.sock.version(), f"TLSv{name}")
        for name in ("1.0", "1.1"):
            self.bmc.set(f"tls={name}")
            with self.assertRaises(ssl.SSLError):
                self.client()(SYSTEMS)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(self.bmc.ready["ca"])
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")
            with socket.create_connection(("127.0.0.1", int(self.bmc.ready["port"]))) as plain:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                    self.assertEqual(tls.version(), {"1.0": "TLSv1", "1.1": "TLSv1.1"}[name])


class Life(unittest.TestCase):
    def run_it(self, folder, *words):
        return subprocess.run([sys.executable, str(pathlib.Path(__file__).with_name("bmc.py")), *words], check=False,
                              capture_output=True, text=True,
                              cwd=folder)

    def gone(self, process):
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if not os.path.exists(f"/proc/{process}"):
                return True
            time.sleep(0.02)
        return False

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_it(folder, "bmc", "--background", "--parent", str(os.getpid()),
                                         "page=3").returncode, 0)
            done = self.run_it(folder, "--control", "bmc", "get", "page")
            self.assertEqual((done.returncode, done.stdout), (0, "3\n"))
            done = self.run_it(folder, "--control", "bmc", "set", "page=x")
            self.assertEqual((done.returncode, done.stderr[:8]), (2, "bmc.py: "))
            self.assertRegex(self.run_it(folder, "--control", "bmc", "get", "pin").stdout, "^sha256//.{44}\n$")
            process = program.ready(pathlib.Path(folder, "bmc"))["pid"]
            self.assertEqual(self.run_it(folder, "--control", "bmc", "stop").returncode, 0)
            self.assertTrue(self.gone(process))
            self.assertFalse(pathlib.Path(folder, "bmc/ready").exists())
            self.assertEqual(self.run_it(folder, "bmc", "no=1").returncode, 2)
            self.assertIn("lockout.penalty=60", self.run_it(folder, "--keys").stdout)

    def test_ends_with_its_parent(self):
        with tempfile.TemporaryDirectory() as folder:
            with subprocess.Popen(["sleep", "60"]) as parent:
                self.assertEqual(self.run_it(folder, "bmc", "--background", "--parent", str(parent.pid)).returncode, 0)
                process = program.ready(pathlib.Path(folder, "bmc"))["pid"]
                self.assertTrue(os.path.exists(f"/proc/{process}"))
                parent.send_signal(signal.SIGKILL)
            self.assertTrue(self.gone(process))

    def test_ends_by_signal_with_requests_open(self):
        bmc = Running("hpe-dl380a", f"fault.{SYSTEMS}=hang", "lockout=off")
        waiting = threading.Thread(target=curl, args=(bmc, SYSTEMS))
        waiting.start()
        while not bmc.requests():
            time.sleep(0.02)
        process, begun = bmc.process.pid, time.monotonic()
        bmc.stop()
        self.assertLess(time.monotonic() - begun, 3)
        self.assertTrue(self.gone(process))
        waiting.join()


if __name__ == "__main__":
    unittest.main()
