"""A scan through gateways: ClusterShell on Linux machines in between runs a part of it each.

Where this differs from engine.py: ClusterShell gives lines here, and knows the hosts as a node set."""
import os
import shlex
import time

from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Propagation import RouteResolvingError
from ClusterShell.Task import task_self
from ClusterShell.Topology import TopologyError

from .engine import STDERR_KEPT, STDOUT_MOST, Answer, Interrupts
from .errors import Trouble, usage
from .transport import SSH_OPTIONS


class Handler(EventHandler):
    def __init__(self, done):
        super().__init__()
        self.done, self.answers, self.began, self.ended = done, {}, time.monotonic(), set()

    def answer(self, node):
        return self.answers.setdefault(node, Answer(node))

    def ev_read(self, worker, node, sname, msg):
        answer = self.answer(node)
        place, most = (answer.stderr, STDERR_KEPT) if sname == worker.SNAME_STDERR else (answer.stdout, STDOUT_MOST)
        if len(place) + len(msg) < most:
            place += msg + b"\n"
        elif place is answer.stdout:
            answer.flooded = True

    def end(self, node, rc, timed_out=False):
        if node in self.ended:
            return
        self.ended.add(node)
        answer = self.answer(node)
        answer.rc, answer.timed_out = rc, timed_out
        answer.duration_ms = int((time.monotonic() - self.began) * 1000)
        self.done(answer)

    def ev_hup(self, worker, node, rc):
        self.end(node, rc)

    def ev_close(self, worker, timedout):
        for node in worker.iter_keys_timeout():
            self.end(str(node), None, True)


class TreeEngine:
    """One round of hosts for each process (a second one fails in ClusterShell 1.8.3 to 1.9.1, its issue 566)."""

    def __init__(self, options, transport, stdin=b""):
        # Not whatever python3 comes first on a gateway's PATH: the one that distributions put ClusterShell into.
        os.environ.setdefault("CLUSTERSHELL_GW_PYTHON_EXECUTABLE", "/usr/bin/python3")
        self.task = task_self()
        self.task.set_info("fanout", options.fanout)
        self.task.set_info("connect_timeout", options.connect_timeout)
        self.task.set_info("ssh_options", shlex.join(self.ssh_words(options)))
        if options.user:
            self.task.set_info("ssh_user", options.user)
        self.task.set_default("stdout_msgtree", False)
        self.task.set_default("stderr_msgtree", False)
        self.timeout, self.transport, self.stdin = options.timeout, transport, stdin
        self.stopping = False
        path = options.topology or "/etc/clustershell/topology.conf"
        if not os.path.isfile(path):
            raise usage(f"--tree: there is no topology file {path}")
        try:
            self.task.load_topology(path)
        except TopologyError as error:
            raise usage(f"--tree: {path}: {error}") from error
        self.begun = False

    @staticmethod
    def ssh_words(options):
        """For the way to the gateways and for theirs to the hosts. A file is named only where the user has named one: it
        must be there on the gateways, too; else each machine's own configuration counts."""
        words = []
        if options.ssh_config:
            words += ["-F", os.path.abspath(os.path.expanduser(options.ssh_config))]
        for option in (*SSH_OPTIONS, f"ConnectTimeout={options.connect_timeout}"):
            words += ["-o", option]
        return words

    def schedule(self, hosts, done):
        if self.begun:
            raise Trouble("through gateways a host is asked once in a run; go on with --resume")
        self.begun = True
        worker = self.task.shell(self.transport.remote, nodes=NodeSet.fromlist(hosts), handler=Handler(done),
                                 timeout=self.timeout, stderr=True, tree=True)
        if self.stdin:
            worker.write(self.stdin)
        worker.set_write_eof()

    def run(self):
        try:
            Interrupts(self.task).run()
        except RouteResolvingError as error: # of ClusterShell, when a gateway cannot be used
            raise Trouble(f"{error}: a gateway did not answer; it must be reached by ssh, and have ClusterShell") from error
