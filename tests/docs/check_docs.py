#!/usr/bin/env python3
"""Hold docs/ and README.md against the program: check_docs.py [--update] HOSTPREP ESXSIM VIBPACK HOSTPREP_REPORT

  heads     the table at the top of docs/checks/ID.md says what `hostprep list --format json` says, and its commands are
            those that `hostprep capture --only ID` records; of checks of the BIOS also what is asked of a mock BMC
  pages     every check has a page, every page has a check, docs/README.md names every page
  links     every relative link leads to a file, and to a heading where it has a #
  options   every option of hostprep, hostprep-fleet and hostprep-report is in the guides; every --option in docs exists,
            and its command takes it
  exits     every table with the head "exit code" says what the --help of one of them says; in the guides all of it
  outputs   ```console blocks are run, and what they print is compared; a line "..." stands for any lines
            `<!-- shows: SCENARIO KEY=VALUE... -->` before a ```text block: the findings of the page's check on such a host
  errors    the table of docs/tools/mlxconfig.md is that of agent/tools/mlx_said.c, and that of docs/tools/redfish.md
            that of agent/io/call.c
  bios      the table of attributes of docs/checks/bios-*.md is that of agent/engine/builtin_policy.yaml
  policies  every ```yaml block of write-a-policy.md is a policy; a ```text block right after it is how it is refused

--update writes what the program prints into the blocks of the kind "outputs". Ids of runs and times differ each time:
in the pages stand made-up ones in their place, and a command that names such an id is given the real one.

In `shows`, after a bar each: `with TEXT` takes only the findings that hold TEXT, `policy YAML` judges by that policy,
`map LINE` adds a line to passthru.map, `bmc TREE KEY=VALUE...` reads a mock BMC (tests/redfish/bmc.py) with a pin,
`insecure` with none.

In `console` blocks `bmc.py` is the mock BMC; it ends with this program. Its port differs each time: in the pages stands
https://192.0.2.17:8443 in place of its address, and a command that names that is given the real one.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = TOP / "docs"
HEADS = {"PASS", "FAIL", "REGRESSING", "REBOOT", "UNKNOWN", "N/A", "SKIPPED", "NOTE"}
PROGRAMS = ("hostprep", "hostprep-fleet", "hostprep-report")
BMC = "192.0.2.17:8443" # as long as the mock BMC's address and port
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SHOWS = re.compile(r"^<!-- shows: (.*?) -->\n```text\n(.*?)^```$", re.M | re.S)

problems = []


def say(where, text):
    problems.append(f"{where}: {text}")


def name(path):
    return str(path.relative_to(TOP))


MOCK = """#!/bin/sh
case $1 in
--*) exec python3 {program} "$@" ;;
*) exec python3 {program} --parent {parent} "$@" ;;
esac
"""

FLEET = """#!/bin/sh
exec /usr/bin/python3 {program} "$@"
"""


class Program:
    """The programs and bmc.py, found by name in a directory of their own."""

    def __init__(self, hostprep, esxsim, vibpack, report, directory):
        self.directory = pathlib.Path(directory)
        (self.directory / "bin").mkdir()
        for word, target in (("hostprep", hostprep), ("esxsim", esxsim), ("vibpack", vibpack), ("hostprep-report", report)):
            os.symlink(pathlib.Path(target).resolve(), self.directory / "bin" / word)
        self.script("bmc.py", MOCK.format(program=TOP / "tests/redfish/bmc.py", parent=os.getpid()))
        self.script("hostprep-fleet", FLEET.format(program=TOP / "scripts/hostprep-fleet"))
        self.bmcs = {}
        self.environment = {"PATH": f"{self.directory}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": directory,
                            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}

    def script(self, word, text):
        path = self.directory / "bin" / word
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def place(self, title):
        path = self.directory / title
        path.mkdir(parents=True, exist_ok=True)
        return path

    def run(self, *argv, cwd=None, text=None):
        return subprocess.run(argv, cwd=cwd or self.directory, env=self.environment, input=text, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")

    def bash(self, command, cwd):
        done = subprocess.run(["bash", "-c", command], cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True,
                              encoding="utf-8", errors="replace")
        return done.stdout

    def host(self, where, *words):
        shutil.rmtree(where, ignore_errors=True)
        done = self.run("esxsim", "create", str(where), "--scenario", *words)
        if done.returncode:
            raise ValueError(done.stderr.strip())
        return where

    def bmc(self, tree, *settings):
        """A mock BMC with these settings alone: what it says in DIR/ready."""
        if tree not in self.bmcs:
            where = self.place("bmc") / tree
            self.run("bmc.py", str(where), "--tree", tree, "--background")
            self.bmcs[tree] = where
        where = self.bmcs[tree]
        for words in (("restore",), ("set", *settings)):
            done = self.run("bmc.py", "--control", str(where), *words)
            if done.returncode:
                raise ValueError(done.stderr.strip())
        ready = dict(line.split("=", 1) for line in (where / "ready").read_text(encoding="utf-8").splitlines())
        credentials = where / "credentials"
        credentials.touch(mode=0o600)
        credentials.write_text(f"user: {ready['user']}\npassword: {ready['password']}\n", encoding="utf-8")
        return {"url": ready["url"], "credentials_file": str(credentials), "pin": ready["pin"]}


# ---- pages of checks ----


def head_of(text):
    """The key-value table of a page's head."""
    rows = {}
    for line in text.split("\n## ")[0].splitlines():
        cells = re.fullmatch(r"\| (\w+(?: \w+)*) \| (.*) \|", line)
        if cells:
            rows[cells[1]] = cells[2]
    return rows


