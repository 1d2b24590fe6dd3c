"""What became of asking a host, by what ssh or the command said. The states are those of the fleet document.

The words are those of OpenSSH 9 (measured with 9.2p1), looked at only where there is no answer: a host that answered may
have said "Permission denied" on stderr and meant something else."""
import re

ANSWERS = (0, 1, 2, 3, 4, 75, 77, 78) # exit codes with which hostprep leaves a document
PATTERNS = (
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED", "hostkey", "its host key has changed"),
    (r"Host key verification failed", "hostkey", "its host key is not in known_hosts, or is another one there"),
    (r"Permission denied|Too many authentication failures", "auth", "it does not let this user in"),
    (r"Could not resolve hostname", "dns", "its name cannot be resolved"),
    (r"Connection refused", "refused", "nothing listens there: SSH is off, or a firewall says no"),
    (r"timed out during banner exchange", "timeout", "its SSH server said nothing"),
    (r"Timeout, server .* not responding", "timeout", "the connection went silent"),
    (r"connect to host .* timed out|No route to host|Network is unreachable", "unreachable", "it cannot be reached"),
    (r"kex_exchange_identification|Connection reset|Connection closed|closed by remote host|Broken pipe", "unreachable",
     "the connection was closed"),
)
# ssh has given up before it was logged in, and says nothing else: the command was never begun.
NEVER_BEGUN = re.compile(r"(ssh: connect to host .*(timed out|No route to host|Network is unreachable)"
                         r"|kex_exchange_identification: .*)(\s+Connection (closed|reset) by .* port \d+)?\s*")
COMPILED = tuple((re.compile(pattern), state, reason) for pattern, state, reason in PATTERNS)


def line_of(text, which):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[which][:200] if lines else ""


def last_line(text):
    return line_of(text, -1)


def never_begun(stdout, stderr):
    return not stdout and NEVER_BEGUN.fullmatch(stderr) is not None


def classify(rc, stdout, stderr):
    """(state, reason). stdout is bytes, stderr text; rc None: it was ended by us."""
    if rc in ANSWERS and stdout.strip():
        return "ok", None
    if rc in (126, 127):
        return "no-agent", f"there is no hostprep, or it may not be run (exit code {rc}): {last_line(stderr)}".rstrip(": ")
    for pattern, state, reason in COMPILED:
        if pattern.search(stderr):
            return state, reason
    said = last_line(stderr)
    if rc == 64:
        said = line_of(stderr, 0) # what is wrong; a hint comes last
        return "bad-output", f"hostprep there does not take this command line: {said}".rstrip(": ")
    what = f"exit code {rc}" if rc is not None else "no exit code"
    if not stdout.strip():
        return "bad-output", f"it answered nothing, {what}: {said}".rstrip(": ")
    return "bad-output", f"{what} is none of hostprep's: {said}".rstrip(": ")
