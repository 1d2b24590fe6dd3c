"""The command line. One table of commands and one of options drive parsing, --help and the man page."""
import argparse
import os
import textwrap

from .errors import usage

COMMANDS = {
    "scan": "check many hosts, and make one document of their reports; changes nothing on them",
    "fix": "run hostprep fix on them, a few at a time; a dry run unless --apply is given",
}
BOTH, FIX = ("scan", "fix"), ("fix",)
# name, letter, value, commands, help
OPTIONS = (
    ("hosts", None, "FILE", BOTH, "the hosts, one in a line; [NAME] begins a group; - is standard input"),
    ("nodes", None, "NODESET", BOTH, "the hosts as a node set of ClusterShell: esx[01-32].lab,@cl07"),
    ("group", None, "NAME", BOTH, "the hosts of a group of ClusterShell's groups.conf"),
    ("transport", None, "ssh|exec:CMD", BOTH, "ssh (default), or a command for each host: %%h is the host, %%c the agent's "
     "command line as one word, %%w the same as words; no shell"),
    ("fanout", None, "N", BOTH, "hosts at a time (default 64)"),
    ("timeout", None, "S", BOTH, "seconds for one host (default 300)"),
    ("connect-timeout", None, "S", BOTH, "seconds for its SSH server to answer (default 10)"),
    ("agent", None, "PATH", BOTH, "hostprep on the hosts (default /opt/hostprep/bin/hostprep)"),
    ("user", None, "NAME", BOTH, "log in as (default: what ssh_config says, else root)"),
    ("ssh-config", None, "FILE", BOTH, "ssh's configuration (default: yours and the machine's)"),
    ("tree", None, None, BOTH, "through the gateways of ClusterShell's topology.conf"),
    ("topology", None, "FILE", BOTH, "the same, of that file"),
    ("policy", None, "FILE", BOTH, "the site's policy; it is sent to each host; - is standard input"),
    ("only", None, "ID,...", BOTH, "only these checks, as for hostprep"),
    ("skip", None, "ID,...", BOTH, "all but these"),
    ("tag", None, "T,...", BOTH, "only checks with one of these tags"),
    ("dir", None, "DIR", BOTH, "where what each host said is kept (default: a new folder here)"),
    ("resume", None, "DIR", BOTH, "go on with that folder: hosts without a good report are asked again"),
    ("output", "o", "FLEET.json", BOTH, "the document (default: fleet.json in the folder; - is standard output)"),
    ("html", None, "PAGE.html", BOTH, "make the page, too"),
    ("baseline", None, "FLEET.json", BOTH, "an earlier document: say what has changed since"),
    ("batch", None, "N", FIX, "hosts in a batch (default: --fanout)"),
    ("canary", None, "N", FIX, "hosts in the first batch (default 1)"),
    ("max-failures", None, "K", FIX, "begin no further host once K have failed (default 1)"),
    ("apply", None, None, FIX, "do it"),
    ("enter-maintenance", None, None, FIX, "as for hostprep fix"),
    ("override", None, "GATE,...", FIX, "as for hostprep fix"),
    ("bios", None, None, FIX, "as for hostprep fix"),
    ("color", None, "WHEN", BOTH, "auto (default), always or never; NO_COLOR is never"),
    ("quiet", "q", None, BOTH, "no progress on stderr"),
    ("help", "h", None, BOTH, "this text"),
    ("version", None, None, (), "print the version"),
)
EXITS = (
    ("0", "all hosts are compliant"),
    ("1", "hostprep-fleet itself failed"),
    ("2", "some host fails"),
    ("3", "none fails, but some host was not scanned or is unknown"),
    ("4", "compliant once some hosts are rebooted"),
    ("64", "usage"),
)
NUMBERS = {"fanout": (1, 4096, 64), "timeout": (1, 86400, 300), "connect_timeout": (1, 3600, 10), "batch": (1, 10**6, None),
           "canary": (1, 10**6, 1), "max_failures": (1, 10**6, 1)}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise usage(message)


def key(name):
    return name.replace("-", "_")


def parser_of(command):
    parser = Parser(prog=f"hostprep-fleet {command}", add_help=False, allow_abbrev=False)
    for name, letter, value, commands, text in OPTIONS:
        if command not in commands:
            continue
        words = [f"--{name}"] + ([f"-{letter}"] if letter else [])
        if value is None:
            parser.add_argument(*words, dest=key(name), action="store_true", help=text)
        else:
            parser.add_argument(*words, dest=key(name), action="append", metavar=value, help=text)
    return parser


def whole(name, text):
    least, most, default = NUMBERS[name]
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise usage(f"--{name.replace('_', '-')} is a number from {least} to {most}, not \"{text}\"")
    return int(text)


