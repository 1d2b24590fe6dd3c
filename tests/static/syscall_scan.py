#!/usr/bin/env python3
"""Which system calls are linked into a static program, called or not.

usage: syscall_scan.py UNSTRIPPED ALLOWLIST

Disassembles the program and finds, for each `syscall` instruction, the
constants that can reach eax. Where the number comes in as an argument (the
syscall() function, the C library's cancellation wrappers), all callers are
searched in turn. Fails if a call is not in ALLOWLIST, or if a number cannot
be found in a function that ALLOWLIST does not name as `unresolved`.

Needs symbols, hence the unstripped twin; elf_proofs.sh shows that it holds the
same code as the shipped file.
"""

import re
import subprocess
import sys
from collections import defaultdict

UNISTD_H = (
    "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "/usr/include/asm/unistd_64.h",
)

LEGACY = {"ax": "rax", "bx": "rbx", "cx": "rcx", "dx": "rdx",
          "si": "rsi", "di": "rdi", "bp": "rbp", "sp": "rsp"}
CALL_CLOBBERS = {"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"}
NO_WRITE = ("cmp", "test", "push", "nop", "ret", "j", "ud2", "hlt", "endbr", "bt")

UNKNOWN = "unknown"


def full_register(operand):
    """%eax, %ax, %al, %rax -> rax; None if the operand is no such register."""
    if not operand.startswith("%"):
        return None
    name = operand[1:]
    match = re.fullmatch(r"(r\d+)[dwb]?", name)
    if match:
        return match.group(1)
    if name[0] in "er" and name[1:] in LEGACY:
        return LEGACY[name[1:]]
    if name in LEGACY:
        return LEGACY[name]
    match = re.fullmatch(r"([abcd])[lh]", name)
    if match:
        return "r" + match.group(1) + "x"
    match = re.fullmatch(r"(si|di|bp|sp)l", name)
    return "r" + match.group(1) if match else None


def operands(text):
    """Split at the commas that are not inside parentheses."""
    return re.split(r",(?![^(]*\))", text) if text else []


class Function:
    def __init__(self, name, address):
        self.name = name
        self.address = address
        self.code = []      # (address, mnemonic, operand text)
        self.before = None  # index -> indexes that can run just before it

    def predecessors(self):
        if self.before is not None:
            return self.before
        index = {entry[0]: i for i, entry in enumerate(self.code)}
        self.before = defaultdict(list)
        for i, (_, mnemonic, text) in enumerate(self.code):
            if mnemonic.startswith("j") and target(text) in index:
                self.before[index[target(text)]].append(i)
            if mnemonic not in ("jmp", "ret", "hlt", "ud2") and i + 1 < len(self.code):
                self.before[i + 1].append(i)
        return self.before


def target(text):
    match = re.match(r"([0-9a-f]+) <", text)
    return int(match.group(1), 16) if match else None


def disassemble(path):
    out = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", "-w", path],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    functions = []
    for line in out.splitlines():
        head = re.match(r"([0-9a-f]+) <(.+)>:$", line)
        if head:
            functions.append(Function(head.group(2), int(head.group(1), 16)))
            continue
        parts = line.split("\t")
        if len(parts) < 2 or not functions or not parts[0].strip().endswith(":"):
            continue
        words = parts[1].split("#")[0].strip().split(None, 1)
        # Prefixes are words of their own: "lock cmpxchg", "rep stos".
        while len(words) == 2 and words[0] in ("lock", "rep", "repz", "repnz", "notrack", "bnd"):
            words = words[1].split(None, 1)
        if words:
            functions[-1].code.append((
                int(parts[0].strip().rstrip(":"), 16), words[0],
                words[1].strip() if len(words) == 2 else ""))
    return functions


