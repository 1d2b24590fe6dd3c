"""The keys that set what the mock service is and does; all of them can be changed while it runs."""
import json
import threading

ON_OFF = ("on", "off")

# name: (default, what it may be, what it does). A tree may have defaults of its own.
KEYS = {
    "user": ("hostprep", str, "name of the only account"),
    "password": ("Made-Up-1!", str, "its password"),
    "basic": ("on", ("on", "off", "unadvertised"), "HTTP Basic; unadvertised: taken, but never asked for"),
    "basic.root": ("off", ON_OFF, "on: wrong Basic credentials are 401 even at the root"),
    "login.failed": ("401", ("401", "400", "403"), "status for a wrong password at the session POST"),
    "lockout": ("off", ("off", "401", "refuse", "silent"), "what a blocked address gets"),
    "lockout.count": ("3", int, "failures that block"),
    "lockout.window": ("60", float, "seconds in which they are counted"),
    "lockout.penalty": ("60", float, "seconds of the block"),
    "session.max": ("8", int, "sessions at once; 503 RAC0218 beyond"),
    "session.timeout": ("1800", float, "seconds without use after which a session ends"),
    "session.created": ("201", ("201", "200", "204"), "status of a session POST"),
    "session.deleted": ("200", ("200", "204"), "status of a session DELETE"),
    "session.refuse_authorization": ("on", ON_OFF, "400 if the session POST carries Authorization"),
    "session.uri": ("/redfish/v1/SessionService/Sessions", str, "the collection; others are 404"),
    "session.token": ("", str, "a fixed token (default: 32 random hex digits)"),
    "host_check": ("off", ON_OFF, "400 for an unknown name in Host"),
    "host_names": ("127.0.0.1,::1,localhost", str, "the names that host_check knows"),
    "expand": ("on", ON_OFF, "off: the root has no ProtocolFeaturesSupported, $expand is refused"),
    "expand.all": ("on", ON_OFF, "ExpandAll: $expand=*"),
    "expand.links": ("on", ON_OFF, "Links: $expand=~"),
    "expand.nolinks": ("on", ON_OFF, "NoLinks: $expand=."),
    "expand.levels": ("on", ON_OFF, "Levels: ($levels=N)"),
    "expand.max": ("1", int, "MaxLevels"),
    "expand.refusal": ("400", ("400", "501"), "status where $expand is not offered"),
    "expand.lies": ("off", ON_OFF, "on: the root offers $expand, and it is refused all the same"),
    "page": ("0", int, "members on a page; 0: all on one"),
    "transfer": ("length", ("length", "chunked"), "how a body is delimited"),
    "encoding": ("identity", ("identity", "gzip"), "gzip: where the client accepts it"),
    "keepalive": ("60", float, "seconds an idle connection is kept; 0: Connection: close"),
    "keepalive.max": ("100", int, "answers on one connection"),
    "latency_ms": ("0", float, "before every answer"),
    "slash": ("any", ("any", "exact", "redirect"), "a path with or without its trailing slash"),
    "uri.decode": ("strict", ("strict", "full"), "strict: %20 is a space, any other escape stays as it is"),
    "certificate": ("good", ("good", "renewed", "self-signed", "expired", "wrong-name"), "what TLS shows"),
    "tls": ("1.2+", ("1.2+", "1.0", "1.1", "1.2", "1.3"), "the versions that are spoken"),
    "lockdown": ("off", ON_OFF, "System Lockdown: every BIOS attribute is read-only"),
    "patch.status": ("200", ("200", "202", "204"), "status of a good PATCH of the settings object"),
    "patch.job_by": ("none", ("none", "patch", "post"), "which request makes the BIOS job"),
    "patch.if_match": ("off", ON_OFF, "on: 428 without If-Match"),
    "patch.apply_time": ("ignored", ("honoured", "ignored", "refused"), "@Redfish.SettingsApplyTime in a PATCH"),
    "patch.readonly": ("", str, "names that are read-only besides the usual ones, by commas"),
    "pending.style": ("only", ("only", "all", "omit"),
                      "settings object: changes only, all attributes, or no Attributes"),
    "job.pending": ("off", ON_OFF, "on: somebody else's BIOS job is scheduled"),
    "inventory.psb": ("absent", str, "versions of the switch boards by commas; blank: an empty one; absent: none"),
    "inventory.psb.name": ("PCIe Switch Board", str, "their Name"),
    "inventory.psb.also": ("", str, "Dell: other kinds of entries for them: Previous,Current,Available"),
    "inventory.extra": ("0", int, "as many entries of no interest"),
    "pcie.switches": ("8", int, "1000:c030 upstream ports that Chassis lists"),
    "pcie.downstream": ("0", int, "1000:c030 downstream ports below each"),
    "pcie.subsystem": ("2330,2330,2331,2331,2333,2333,2332,2332", str, "SubsystemId of the ports, repeated"),
    "pcie.subsystem_vendor": ("1028", str, "SubsystemVendorId of the ports, repeated"),
}
# bios.NAME and pending.NAME set attributes, json.PATH#/POINTER any value, fault.GLOB see faults.py.
PREFIXES = ("fault.", "bios.", "pending.", "json.")


class Keys:
    """The values, checked when they are set. `version` changes with every change."""

    def __init__(self, defaults):
        self.lock = threading.RLock()
        self.values = {name: default for name, (default, _, _) in KEYS.items()}
        self.free = {}
        self.version = 0
        for name, value in defaults.items():
            self.set(name, value)
        self.first = {}

    def remember(self):
        """What restore() goes back to."""
        with self.lock:
            self.first = dict(self.values), dict(self.free)

    def restore(self):
        with self.lock:
            self.values, self.free = dict(self.first[0]), dict(self.first[1])
            self.version += 1

    def set(self, name, value):
        """ValueError for what is no key, or no value of it."""
        with self.lock:
            if name in KEYS:
                kind = KEYS[name][1]
                if isinstance(kind, tuple):
                    if value not in kind:
                        raise ValueError(f"{name} is one of {', '.join(kind)}")
                elif kind is not str:
                    kind(value)
                self.values[name] = value
            elif name.startswith(PREFIXES) and name not in PREFIXES:
                self.free[name] = value
            else:
                raise ValueError(f"no such key: {name}")
            self.version += 1

    def __getitem__(self, name):
        with self.lock:
            value = self.values[name]
        kind = KEYS[name][1]
        return value if isinstance(kind, tuple) else kind(value)

    def on(self, name):
        return self[name] == "on"

    def words(self, name):
        return [word for word in self[name].split(",") if word]

    def under(self, prefix):
        """What was set below a prefix: {rest of the name: value}."""
        with self.lock:
            return {name[len(prefix):]: value for name, value in self.free.items() if name.startswith(prefix)}


def typed(text, like):
    """A value for an attribute: of the kind it has, else JSON, else text. ABSENT: remove it."""
    if text == "absent":
        return ABSENT
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, str) or value is None or not isinstance(like, str):
        return value
    return text


ABSENT = object()
