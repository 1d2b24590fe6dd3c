"""Which hosts: a file of names, a node set, a group. Names stay in lists: folding thousands of them takes minutes."""
import re
import sys

from ClusterShell.NodeSet import NodeSet, NodeSetException

from .errors import Trouble, usage

NAME = re.compile(r"[A-Za-z0-9._:%][A-Za-z0-9._:%-]{0,252}")


class Hosts:
    """Names, in the order given, and the groups of each. repeated: how often one stands there for nothing."""

    def __init__(self):
        self.groups = {}
        self.repeated = 0

    def add(self, name, group=None):
        known = self.groups.get(name)
        if known is None:
            self.groups[name] = [group] if group else []
        elif group and group not in known:
            known.append(group)
        else:
            self.repeated += 1

    @property
    def names(self):
        return list(self.groups)

    def text(self):
        """As a hosts file; groups as headings."""
        lines = [name for name, groups in self.groups.items() if not groups]
        by_group = {}
        for name, groups in self.groups.items():
            for group in groups:
                by_group.setdefault(group, []).append(name)
        for group, names in by_group.items():
            lines += [f"[{group}]", *names]
        return "".join(f"{line}\n" for line in lines)


def decoded(data):
    """UTF-8, or UTF-16 with a byte order mark, as PowerShell's > writes it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def read_file(path):
    try:
        if path == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as file:
                data = file.read()
    except OSError as error:
        raise Trouble(f"cannot read {path}: {error.strerror}") from error
    return decoded(data)


def from_file(path):
    hosts, group, where = Hosts(), None, "standard input" if path == "-" else path
    for number, line in enumerate(read_file(path).split("\n"), 1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        heading = re.fullmatch(r"\[(.*)\]", line)
        if heading and (not heading[1] or NAME.fullmatch(heading[1])) and heading[1].count(":") < 2: # no IPv6 address
            group = heading[1] or None
            continue
        if not NAME.fullmatch(line):
            shown = "".join(c if c.isprintable() else "?" for c in line[:80])
            raise usage(f'{where} line {number}: "{shown}" is no host name '
                        "(letters, digits and . _ : % -, not beginning with -)")
        hosts.add(line, group)
    return hosts


def from_nodes(text, group=None):
    """Each @group that the set names is a group of its hosts."""
    hosts = Hosts()
    try:
        for name in NodeSet(text):
            hosts.add(name, group)
        for word in re.findall(r"@[\w.:%-]+", "" if group else text):
            for name in NodeSet(word):
                if name in hosts.groups and NAME.fullmatch(word[1:]):
                    hosts.add(name, word[1:])
    except NodeSetException as error:
        raise usage(f"--{'group' if group else 'nodes'}: {error}") from error
    for name in hosts.names:
        if not NAME.fullmatch(name):
            raise usage(f'"{name[:80]}" is no host name (letters, digits and . _ : % -, not beginning with -)')
    return hosts


def of_options(options):
    if options.hosts:
        hosts, source = from_file(options.hosts), f"--hosts {options.hosts}"
    elif options.nodes:
        hosts, source = from_nodes(options.nodes), f"--nodes {options.nodes}"
    else:
        if not NAME.fullmatch(options.group):
            raise usage(f'--group: "{options.group}" is no name of a group')
        hosts, source = from_nodes(f"@{options.group}", options.group), f"--group {options.group}"
    if not hosts.groups:
        raise usage(f"{source}: there are no hosts")
    return hosts