def asked_bmc(program, host, check):
    """What a run with this check alone reads from a Dell's BMC; of the switch boards another page tells."""
    policy = json.dumps({"redfish": program.bmc("dell-xe9680")})
    done = program.run("hostprep", "capture", "--root", str(host), "--only", check, "--policy", "-", text=policy)
    return set(re.findall(r"^http (GET) https://[^/]+(/redfish/v1(?:/Systems.*)?)$", done.stdout, re.M))


def recorded(program, host, check):
    """What a run with this check alone asks, as an admin would type it; mst names are NAME."""
    done = program.run("hostprep", "capture", "--root", str(host), "--only", check)
    keys = re.findall(r"^(?:run|file) (.*)$", done.stdout, re.M)
    return {"/" + re.sub(r"mt\d+_pci(?:conf|_cr)\d+(?:\.\d+)?", "NAME", key) for key in keys}


def check_heads(program):
    checks = json.loads(program.run("hostprep", "list", "--format", "json").stdout)["checks"]
    pages = {path.stem: path for path in (DOCS / "checks").glob("*.md")}
    ids = {check["id"] for check in checks}
    for stray in sorted(set(pages) - ids):
        say(name(pages[stray]), "there is no such check")
    host = program.host(program.place("heads") / "host", "ready-9.0")
    asked = {check["id"]: recorded(program, host, check["id"]) for check in checks}
    always = set.intersection(*asked.values())
    for check in checks:
        if "bios" in check["tags"]:
            asked[check["id"]] |= {" ".join(words) for words in asked_bmc(program, host, check["id"])}
    for check in checks:
        if check["id"] not in pages:
            say(f"docs/checks/{check['id']}.md", "is missing: every check has a page")
            continue
        page = pages[check["id"]]
        text = page.read_text(encoding="utf-8")
        rows = head_of(text)
        want = {"Severity": check["severity"], "Wanted": check["want"] or "-",
                "Fixable": "yes" if check["fixable"] else "no", "Reboot": check["reboot"],
                "Tags": ", ".join(check["tags"])}
        title = f"# {check['id']}: {check['title']}"
        if text.splitlines()[0] != title:
            say(name(page), f'the first line is not "{title}"')
        for key, value in want.items():
            if rows.get(key) != value:
                say(name(page), f'{key} is "{rows.get(key)}" in the head and "{value}" in the program')
        reads = set(re.findall(r"`([^`]+)`", rows.get("Reads", "")))
        if not reads or reads - asked[check["id"]] or asked[check["id"]] - always - reads:
            say(name(page), f"Reads is {sorted(reads)}, and a run asks {sorted(asked[check['id']] - always)}")
        for heading in ("What it looks at", "Why it matters", "What it says", "How to fix it by hand", "How to undo it",
                        "Sources"):
            if f"\n## {heading}\n" not in text:
                say(name(page), f'there is no heading "{heading}"')


def listed(value):
    return value if isinstance(value, list) else [value]


