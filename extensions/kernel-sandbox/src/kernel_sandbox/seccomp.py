"""System calls that no sandbox needs: one list, refused by bubblewrap and Docker alike.

Named is what is refused: everything by which containers have been broken out of, and everything
that reaches past the namespaces (AF_VSOCK reaches the host of a virtual machine, AF_ALG and
io_uring have been ways into the kernel). Docker's built-in profile is not relied on: that of older
daemons allows AF_VSOCK and io_uring. With all capabilities dropped, the kernel refuses by itself
most of what else such a profile names.

bubblewrap takes the filter as classic BPF, see linux/filter.h, linux/seccomp.h and
https://docs.kernel.org/userspace-api/seccomp_filter.html; Docker as a JSON profile, see
https://docs.docker.com/engine/security/seccomp/.
"""

import errno
import json
import logging
import os
import platform
import struct
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

# Numbers by processor: x86_64 (asm/unistd_64.h) and aarch64 (asm-generic/unistd.h).
_REFUSED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_CLONE3 = 435
# In linux/sched.h's order of bits: a new mount, cgroup, UTS, IPC, user, process, network namespace.
_NAMESPACES = (1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30)
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


@dataclass(frozen=True, slots=True)
class _Machine:
    """What differs between processors (asm/unistd.h, linux/audit.h)."""

    column: int
    audit: int
    clone: int
    socket: int
    foreign: int | None = None
    """First number of another call table of the same processor (x32)."""


_MACHINES = {
    "x86_64": _Machine(column=0, audit=0xC000003E, clone=56, socket=41, foreign=0x40000000),
    "aarch64": _Machine(column=1, audit=0xC00000B7, clone=220, socket=198),
}


def open_filter() -> int | None:
    """Return a file descriptor to read the filter from; None on a processor it is not for."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        log.warning("No system call filter for %s: sandboxes run without.", platform.machine())
        return None
    fd = os.memfd_create("seccomp")
    os.write(fd, _assemble(machine))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def docker_profile() -> str:
    """Return the same rules as a profile for Docker, which knows the calls' numbers itself."""
    other_families = sorted(set(range(max(_FAMILIES))) - set(_FAMILIES))
    calls = [
        _refuse(sorted(_REFUSED)),
        # The flags of clone3 lie in memory, where a filter cannot look; libc falls back to clone.
        _refuse(["clone3"], errno.ENOSYS),
        _refuse(["socket"], op="SCMP_CMP_GT", value=max(_FAMILIES)),
        *(_refuse(["socket"], op="SCMP_CMP_EQ", value=family) for family in other_families),
        *(
            _refuse(["clone"], op="SCMP_CMP_MASKED_EQ", value=flag, second=flag)
            for flag in _NAMESPACES
        ),
    ]
    profile = {
        "defaultAction": "SCMP_ACT_ALLOW",
        # Only the processor's own call table: no 32-bit calls, no x32.
        "archMap": [
            {"architecture": f"SCMP_ARCH_{name.upper()}", "subArchitectures": []}
            for name in _MACHINES
        ],
        "syscalls": calls,
    }
    return json.dumps(profile)


def _refuse(
    names: list[str], number: int = errno.EPERM, *, op: str = "", value: int = 0, second: int = 0
) -> dict[str, Any]:
    first = [{"index": 0, "value": value, "valueTwo": second, "op": op}] if op else []
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": number, "args": first}


def _assemble(machine: _Machine) -> bytes:
    refuse = (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine.foreign is not None:
        program += [(_AT_LEAST, 0, 1, machine.foreign), refuse]
    for numbers in _REFUSED.values():
        program += [(_EQUAL, 0, 1, numbers[machine.column]), refuse]
    program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    program += [
        (_EQUAL, 0, 3, machine.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, sum(_NAMESPACES)),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, len(_FAMILIES) + 2, machine.socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
    ]
    for left, family in zip(range(len(_FAMILIES), 0, -1), _FAMILIES, strict=True):
        program.append((_EQUAL, left, 0, family))
    program += [refuse, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in program)
