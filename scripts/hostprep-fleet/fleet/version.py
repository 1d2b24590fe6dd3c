"""The version, from the file that all programs have theirs from."""
import pathlib
import pkgutil


def read():
    packed = None
    try:
        packed = pkgutil.get_data(__package__, "VERSION")
    except OSError:
        pass
    if packed is None: # in the source tree
        packed = (pathlib.Path(__file__).resolve().parents[3] / "agent/VERSION").read_bytes()
    return packed.decode().split()[0]


VERSION = read()
