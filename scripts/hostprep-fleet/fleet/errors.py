"""Trouble that ends the run, with the exit code that it ends with."""

FAILED, USAGE = 1, 64


class Trouble(Exception):
    """One line for the admin: what, where, what to do."""

    def __init__(self, text, code=FAILED):
        super().__init__(text)
        self.code = code


def usage(text):
    return Trouble(text, USAGE)
