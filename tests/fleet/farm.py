"""Simulated ESX hosts behind a real sshd, in a network of their own: nothing of this machine is touched.

The addresses are those of 127/8; names stand in an ssh_config. sshd runs each command through `answer.py`, which finds out
by the address that was connected to which host is meant, and runs the agent there with --root: words, input, output and
exit code go through as they are. A host can also be one of the ways in which hosts fail (KINDS).

    farm.enter()                 in a network namespace from here on; ends the program with 77 where there can be none
    with farm.Farm(folder, hostprep, esxsim) as f:
        f.host("esx01.lab", scenario="stock-9.0")
        f.host("esx02.lab", kind="refused")
        f.start()
        ... ssh -F f.config esx01.lab hostprep check ...
"""
import os
import pathlib
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time

SSHD_PORT, REFUSED_PORT = 22, 2999
ANSWER = pathlib.Path(__file__).resolve().parent / "farm_answer.py"
# What a host does instead of answering. The first eight never get as far as a command.
KINDS = ("refused", "silent", "closed", "flaky", "dropped", "no-route", "changed-key", "unknown-key", "auth", "dns",
         "hang", "missing", "not-permitted", "garbage", "cut", "flood", "wrong", "noise", "empty", "signal")


def enter():
    """Runs this program again in namespaces of its own."""
    if os.environ.get("HOSTPREP_FARM") == "in":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        # sshd starts the login shell, and bash reads what stands here: whatever that does on this machine, an ESX host
        # does not. (Only here: mounts are of this namespace.)
        for name in (".bashrc", ".zshenv", ".ssh/rc"):
            path = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir) / name
            if path.is_file():
                subprocess.run(["mount", "--bind", "/dev/null", path], check=True)
        return
    probe = subprocess.run(["unshare", "--net", "--pid", "--fork", "true"], check=False, stderr=subprocess.PIPE, text=True)
    if probe.returncode or not os.path.exists("/usr/sbin/sshd"):
        print(f"farm: no network namespace or no sshd here, nothing was tested: {probe.stderr.strip()}")
        sys.exit(77)
    os.environ["HOSTPREP_FARM"] = "in"
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])


class Listener(threading.Thread):
    """A port that accepts, and then: says nothing, closes, or closes the first time and is sshd afterwards."""

    def __init__(self, kind):
        super().__init__(daemon=True)
        self.kind, self.kept, self.seen = kind, [], {}
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=0 if kind == "dropped" else 64)
        self.port = self.socket.getsockname()[1]

    def run(self):
        if self.kind == "dropped": # who waits here fills the queue, and the next SYN is dropped
            for _ in range(3):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(("127.0.0.1", self.port))
                self.kept.append(waiting)
            return
        while True:
            client, _ = self.socket.accept()
            address = client.getsockname()[0]
            self.seen[address] = self.seen.get(address, 0) + 1
            if self.kind == "silent":
                self.kept.append(client)
            elif self.kind == "flaky" and self.seen[address] > 1:
                self.relay(client, address)
            else:
                client.close()

    @staticmethod
    def relay(client, address):
        server = socket.create_connection((address, SSHD_PORT))

        def pump(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


class Farm:
    def __init__(self, folder, hostprep, esxsim):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hostprep, self.esxsim = str(pathlib.Path(hostprep).resolve()), str(pathlib.Path(esxsim).resolve())
        self.config, self.known = self.folder / "ssh_config", self.folder / "known_hosts"
        self.kinds, self.trees, self.addresses, self.sshd, self.listeners = {}, {}, {}, None, {}
        self.log = open(self.folder / "sshd.log", "wb") # pylint: disable=consider-using-with
        for name in ("hosts", "trees"):
            (self.folder / name).mkdir(parents=True)
        for name in ("host_key", "other_key", "user_key", "stranger_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        shutil.copy(self.folder / "user_key.pub", self.folder / "authorized_keys")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sshd:
            self.sshd.terminate()
            self.sshd.wait()
        self.log.close()

    def host(self, name, kind="answers", scenario="ready-9.0", tree=None, uuid=None):
        number = len(self.kinds) + 1
        self.kinds[name] = kind
        self.addresses[name] = f"127.{1 + number // 200}.{number // 20 % 10}.{1 + number % 20 + 20 * (number // 200)}"
        if tree is not None:
            self.trees[name] = self.trees[tree]
        else:
            self.trees[name] = self.folder / "trees" / name
            subprocess.run([self.esxsim, "create", self.trees[name], "--scenario", scenario, f"host.name={name}",
                            f"host.uuid=6a98270c-b75f-a36d-06fd-{uuid or number:012x}"], check=True)
        (self.folder / "hosts" / self.addresses[name]).write_text(f"{kind}\n{self.trees[name]}\n")
        return name

    def names(self, *kinds):
        return [name for name, kind in self.kinds.items() if not kinds or kind in kinds]

    def start(self):
        for kind in ("silent", "closed", "flaky", "dropped"):
            self.listeners[kind] = Listener(kind)
            self.listeners[kind].start()
        self.write_ssh()
        forced = shlex.join(["/usr/bin/python3", "-S", "-E", str(ANSWER), str(self.folder / "hosts"), self.hostprep])
        (self.folder / "sshd_config").write_text(f"""ListenAddress 0.0.0.0:{SSHD_PORT}
HostKey {self.folder}/host_key
AuthorizedKeysFile {self.folder}/authorized_keys
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 1000
LogLevel ERROR
PrintMotd no
ForceCommand {forced}
""")
        self.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config"],
                                     stderr=self.log)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", SSHD_PORT), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "sshd.log").read_text())

    def write_ssh(self):
        key, other = ((self.folder / f"{name}.pub").read_text().split()[:2] for name in ("host_key", "other_key"))
        known, lines = [], []
        for name, kind in self.kinds.items():
            if kind != "unknown-key":
                known.append(" ".join([name, *(other if kind == "changed-key" else key)]))
            if kind == "dns":
                continue
            address = "10.99.0.1" if kind == "no-route" else self.addresses[name]
            port = {"refused": REFUSED_PORT, **{k: l.port for k, l in self.listeners.items()}}.get(kind, SSHD_PORT)
            lines += [f"Host {name}", f"    HostName {address}", f"    Port {port}", f"    HostKeyAlias {name}"]
            lines.append(f"    IdentityFile {self.folder}/{'stranger' if kind == 'auth' else 'user'}_key")
        lines += ["Host *", f"    UserKnownHostsFile {self.known}", "    GlobalKnownHostsFile /dev/null",
                  "    IdentitiesOnly yes", "    CheckHostIP no",
                  "    KexAlgorithms ecdh-sha2-nistp256", "    User root"]
        self.known.write_text("".join(f"{line}\n" for line in known))
        self.config.write_text("".join(f"{line}\n" for line in lines))