def step(mnemonic, text, register):
    """What an instruction does to the value wanted in `register`.

    Returns (constants, registers to look for further back).
    """
    if mnemonic == "syscall":
        return (set(), {register}) if register not in ("rax", "rcx", "r11") else ({UNKNOWN}, set())
    if mnemonic.startswith("call"):
        return ({UNKNOWN}, set()) if register in CALL_CLOBBERS else (set(), {register})
    if mnemonic.startswith(NO_WRITE):
        return set(), {register}
    args = operands(text)
    if mnemonic.startswith("xchg") and register in map(full_register, args):
        return {UNKNOWN}, set()
    if not args or full_register(args[-1]) != register:
        return set(), {register}
    source = args[0]
    if mnemonic.startswith("cmov"):
        other = full_register(source)
        return (set(), {register, other}) if other else ({UNKNOWN}, {register})
    if mnemonic.startswith("mov") and source.startswith("$"):
        return {int(source[1:], 16) & 0xFFFFFFFF}, set()
    if mnemonic in ("mov", "movl", "movq", "movslq", "movzbl", "movzwl", "movsxd", "cltq"):
        other = full_register(source)
        return (set(), {other}) if other else ({UNKNOWN}, set())
    if mnemonic.startswith("xor") and len(args) == 2 and args[0] == args[1]:
        return {0}, set()
    return {UNKNOWN}, set()


def reaching(function, index, register):
    """Constants that `register` can hold before instruction `index`, and the
    argument registers whose value at the function's entry it can hold."""
    constants, arguments = set(), set()
    todo, seen = [(index, register)], set()
    while todo:
        at, wanted = todo.pop()
        if (at, wanted) in seen:
            continue
        seen.add((at, wanted))
        if at == 0:
            arguments.add(wanted)
        for before in function.predecessors()[at]:
            _, mnemonic, text = function.code[before]
            found, further = step(mnemonic, text, wanted)
            constants |= found
            todo += [(before, name) for name in further]
    return constants, arguments


def scan(functions):
    """-> {number: names of functions}, names of functions with unknown numbers."""
    numbers, unresolved = defaultdict(set), set()
    callers = defaultdict(list)
    for function in functions:
        for i, (_, mnemonic, text) in enumerate(function.code):
            if mnemonic.startswith(("call", "j")):
                where = target(text)
                inside = function.code[0][0] < (where or 0) <= function.code[-1][0]
                if where is not None and not inside:
                    callers[where].append((function, i))

    todo = [(function, i, "rax") for function in functions
            for i, entry in enumerate(function.code) if entry[1] == "syscall"]
    sites, seen = len(todo), set()
    while todo:
        function, index, register = todo.pop()
        constants, arguments = reaching(function, index, register)
        for value in constants:
            if value is UNKNOWN:
                unresolved.add(function.name)
            else:
                numbers[value].add(function.name)
        for argument in arguments:
            if (function.address, argument) in seen:
                continue
            seen.add((function.address, argument))
            if argument == "rax" or not callers[function.address]:
                unresolved.add(function.name)
            todo += [(caller, i, argument) for caller, i in callers[function.address]]
    return sites, numbers, unresolved


def read_allowlist(path):
    allowed, unresolved = set(), set()
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if not words:
                continue
            if len(words) != 2 or words[0] not in ("call", "linked", "unresolved"):
                sys.exit(f"{path}: cannot read: {line.strip()}")
            (unresolved if words[0] == "unresolved" else allowed).add(words[1])
    return allowed, unresolved


def call_names():
    for path in UNISTD_H:
        try:
            with open(path, encoding="ascii") as header:
                pairs = re.findall(r"#define __NR_(\w+)\s+(\d+)", header.read())
        except FileNotFoundError:
            continue
        return {int(number): name for name, number in pairs}
    sys.exit("syscall_scan: no unistd_64.h; run scripts/setup")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: syscall_scan.py UNSTRIPPED ALLOWLIST")
    functions = [f for f in disassemble(sys.argv[1]) if f.code]
    if len(functions) < 100:
        sys.exit(f"syscall_scan: {sys.argv[1]} has no symbols; give the unstripped twin")
    allowed, may_be_unresolved = read_allowlist(sys.argv[2])
    names = call_names()
    sites, numbers, unresolved = scan(functions)
    found = {names.get(number, f"number_{number}"): users
             for number, users in numbers.items()}
    print(f"syscall_scan: {sites} syscall instructions, {len(found)} different calls: "
          + " ".join(sorted(found)))

    failed = 0
    for name in sorted(set(found) - allowed):
        failed += 1
        print(f"FAIL: {name} is linked (in {', '.join(sorted(found[name]))}) "
              "and not in the allow-list")
    for name in sorted(unresolved - may_be_unresolved):
        failed += 1
        print(f"FAIL: cannot tell the system call's number in {name}")
    if failed:
        sys.exit(1)
    print("ok: all are in the allow-list")


if __name__ == "__main__":
    main()