def check_bios():
    """Every rule of the built-in policy, in its order."""
    rules = yaml.safe_load((TOP / "agent/engine/builtin_policy.yaml").read_text(encoding="utf-8"))["bios"]
    for check, list_of_rules in rules.items():
        page = DOCS / f"checks/{check}.md"
        wanted = []
        for rule in list_of_rules:
            cells = [", ".join(f"`{word}`" for word in listed(rule[key])) if key in rule else "any: reported only"
                     for key in ("vendor", "attribute", "want")]
            wanted.append(f"| {' | '.join(cells)} | {'not applicable' if rule.get('optional') else 'unknown'} |")
        shown_rows = re.search(r"^\| maker \| attribute \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)",
                               page.read_text(encoding="utf-8") if page.exists() else "", re.M)
        if not shown_rows or shown_rows[1].splitlines() != wanted:
            say(name(page), "the table of attributes is to be\n  " + "\n  ".join(wanted))


# ---- links ----


def anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    for line in re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S).splitlines():
        heading = re.match(r"#+ (.*)", line)
        if heading:
            slug = re.sub(r"[^\w\- ]", "", heading[1].lower().replace("`", "")).replace(" ", "-")
            found.add(slug)
    return found


def check_links(pages):
    for page in pages:
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            goal = (page.parent / path).resolve() if path else page
            if not goal.exists():
                say(name(page), f"the link {target} leads nowhere")
            elif anchor and anchor not in anchors(goal.read_text(encoding="utf-8")):
                say(name(page), f"the link {target}: no such heading")
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        link = str(page.relative_to(DOCS))
        if page.name != "README.md" and f"({link})" not in index:
            say("docs/README.md", f"does not name {link}")


# ---- options and exit codes ----


def options_of(program, *argv):
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", program.run(*argv, "--help").stdout, re.M))


def code_pieces(text):
    """Lines of code blocks and inline code, each cut where a shell would begin another command; then prose."""
    for block in BLOCK.finditer(text):
        for line in block[2].splitlines():
            if block[1] != "console" or line.startswith("$ "):
                yield from re.split(r"\||;|&&", line.removeprefix("$ "))
    text = BLOCK.sub("", text)
    for code in re.findall(r"`([^`]+)`", text):
        yield from re.split(r"\||;|&&", code)
    yield from re.sub(r"`[^`]+`", "", text).splitlines()


def commands_of(program, word):
    return re.findall(r"^  ([a-z-]+) ", program.run(word, "--help").stdout.split("\noptions:")[0], re.M)


def check_options(program, pages):
    takes = {(word, command): options_of(program, word, command)
             for word in PROGRAMS for command in commands_of(program, word)}
    known = {word: options_of(program, word).union(*(o for (w, _), o in takes.items() if w == word)) for word in PROGRAMS}
    guides = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "guides").glob("*.md"))
    for option in sorted(set.union(*known.values())):
        if not re.search(re.escape(option) + r"\b", guides):
            say("docs/guides", f"{option} is mentioned nowhere")
    for word, command in takes:
        if f"{word} {command}" not in guides:
            say("docs/guides", f"{word} {command} is mentioned nowhere")
    for page in pages:
        for piece in code_pieces(page.read_text(encoding="utf-8")):
            piece = re.sub(r"'exec:[^']*'", "exec", piece) # a command of somebody else's
            words = piece.split()
            options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", piece)
            if not options or (words[0] not in PROGRAMS and not words[0].startswith("--")):
                continue
            may = set.union(*known.values())
            if words[0] in PROGRAMS:
                may = takes.get(tuple(words[:2]), known[words[0]])
            for option in options:
                if option not in may:
                    say(name(page), f'{option} is no option of "{" ".join(words[:2])}"')


def check_exits(program, pages):
    codes = {}
    for word in PROGRAMS:
        told = program.run(word, "--help").stdout.split("exit codes:\n")[1]
        codes[word] = dict(re.findall(r"^  (\d+) +(.*)$", told, re.M))
    seen = 0
    for page in pages:
        for table in re.findall(r"^\| exit code \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", page.read_text(encoding="utf-8"), re.M):
            rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|", table, re.M))
            seen += 1
            good = [rows == told or (page.parent.name != "guides" and rows.items() <= told.items())
                    for told in codes.values()]
            if not any(good):
                say(name(page), f"the exit codes are {rows}, and --help says one of {codes}")
    if not seen:
        say("docs", 'no table with the head "exit code"')


# ---- outputs ----


