"""System calls that no sandbox needs: refused by a filter that is put together here.

Docker has its own list (moby's default profile, in `seccomp.json`), written down as what is
allowed. This one, for bubblewrap, names what is refused: everything by which containers have been
broken out of, and everything that reaches past the namespaces (AF_VSOCK reaches the host
of a virtual machine). The filter is classic BPF, see linux/filter.h, linux/seccomp.h and
https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

import errno
import logging
import os
import platform
import struct
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Machine:
    """Numbers that differ between processors (asm/unistd.h, linux/audit.h)."""

    audit: int
    refused: tuple[int, ...]
    clone: int
    socket: int
    foreign: int | None = None
    """First number of another call table of the same processor (x32)."""


# Same numbers everywhere: io_uring (3), open_tree ... fspick, mount_setattr.
_COMMON = (425, 426, 427, 428, 429, 430, 431, 432, 433, 442)
_CLONE3 = 435
_MACHINES = {
    "x86_64": _Machine(
        audit=0xC000003E,
        refused=(
            101,  # ptrace
            155,
            161,
            165,
            166,  # pivot_root, chroot, mount, umount2
            163,
            167,
            168,
            169,
            179,  # acct, swapon, swapoff, reboot, quotactl
            175,
            176,
            313,
            246,
            320,  # init_module, delete_module, finit_module, kexec (2)
            248,
            249,
            250,  # add_key, request_key, keyctl
            272,
            308,  # unshare, setns
            298,
            321,
            323,  # perf_event_open, bpf, userfaultfd
            303,
            304,  # name_to_handle_at, open_by_handle_at
            310,
            311,  # process_vm_readv, process_vm_writev
            *_COMMON,
        ),
        clone=56,
        socket=41,
        foreign=0x40000000,
    ),
    "aarch64": _Machine(
        audit=0xC00000B7,
        refused=(
            117,  # ptrace
            41,
            51,
            40,
            39,  # pivot_root, chroot, mount, umount2
            89,
            224,
            225,
            142,
            60,  # acct, swapon, swapoff, reboot, quotactl
            105,
            106,
            273,
            104,
            294,  # init_module, delete_module, finit_module, kexec (2)
            217,
            218,
            219,  # add_key, request_key, keyctl
            97,
            268,  # unshare, setns
            241,
            280,
            282,  # perf_event_open, bpf, userfaultfd
            264,
            265,  # name_to_handle_at, open_by_handle_at
            270,
            271,  # process_vm_readv, process_vm_writev
            *_COMMON,
        ),
        clone=220,
        socket=198,
    ),
}

_NAMESPACES = 0x7E020000  # every CLONE_NEW... flag
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


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
    for number in machine.refused:
        program += [(_EQUAL, 0, 1, number), refuse]
    # The flags of clone3 lie in memory, where a filter cannot look; libc falls back to clone.
    program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    program += [
        (_EQUAL, 0, 3, machine.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NAMESPACES),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, len(_FAMILIES) + 2, machine.socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
    ]
    for left, family in zip(range(len(_FAMILIES), 0, -1), _FAMILIES, strict=True):
        program.append((_EQUAL, left, 0, family))
    program += [refuse, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in program)
