"""ClusterShell's engine, with clients that keep every byte, end their whole process group, and fold no names."""
import logging
import os
import signal
import subprocess
import time

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self
from ClusterShell.Engine.Engine import E_READ, E_WRITE
from ClusterShell.Worker.Exec import ExecClient, ExecWorker
from ClusterShell.Worker.Worker import DistantWorker

STDOUT_MOST = 16 << 20 # bytes of a report; more is no report
LINGER_S = 2 # no other host is looked at meanwhile
STDERR_KEPT = 64 << 10 # bytes; what comes after is read and dropped

logging.getLogger("ClusterShell").setLevel(logging.CRITICAL) # a host that does not read its stdin is no news


class Answer:
    """What one host said. rc None: it was ended by us."""

    def __init__(self, host):
        self.host = host
        self.stdout, self.stderr = bytearray(), bytearray()
        self.rc = None
        self.timed_out = self.flooded = self.skipped = self.interrupted = self.lingered = False
        self.duration_ms = 0


class Client(ExecClient):
    """One command. Its output is kept as bytes, and never folded into ClusterShell's message trees."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.answer = Answer(self.key)
        self.began = None

    def _build_cmd(self):
        self.answer.skipped = self.worker.stopped()
        return ["/bin/true"] if self.answer.skipped else self.worker.words(self.key)

    def _start(self):
        self.began = time.monotonic()
        try:
            self._spawn(self._build_cmd())
        except OSError as error: # not there, not executable, no memory: an answer of its own kind
            text = f"{error.filename or 'the command'}: {error.strerror}"
            self._spawn(["/bin/sh", "-c", 'printf "%s\\n" "$0" >&2; exit 127', text])
        self._on_nodeset_start(self.key)
        return self

    def _spawn(self, words):
        """In a session of its own: no terminal to ask a password at, and a group to end."""
        ends = []
        try:
            for _ in range(3):
                ends += os.pipe()
            (in_r, in_w, out_r, out_w, err_r, err_w) = ends
            self.popen = subprocess.Popen(words, stdin=in_r, stdout=out_w, stderr=err_w, env=self.worker.environment,
                                          start_new_session=True)
        except BaseException:
            for end in ends:
                os.close(end)
            raise
        for end in (in_r, out_w, err_w):
            os.close(end)
        for end in (in_w, out_r, err_r):
            os.set_blocking(end, False)
        self.streams.set_stream(self.worker.SNAME_STDERR, err_r, E_READ)
        self.streams.set_stream(self.worker.SNAME_STDOUT, out_r, E_READ)
        self.streams.set_stream(self.worker.SNAME_STDIN, in_w, E_WRITE, retain=False)

    def _handle_read(self, sname):
        data = self._read(sname)
        if sname == self.worker.SNAME_STDERR:
            self.answer.stderr += data[:max(0, STDERR_KEPT - len(self.answer.stderr))]
            return
        self.answer.stdout += data
        if len(self.answer.stdout) > STDOUT_MOST:
            self.answer.flooded = True
            del self.answer.stdout[STDOUT_MOST:]
            self.abort()

    def _flush_read(self, sname):
        """Nothing is held back."""

    def wait_for_exit(self, seconds):
        """Waits, and leaves it to be reaped."""
        until = time.monotonic() + seconds
        while os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() >= until:
                return False
            time.sleep(0.005)
        return True

    def end(self):
        """Ends the command and whatever it has started."""
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except OSError:
            pass

    def _close(self, abort, timeout):
        if self.popen is not None:
            if not abort:
                self.answer.lingered = not self.wait_for_exit(LINGER_S) # it may have closed its output, and go on
            self.end() # before it is reaped: until then its group's number is nobody else's
            rc = self.popen.wait()
            self.answer.rc = None if abort else rc if rc >= 0 else 128 - rc
        self.answer.timed_out = timeout
        self.answer.interrupted = abort and not timeout and not self.answer.flooded
        self.answer.duration_ms = int((time.monotonic() - self.began) * 1000) if self.began else 0
        self.streams.clear()
        self.invalidate()
        answer, self.answer = self.answer, Answer(self.key) # the worker stays; what was said need not
        self.worker.done(answer)
        self.worker._check_fini()


class Worker(ExecWorker):
    """A command for each of some hosts. `words(host)` gives it, `done(answer)` takes what came of it."""

    SHELL_CLASS = Client

    def __init__(self, hosts, words, done, stopped, timeout, stdin, environment):
        DistantWorker.__init__(self, None)
        self._close_count = 0
        self._has_timeout = False
        self._clients = []
        self.nodes, self.command, self.source = hosts, "", None
        self.words, self.done, self.stopped, self.environment = words, done, stopped, environment
        for rank, host in enumerate(hosts):
            self._add_client(host, rank=rank, stderr=True, timeout=timeout)
        for client in self._clients:
            if stdin:
                client._write(self.SNAME_STDIN, stdin)
            client._set_write_eof(self.SNAME_STDIN)


class Interrupts(EventHandler):
    """A signal during a run is looked at between events only, where every command is known and can be ended. Afterwards
    signals do what they did before."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    EVERY_S = 0.2

    def __init__(self, task):
        super().__init__()
        self.task, self.seen, self.before = task, False, {}

    def note(self, _signal, _frame):
        self.seen = True

    def ev_timer(self, _timer):
        if self.seen:
            raise KeyboardInterrupt

    def run(self):
        for number in self.SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN: # as nohup leaves it
                self.before[number] = signal.signal(number, self.note)
        try:
            self.task.timer(self.EVERY_S, handler=self, interval=self.EVERY_S, autoclose=True)
            self.task.resume()
        finally:
            for number, handler in self.before.items():
                signal.signal(number, handler)
        if self.seen:
            raise KeyboardInterrupt


class Engine:
    """Runs hosts side by side, and gives each answer to `done` as it comes. An exception out of run() has ended all commands."""

    def __init__(self, fanout, timeout, transport, stdin=b""):
        self.task = task_self()
        self.task.set_info("fanout", fanout)
        self.timeout, self.transport, self.stdin = timeout, transport, stdin
        self.stopping = False
        self.environment = dict(os.environ, LC_ALL="C", SSH_ASKPASS_REQUIRE="never")

    def schedule(self, hosts, done):
        worker = Worker(hosts, self.transport.words, done, lambda: self.stopping, self.timeout, self.stdin,
                        self.environment)
        self.task.schedule(worker)

    def run(self):
        Interrupts(self.task).run()