def same(wanted, got):
    """Equal lines; "..." stands for any."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in got)) is not None


class Names:
    """What a page shows instead of the ids of runs and the times that its commands print. As long, so that lines break
    at the same places."""

    RUN = re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b")
    TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?=[.\d]*Z\b)")

    MOCK = re.compile(r"\b127\.0\.0\.1:\d{5}\b")
    MOCK_PIN = re.compile(r"sha256//[\w+/]{43}=")
    PIN = "sha256//BWwzmUBxQfN3hkBJDQFIhh6wyUYbk8Nkmjr7bGgRhZc="

    SCAN = re.compile(r"\b(check|fix|merge) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")

    def __init__(self):
        self.real = {}
        self.bmc, self.pin = BMC, self.PIN

    def shown(self, run):
        for made_up, real in self.real.items():
            if run == real:
                return made_up
        made_up = f"20261122T0304{len(self.real) + 5:02}Z-1a2b"
        self.real[made_up] = run
        return made_up

    def hide(self, text):
        for address in self.MOCK.findall(text):
            self.bmc = address
        for pin in self.MOCK_PIN.findall(text):
            self.pin = pin
        text = self.SCAN.sub(r"\1 1f0c8a52-6d0e-4c6e-9a51-0e5f6a3c9b27", text)
        text = self.MOCK_PIN.sub(self.PIN, self.MOCK.sub(BMC, text))
        return self.TIME.sub("2026-11-22T03:04:05", self.RUN.sub(lambda match: self.shown(match[0]), text))

    def tell(self, command):
        command = command.replace(BMC, self.bmc).replace(self.PIN, self.pin)
        return self.RUN.sub(lambda match: self.real.get(match[0], match[0]), command)


def typed(command):
    """As it stands in a page: a command of several lines has "> " before those after the first."""
    return "$ " + command.replace("\n", "\n> ")


def run_console(program, page, text, names, update):
    """Runs the block's commands one after another; returns the block as it should be."""
    cwd = program.place("run/" + page.stem)
    parts, wanted = [], None
    for line in text.splitlines():
        if line.startswith("$ "):
            wanted = []
            parts.append((line[2:], wanted))
        elif line.startswith("> ") and wanted == []: # the command goes on
            parts[-1] = (parts[-1][0] + "\n" + line[2:], wanted)
        elif wanted is None:
            say(name(page), f'a console block begins with "{line}", not with a command')
            return text
        else:
            wanted.append(line)
    out = []
    for command, wanted in parts:
        if re.search(r"\bjq\b", command) and not shutil.which("jq"):
            print(f"check_docs: jq is not installed, not run: {command}")
            out += [typed(command), *wanted]
            continue
        got = names.hide(program.bash(names.tell(command), cwd)).splitlines()
        if not same(wanted, got):
            if not update:
                say(name(page), "\n  ".join([f"$ {command}", *(f"- {l}" for l in wanted), *(f"+ {l}" for l in got)]))
            wanted = got
        out += [typed(command), *wanted]
    return "".join(line + "\n" for line in out)


def shown(program, page, directive):
    """The findings of the page's check on a host that the directive describes."""
    scenario, *more = directive.split(" | ")
    where = program.place("shows")
    host = program.host(where / "host", *scenario.split())
    argv, only, policy, access = ["hostprep", "check", "--root", str(host), "--verbose"], [], None, None
    for part in more:
        word, _, rest = part.partition(" ")
        if word == "with":
            only.append(rest)
        elif word == "map":
            with open(host / "etc/vmware/passthru.map", "a", encoding="utf-8") as file:
                file.write(rest + "\n")
        elif word == "policy":
            policy = rest
        elif word == "bmc":
            access = program.bmc(*rest.split())
        elif part == "insecure":
            access = {**access, "pin": None, "insecure": True}
        else:
            raise ValueError(f'"{part}" is not known')
    if access:
        access = {key: value for key, value in access.items() if value}
        policy = json.dumps({"redfish": access, **yaml.safe_load(policy or "{}")})
    if policy:
        argv += ["--policy", "-"]
    out = Names().hide(program.run(*argv, text=policy and policy + "\n").stdout)
    # Blocks have empty lines between them; what needs no doing stands in a line each, which may go on indented.
    parts = [part for block in out.split("\n\n") for part in re.split(r"\n(?=\S)", block.rstrip("\n"))]
    found = [p for p in parts if p.split(" ")[0] in HEADS and p.split(" ")[1].rstrip(":") == page.stem]
    if only:
        found = [p for p in found if all(" ".join(text.split()) in " ".join(p.split()) for text in only)]
    if not found:
        raise ValueError("prints no such finding")
    return "\n\n".join(p.strip("\n") for p in found) + "\n"


