"""A run: hosts, asked once or twice, each with its row. A scan is one round; a fix is a canary and then batches."""
from .answers import report_of
from .classify import classify, never_begun


class Run:
    """Asks hosts through the engine and keeps what comes."""

    def __init__(self, command, options, engine, folder, progress):
        self.command, self.options, self.engine, self.folder, self.progress = command, options, engine, folder, progress
        self.attempts = {}
        self.failed = []
        self.stopped = False
        self.error = None
        self.applies = command == "fix" and options.apply
        self.retries = not (options.tree or options.topology)

    def judge(self, answer):
        if answer.timed_out:
            return "timeout", f"it did not end within {self.options.timeout} s"
        if answer.lingered:
            return "timeout", "it closed its output and went on; it was ended"
        if answer.flooded:
            return "bad-output", "its output is larger than 16 MiB; it was ended"
        return classify(answer.rc, answer.stdout, answer.stderr.decode("utf-8", "replace"))

    def may_ask_again(self, state, answer):
        """Once, and only what can change. A fix that may have been begun is never begun again by itself."""
        if self.attempts[answer.host] > 1 or not self.retries or self.engine.stopping:
            return False
        if self.applies:
            return never_begun(answer.stdout, answer.stderr.decode("utf-8", "replace"))
        return state in ("unreachable", "timeout")

    def done(self, answer):
        """Called by the engine for each host; trouble of ours waits until the engine has stopped."""
        if self.error:
            return
        try:
            self.take(answer)
        except OSError as error:
            self.error = error
            self.engine.stopping = True

    def take(self, answer):
        name = answer.host
        if answer.skipped:
            self.skip(name)
            return
        self.attempts[name] = self.attempts.get(name, 0) + 1
        if answer.interrupted: # whoever was not begun has no row: it was not tried
            self.folder.keep(name, "unreachable", "interrupted while the command ran", answer, self.attempts[name])
            return
        state, reason = self.judge(answer)
        if self.may_ask_again(state, answer):
            self.engine.schedule([name], self.done)
            return
        self.folder.keep(name, state, reason, answer, self.attempts[name])
        if self.command == "fix" and self.is_failure(state, answer):
            self.failed.append(name)
            if self.applies and len(self.failed) >= self.options.max_failures: # a dry run is one on every host
                self.engine.stopping = True
        self.progress.step(state == "ok")

    def skip(self, name):
        self.stopped = True
        if name not in self.folder.tried: # an earlier run's row says more
            self.folder.keep(name, "unreachable", f"not tried: stopped after {len(self.failed)} failures", None, 0)
        self.progress.step(False)

    def is_failure(self, state, answer):
        """Of a dry run only that there is no plan; else whatever leaves the host other than it should be."""
        report = report_of(answer.stdout, answer.rc, self.folder.head["policy_sha256"]) if state == "ok" else None
        if report is None:
            return True
        return report["exit_code"] not in ((0, 4) if self.options.apply else (0, 2, 3, 4))

    def round(self, hosts):
        self.engine.schedule(hosts, self.done)
        self.engine.run()
        if self.error:
            raise self.error

    def batches(self, hosts):
        if self.command == "scan":
            return [hosts] if hosts else []
        size = self.options.batch or self.options.fanout
        first = hosts[:self.options.canary]
        rest = hosts[self.options.canary:]
        return [batch for batch in (first, *(rest[i:i + size] for i in range(0, len(rest), size))) if batch]

    def all(self, hosts):
        """Every host has a row afterwards."""
        for batch in self.batches(hosts):
            if self.engine.stopping:
                for name in batch:
                    self.skip(name)
            else:
                self.round(batch)