def settle(command, parsed):
    """One value each, numbers as numbers, and what does not go together is refused."""
    for name, _, value, commands, _ in OPTIONS:
        if command not in commands or value is None:
            continue
        given = getattr(parsed, key(name))
        if given and len(given) > 1:
            raise usage(f"--{name} is given twice")
        if given and not given[0]:
            raise usage(f"--{name} wants {value}, not an empty text")
        setattr(parsed, key(name), given[0] if given else None)
    for name in NUMBERS:
        if hasattr(parsed, name):
            text = getattr(parsed, name)
            setattr(parsed, name, None if text is None and parsed.resume else whole(name, text))
    if parsed.color not in (None, "auto", "always", "never"):
        raise usage(f"--color is auto, always or never, not \"{parsed.color}\"")
    sources = [f"--{name}" for name in ("hosts", "nodes", "group", "resume") if getattr(parsed, name)]
    if not sources:
        raise usage("which hosts? give --hosts FILE, --nodes NODESET, --group NAME, or --resume DIR")
    if len(sources) > 1:
        raise usage(f"{' and '.join(sources)} do not go together")
    if parsed.resume and parsed.dir:
        raise usage("--resume DIR names the folder; --dir does not go with it")
    if parsed.hosts == "-" and parsed.policy == "-":
        raise usage("only one of --hosts and --policy can be standard input")
    if command == "fix" and (parsed.tree or parsed.topology):
        raise usage("fix goes without gateways: through them hosts cannot be begun one batch after another")
    if parsed.html == "-":
        raise usage("--html wants a file")
    return parsed


def parse(argv):
    """The command and its options; command None: help or version of the whole program was asked for."""
    if argv and argv[0] in ("-h", "--help", "--version", "--man"):
        return None, argv[0]
    if not argv:
        raise usage("a command is missing: scan or fix")
    if argv[0] not in COMMANDS:
        raise usage(f'unknown command "{argv[0]}"; there are {" and ".join(COMMANDS)}')
    parsed = parser_of(argv[0]).parse_args(argv[1:])
    return argv[0], parsed if parsed.help else settle(argv[0], parsed)


def wrapped(text, indent):
    return ("\n" + " " * indent).join(textwrap.wrap(text.replace("%%", "%"), 80 - indent, break_on_hyphens=False))


def help_text(command=None):
    if command:
        lines = [f"hostprep-fleet {command} [options]", "", "  " + wrapped(COMMANDS[command], 2)]
    else:
        lines = ["hostprep-fleet: hostprep on many hosts, and one report of them all", "",
                 "usage: hostprep-fleet COMMAND [options]", ""]
        lines += [f"  {name:<22}{wrapped(text, 24)}" for name, text in COMMANDS.items()]
    lines += ["", "options:"]
    for name, letter, value, commands, text in OPTIONS:
        if command and command not in commands:
            continue
        head = f"  {f'-{letter}, ' if letter else ''}--{name}{f' {value}' if value else ''}"
        lines.append(f"{head:<23} {wrapped(text, 24)}" if len(head) < 24 else f"{head}\n{' ' * 24}{wrapped(text, 24)}")
    lines += ["", "exit codes:"] + [f"  {code:<4}{text}" for code, text in EXITS]
    return "\n".join(lines) + "\n"


def man_page():
    """mdoc."""
    lines = [".Dd November 26, 2026", ".Dt HOSTPREP-FLEET 1", ".Os", ".Sh NAME", ".Nm hostprep-fleet",
             ".Nd hostprep on many hosts, and one report of them all", ".Sh SYNOPSIS", ".Nm", ".Ar command",
             ".Op Ar options", ".Sh DESCRIPTION", "Runs hostprep on many ESX hosts, by ssh or another command, and makes one",
             "document of their reports, in which each host has one row.",
             "A host that could not be read is never passed.", ".Sh COMMANDS", ".Bl -tag -width Ds"]
    for name, text in COMMANDS.items():
        lines += [f".It Cm {name}", text]
    lines += [".El", ".Sh OPTIONS", ".Bl -tag -width Ds"]
    for name, letter, value, _, text in OPTIONS:
        lines += [f".It {f'Fl {letter} , ' if letter else ''}Fl -{name}{f' Ar {value}' if value else ''}",
                  text.replace("%%", "%")]
    lines += [".El", ".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    for code, text in EXITS:
        lines += [f".It {code}", text]
    lines += [".El", ".Sh SEE ALSO", ".Xr hostprep 8 ,", ".Xr hostprep-report 1"]
    return "\n".join(lines) + "\n"


def colored(parsed, stream):
    if parsed.color in ("always", "never"):
        return parsed.color == "always"
    return not os.environ.get("NO_COLOR") and stream.isatty()
