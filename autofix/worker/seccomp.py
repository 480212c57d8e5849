"""seccomp: no sockets, no processes, no signals to others, no change of modes, owners or times.

Each system call that a confined process may not make becomes one block of a program for the kernel. The filter of the
outer jail, in which a Python starts and forks its children, lets processes start and end each other. Each call has its
number on x86_64 (`arch/x86/entry/syscalls/syscall_64.tbl`) and on aarch64 (`include/uapi/asm-generic/unistd.h`); None
where an architecture has no such call. From 424 on the numbers are the same.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import Any, Optional, Tuple

SET_PARENT_DEATH_SIGNAL, SET_DUMPABLE, DROP_BOUND, NO_NEW_PRIVILEGES = 1, 4, 24, 38


def library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: Any) -> int:
    """The result of a system call; raises OSError."""
    function = library().syscall
    function.restype = ctypes.c_long
    result = int(function(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def control(option: int, value: int) -> bool:
    """prctl with one argument; False where it is refused."""
    return bool(library().prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) == 0)


Numbers = Tuple[Optional[int], Optional[int]]

NETWORK: dict[str, Numbers] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    "bind": (49, 200), "listen": (50, 201), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
}  # fmt: skip
PROCESSES: dict[str, Numbers] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "setsid": (112, 157),
    "setpgid": (109, 154), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "tkill": (200, 130), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
}  # fmt: skip
FILES: dict[str, Numbers] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469), "mknod": (133, None),
    "mknodat": (259, 33), "open_by_handle_at": (304, 265), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
}  # fmt: skip
USERS: dict[str, Numbers] = {
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "unshare": (272, 97), "setns": (308, 268), "lsm_set_self_attr": (460, 460),
}  # fmt: skip
SYSTEM: dict[str, Numbers] = {
    "pivot_root": (155, 41), "chroot": (161, 51), "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428),
    "open_tree_attr": (467, 467), "move_mount": (429, 429), "mount_setattr": (442, 442), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "swapon": (167, 224), "swapoff": (168, 225),
    "reboot": (169, 142), "sethostname": (170, 161), "setdomainname": (171, 162), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "syslog": (103, 116), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "vhangup": (153, 58), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip
SHARED_MEMORY: dict[str, Numbers] = {
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181), "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}  # fmt: skip
DENIED = {**NETWORK, **PROCESSES, **FILES, **USERS, **SYSTEM, **SHARED_MEMORY}
NEWEST = 469
# What the outer jail must allow: a Python is executed in it and forks. Not setsid and setpgid: whatever is started in
# it stays in one group of processes, which is killed as a whole.
OUTER = frozenset({"fork", "vfork", "execve", "tkill"})

# Their first argument is a process, which has to be this one; of the second kind, 0 means this one too.
TO_ITSELF: dict[str, Numbers] = {
    "kill": (62, 129), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
ON_ITSELF: dict[str, Numbers] = {
    "prlimit64": (302, 261), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274),
}  # fmt: skip

CLONE, CLONE3, CLONE_THREAD = (56, 220), 435, 0x10000
# CLONE_NEWNS to CLONE_NEWNET, as in `include/uapi/linux/sched.h`: namespaces are where a process is root again.
CLONE_NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
# PR_SET_PDEATHSIG: what ends the process with its worker must stay.
PRCTL, PRCTL_DENIED = (157, 167), (1,)
# F_SETOWN, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: signals to others by way of a file.
FCNTL, FCNTL_DENIED = (72, 25), (8, 15, 1024, 1026)
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX; others change files and terminals that may only be read.
IOCTL, IOCTL_ALLOWED = (16, 29), (0x5401, 0x5413, 0x541B, 0x5421, 0x5451, 0x5450)


# The architecture as the filter sees it, and the numbers of `seccomp` and `capset`.
X86_64 = 0xC000003E, 317, 126
AARCH64 = 0xC00000B7, 277, 91

LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4
FIRST, SECOND = 16, 24
X32 = 0x40000000


def supported() -> bool:
    return platform.machine() in ("x86_64", "aarch64") and struct.calcsize("P") == 8


def column() -> int:
    return 0 if platform.machine() == "x86_64" else 1


def instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def refuse(error: int = errno.EPERM) -> bytes:
    return instruction(RETURN, 0, 0, 0x00050000 | error)


ALLOWED, KILLED = instruction(RETURN, 0, 0, ALLOW), instruction(RETURN, 0, 0, KILL)


def when(code: int, value: int, *then: bytes) -> list[bytes]:
    """Do `then` where the loaded number compares, else go on after it."""
    return [instruction(code, 0, len(then), value), *then]


def unless(code: int, value: int, *then: bytes) -> list[bytes]:
    return [instruction(code, len(then), 0, value), *then]


def by_argument(number: int | None, offset: int, values: tuple[int, ...], listed: bytes, others: bytes) -> list[bytes]:
    """A call that is treated by one of its arguments: in one way for the values listed, in another for all others."""
    if number is None:
        return []
    tests = [part for value in values for part in when(EQUAL, value, listed)]
    return when(EQUAL, number, instruction(LOAD, 0, 0, offset), *tests, others)


def program(process: int, outer: bool = False) -> bytes:
    """The filter: refuse what is denied, let threads but no processes start, let signals reach this process only.

    The `outer` one leaves out what only the second, inner jail denies.
    """
    which = column()

    def here(numbers: Numbers) -> int | None:
        return numbers[which]

    denied = {name: numbers for name, numbers in DENIED.items() if not (outer and name in OUTER)}
    parts = [
        instruction(LOAD, 0, 0, ARCHITECTURE),
        *unless(EQUAL, (X86_64, AARCH64)[which][0], KILLED),
        instruction(LOAD, 0, 0, NUMBER),
        # The x32 calls have numbers of their own, from here on.
        *when(AT_LEAST, X32, KILLED),
        # What was invented since is not known to be harmless; the C library falls back to what it replaces.
        *when(AT_LEAST, NEWEST + 1, refuse(errno.ENOSYS)),
        # The flags of clone3 are in memory, where a filter cannot read them; the C library falls back to clone.
        *when(EQUAL, CLONE3, refuse(errno.ENOSYS)),
    ]
    for numbers in denied.values():
        if (number := here(numbers)) is not None:
            parts += when(EQUAL, number, refuse())
    flags = when(BITS, CLONE_NAMESPACES, refuse()) if outer else unless(BITS, CLONE_THREAD, refuse())
    parts += when(EQUAL, CLONE[which], instruction(LOAD, 0, 0, FIRST), *flags, ALLOWED)
    parts += [] if outer else of_signals(process, which)
    for numbers in ON_ITSELF.values():
        parts += by_argument(here(numbers), FIRST, (0, process), ALLOWED, refuse())
    parts += by_argument(here(FCNTL), SECOND, FCNTL_DENIED, refuse(), ALLOWED)
    parts += by_argument(here(IOCTL), SECOND, IOCTL_ALLOWED, ALLOWED, refuse(errno.ENOTTY))
    return b"".join([*parts, ALLOWED])


def of_signals(process: int, which: int) -> list[bytes]:
    """Signals to this process only, and none of another's choice when its parent ends."""
    parts = []
    for numbers in TO_ITSELF.values():
        parts += by_argument(numbers[which], FIRST, (process,), ALLOWED, refuse())
    return parts + by_argument(PRCTL[which], FIRST, PRCTL_DENIED, refuse(), ALLOWED)


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(outer: bool = False) -> None:
    """Filter all the threads of this process; raises OSError."""
    code = program(os.getpid(), outer)
    buffer = ctypes.create_string_buffer(code, len(code))
    described = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    call((X86_64, AARCH64)[column()][1], ctypes.c_uint(1), ctypes.c_uint(1), ctypes.byref(described))


def drop_capabilities() -> None:
    """Root in a container has powers that no filter lists; raises OSError."""
    header = struct.pack("=Ii", 0x20080522, 0)
    call((X86_64, AARCH64)[column()][2], header, struct.pack("=6I", *[0] * 6))
