"""A run: hosts, asked once or twice, each with its row. A scan is one round; a fix is a canary and then batches."""
import json

from .classify import classify


class Run:
    """Asks hosts through the engine and keeps what comes."""

    def __init__(self, command, options, engine, folder, progress):
        self.command, self.options, self.engine, self.folder, self.progress = command, options, engine, folder, progress
        self.attempts = {}
        self.failed = []
        self.error = None
        # A fix that was begun is never begun again by itself.
        self.again = ("unreachable", "timeout") if command == "scan" or not options.apply else ("unreachable",)
        self.retries = not (options.tree or options.topology)

    def judge(self, answer):
        if answer.timed_out:
            return "timeout", f"it did not end within {self.options.timeout} s"
        if answer.flooded:
            return "bad-output", "its output is larger than 16 MiB; it was ended"
        return classify(answer.rc, answer.stdout, answer.stderr.decode("utf-8", "replace"))

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
        if state in self.again and self.attempts[name] == 1 and self.retries and not self.engine.stopping:
            self.engine.schedule([name], self.done)
            return
        self.folder.keep(name, state, reason, answer, self.attempts[name])
        if self.command == "fix" and self.is_failure(state, answer):
            self.failed.append(name)
            if len(self.failed) >= self.options.max_failures:
                self.engine.stopping = True
        self.progress.step(state == "ok")

    def skip(self, name):
        self.folder.keep(name, "unreachable", f"not tried: stopped after {len(self.failed)} failures", None, 0)
        self.progress.step(False)

    def is_failure(self, state, answer):
        """Of a dry run only that there is no plan; else whatever leaves the host other than it should be."""
        if state != "ok":
            return True
        try:
            code = json.loads(bytes(answer.stdout))["exit_code"]
        except (ValueError, KeyError, TypeError):
            return True
        return code not in (0, 4) if self.options.apply else code not in (0, 2, 3, 4)

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
