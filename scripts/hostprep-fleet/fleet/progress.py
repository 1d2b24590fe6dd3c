"""What is seen while it runs: on a terminal one line that is written over, else a line for each tenth."""
import sys
import time


def clock(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes}:{seconds:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


class Progress:
    def __init__(self, total, quiet, stream=None):
        self.stream = stream or sys.stderr
        self.total, self.quiet = total, quiet
        self.terminal = self.stream.isatty()
        self.began = self.shown = time.monotonic()
        self.done = self.lost = 0
        self.tenth = 0

    def line(self):
        spent = max(time.monotonic() - self.began, 0.001)
        rate = self.done / spent
        left = f", {clock((self.total - self.done) / rate)} left" if self.done and self.done < self.total else ""
        lost = f", {self.lost} not scanned" if self.lost else ""
        return f"{self.done} of {self.total} hosts{lost}, {rate:.1f}/s{left}"

    def step(self, good):
        self.done += 1
        self.lost += not good
        if self.quiet:
            return
        if self.terminal:
            if time.monotonic() - self.shown >= 0.2 or self.done == self.total:
                self.shown = time.monotonic()
                self.write(f"\r{self.line()}\x1b[K")
        elif self.total >= 10 and self.done * 10 // self.total > self.tenth:
            self.tenth = self.done * 10 // self.total
            self.write(f"hostprep-fleet: {self.line()}\n")

    def end(self):
        if self.terminal and not self.quiet and self.done:
            self.write("\n")

    def write(self, text):
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError: # nobody looks any more
            self.quiet = True
