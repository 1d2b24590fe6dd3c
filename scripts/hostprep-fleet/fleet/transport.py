"""What is run for a host: words, never a line for a local shell."""
import os
import re
import shlex
import shutil

from .errors import usage

SSH_OPTIONS = (
    "BatchMode=yes", "NumberOfPasswordPrompts=0", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no",
    "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ConnectionAttempts=1", "ServerAliveInterval=15",
    "ServerAliveCountMax=3", "LogLevel=ERROR", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes",
    "RequestTTY=no", "PermitLocalCommand=no", "EscapeChar=none",
    "ControlMaster=no", # a master that stays would keep our end of stderr open
)


def agent_words(command, options, policy):
    """The agent's command line. It ends itself before we do."""
    words = [options.agent or "/opt/hostprep/bin/hostprep", "check" if command == "scan" else "fix", "--format", "json",
             "--deadline", str(max(1, options.timeout - max(1, min(10, options.timeout // 10))))]
    if policy is not None:
        words += ["--policy", "-"]
    for name in ("only", "skip", "tag", "override"):
        if getattr(options, name, None):
            words += [f"--{name}", getattr(options, name)]
    if command == "fix":
        words += [f"--{name.replace('_', '-')}" for name in ("enter_maintenance", "bios") if getattr(options, name)]
        words += [] if options.apply else ["--dry-run"]
    return words


class Ssh:
    """ssh as it is on PATH, with the user's own configuration."""

    name = "ssh"

    def __init__(self, command, options, policy, config):
        self.argv = ["ssh", "-F", str(config)]
        for option in (*SSH_OPTIONS, f"ConnectTimeout={options.connect_timeout}"):
            self.argv += ["-o", option]
        if options.user:
            self.argv += ["-l", options.user]
        self.remote = shlex.join(agent_words(command, options, policy))

    def words(self, host):
        return [*self.argv, host, self.remote] # a name never begins with a dash


def ssh_config(options):
    """The user's own configuration, in which the first value counts, and root where it names nobody."""
    own = options.ssh_config or "~/.ssh/config"
    path = os.path.abspath(os.path.expanduser(own))
    # First, so that they count; and here, so that they hold for the ssh that ProxyJump starts, too.
    lines = [option.replace("=", " ", 1) for option in SSH_OPTIONS]
    if options.ssh_config and not os.path.isfile(path):
        raise usage(f"--ssh-config: there is no file {options.ssh_config}")
    includes = [path] if options.ssh_config else [path, "/etc/ssh/ssh_config"]
    for include in includes:
        if '"' in include or "\n" in include:
            raise usage(f"--ssh-config: ssh cannot be told of a file with such a name: {include!r}")
        if os.path.exists(include):
            lines.append(f'Include "{include}"')
    return "".join(f"{line}\n" for line in (*lines, "Host *", "    User root"))


class Exec:
    """Another command for each host."""

    name = "exec"

    def __init__(self, command, options, policy):
        text = options.transport.removeprefix("exec:")
        try:
            self.template = shlex.split(text)
        except ValueError as error:
            raise usage(f"--transport: the command cannot be split into words: {error}") from error
        if not self.template:
            raise usage("--transport exec:CMD wants a command")
        self.agent = agent_words(command, options, policy)
        pieces = {self.piece(word, at) for word in self.template for at in self.signs(word)}
        if "h" not in pieces:
            raise usage("--transport exec:CMD must hold %h, the host; else every host would give one answer")
        if "%" not in self.template[0] and not shutil.which(self.template[0]):
            raise usage(f"--transport: there is no command {self.template[0]} on this machine")
        self.complete(command, options, bool(pieces & {"c", "w"}))

    @staticmethod
    def signs(word):
        at = word.find("%")
        while at >= 0:
            yield at
            at = word.find("%", at + 2)

    @staticmethod
    def piece(word, at):
        letter = word[at + 1:at + 2]
        if letter not in ("h", "c", "w", "%") or (letter == "w" and word != "%w"):
            raise usage(f'--transport: "%{letter}" in "{word}" is not known; there are %h, %c, %% and, as a word, %w')
        return letter

    def complete(self, command, options, has_agent):
        """A fix whose command line is the user's own is still a dry run unless he says --apply; a scan is none."""
        if command == "scan" and any(re.search(r"(^|\s)(fix|undo)(\s|$)", word) for word in self.template[1:]):
            raise usage("--transport: a scan changes nothing on a host, and the command says fix or undo")
        if command != "fix" or has_agent:
            return
        if self.template.count("fix") != 1:
            raise usage("--transport: a fix must know what it runs: put %c (the agent's command line) or, once, the word "
                        "fix into the command")
        for word in self.template:
            if re.search(r"[;|&<>`\n]|\$\(", word):
                raise usage(f'--transport: a fix is one command, and "{word}" is for a shell; put %c in its place')
        if options.apply and "--dry-run" in self.template:
            raise usage("--transport: the command says --dry-run, which does not go with --apply")
        if not options.apply and "--dry-run" not in self.template:
            self.template.insert(self.template.index("fix") + 1, "--dry-run")

    def fill(self, word, host):
        out, last = "", 0
        for at in self.signs(word):
            out += word[last:at] + {"h": host, "c": shlex.join(self.agent), "%": "%"}[word[at + 1]]
            last = at + 2
        return out + word[last:]

    def words(self, host):
        out = []
        for word in self.template:
            out += self.agent if word == "%w" else [self.fill(word, host)]
        return out


def of_options(command, options, policy, config):
    if options.transport in (None, "ssh"):
        return Ssh(command, options, policy, config)
    if options.transport.startswith("exec:"):
        return Exec(command, options, policy)
    raise usage(f'--transport is ssh or exec:CMD, not "{options.transport}"')