def check_outputs(program, pages, update):
    for page in pages:
        old = page.read_text(encoding="utf-8")
        names = Names()

        def replace_shows(match, page=page):
            try:
                got = shown(program, page, match[1])
            except ValueError as error:
                say(name(page), f"shows: {match[1]}: {error}")
                return match[0]
            if not same(match[2].splitlines(), got.splitlines()) and not update:
                say(name(page), f"shows: {match[1]}:\n{got}")
            return f"<!-- shows: {match[1]} -->\n```text\n{got}```"

        def replace_console(match, page=page, names=names):
            if match[1] != "console":
                return match[0]
            return f"```console\n{run_console(program, page, match[2], names, update)}```"

        new = BLOCK.sub(replace_console, SHOWS.sub(replace_shows, old))
        if update and new != old:
            page.write_text(new, encoding="utf-8")
            print(f"check_docs: {name(page)} is new")


def check_policies(program):
    page = DOCS / "guides/write-a-policy.md"
    where = program.place("policies")
    blocks = re.findall(r"^```yaml\n(.*?)^```$(?:\n\n?```text\n(.*?)^```$)?", page.read_text(encoding="utf-8"),
                        re.M | re.S)
    if not blocks:
        say(name(page), "has no example")
    for policy, error in blocks:
        (where / "policy.yaml").write_text(policy, encoding="utf-8")
        done = program.run("hostprep", "version", "--policy", "policy.yaml", cwd=where)
        told = " ".join(done.stderr.split())
        if error and (done.returncode != 78 or told != " ".join(error.split())):
            say(name(page), f"the page says {error.strip()!r}, the program {told!r} (exit {done.returncode})\n{policy}")
        if not error and done.returncode:
            say(name(page), f"is refused: {told}\n{policy}")


def check_errors():
    """Every row of the table of mlxconfig's errors, in its order."""
    source = (TOP / "agent/tools/mlx_said.c").read_text(encoding="utf-8")
    table = re.sub(r'"\s+"', "", re.search(r"troubles\[\] = \{\n(.*?)^\};", source, re.M | re.S)[1])
    row = r"\{" + r'("(?:[^"\\]|\\.)*"),\s*' * 3 + r"(true|false)\}"
    wanted = []
    for *strings, busy in re.findall(row, table):
        said, why, hint = map(json.loads, strings)
        wanted.append(f"| `{said.strip()}` | {why} | {hint} | {'yes' if busy == 'true' else 'no'} |")
    page = DOCS / "tools/mlxconfig.md"
    shown = re.search(r"^\| mlxconfig says \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", page.read_text(encoding="utf-8"), re.M)
    for line in sorted(set(wanted) ^ set(shown[1].splitlines())):
        say(name(page), f"{'lacks' if line in wanted else 'has too much'}: {line}")


def check_ends():
    """Every row of the table of libcurl's codes, in its order."""
    source = (TOP / "agent/io/call.c").read_text(encoding="utf-8")
    table = re.search(r"known\[\] = \{\n(.*?)^\t\};", source, re.M | re.S)[1]
    wanted = [f"| {code} | {json.loads(why)} |"
              for code, why in re.findall(r'\{(\d+), ("(?:[^"\\]|\\.)*")\}', re.sub(r'"\s+"', "", table))]
    page = DOCS / "tools/redfish.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    rows = re.search(r"^\| libcurl \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text, re.M)
    if not rows or rows[1].splitlines() != wanted:
        say(name(page), "the table of libcurl's codes is to be\n  " + "\n  ".join(wanted))


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ["--update"]
    arguments = arguments[1:] if update else arguments
    if len(arguments) != 4:
        sys.exit("usage: check_docs.py [--update] HOSTPREP ESXSIM VIBPACK HOSTPREP_REPORT")
    pages = sorted(DOCS.rglob("*.md"))
    linking = pages + [path for path in [TOP / "README.md"] if path.exists()]
    with tempfile.TemporaryDirectory() as directory:
        program = Program(*arguments, directory)
        check_heads(program)
        check_links(linking)
        check_options(program, linking)
        check_exits(program, linking)
        check_policies(program)
        check_bios()
        check_errors()
        check_ends()
        check_outputs(program, pages, update)
    for problem in problems:
        print(problem)
    print(f"check_docs: {len(pages)} pages, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
