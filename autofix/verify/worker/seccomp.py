"""seccomp: no sockets, no processes, no signals to others, no change of modes, owners or times.

Numbers from the kernel's tables; an architecture that is not in them has no sandbox.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from .kernel import call

X86_64 = 0xC000003E, 317, 126
AARCH64 = 0xC00000B7, 277, 91

DENIED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "fork": (57, None), "vfork": (58, None),
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setuid": (105, 146), "setgid": (106, 144),
    "setpgid": (109, 154), "setsid": (112, 157), "setreuid": (113, 145), "setregid": (114, 143),
    "setgroups": (116, 159), "setresuid": (117, 147), "setresgid": (119, 149), "pivot_root": (155, 41),
    "chroot": (161, 51), "mount": (165, 40), "umount2": (166, 39), "swapon": (167, 224), "reboot": (169, 142),
    "sethostname": (170, 161), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "unshare": (272, 97), "setns": (308, 268), "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265), "bpf": (321, 280), "userfaultfd": (323, 282), "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsmount": (432, 432),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "tkill": (200, 130),
}  # fmt: skip
TO_ITSELF = {"kill": (62, 129), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240)}
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
CLONE_THREAD = 0x10000

LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16


def supported() -> bool:
    return platform.machine() in ("x86_64", "aarch64") and struct.calcsize("P") == 8


def column() -> int:
    return 0 if platform.machine() == "x86_64" else 1


def instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def refuse(error: int) -> bytes:
    return instruction(RETURN, 0, 0, 0x00050000 | error)


def program(process: int) -> bytes:
    """The filter: refuse what is denied, let threads but no processes start, let signals reach this process only."""
    which = column()
    architecture = (X86_64, AARCH64)[which][0]
    allow, load_first = instruction(RETURN, 0, 0, ALLOW), instruction(LOAD, 0, 0, FIRST_ARGUMENT)
    parts = [
        instruction(LOAD, 0, 0, ARCHITECTURE),
        instruction(EQUAL, 1, 0, architecture),
        instruction(RETURN, 0, 0, KILL),
        instruction(LOAD, 0, 0, NUMBER),
        # The x32 calls have numbers of their own, from here on.
        instruction(AT_LEAST, 0, 1, 0x40000000),
        instruction(RETURN, 0, 0, KILL),
    ]
    for numbers in DENIED.values():
        if (number := numbers[which]) is not None:
            parts += [instruction(EQUAL, 0, 1, number), refuse(errno.EPERM)]
    # "Not implemented" makes the C library fall back to clone, whose flags a filter can read.
    parts += [instruction(EQUAL, 0, 1, CLONE3[which]), refuse(errno.ENOSYS)]
    parts += [instruction(EQUAL, 0, 4, CLONE[which]), load_first, instruction(BITS, 1, 0, CLONE_THREAD)]
    parts += [refuse(errno.EPERM), allow]
    for pair in TO_ITSELF.values():
        parts += [instruction(EQUAL, 0, 4, pair[which]), load_first, instruction(EQUAL, 1, 0, process)]
        parts += [refuse(errno.EPERM), allow]
    parts += [instruction(EQUAL, 0, 5, PRLIMIT[which]), load_first, instruction(EQUAL, 2, 0, 0)]
    parts += [instruction(EQUAL, 1, 0, process), refuse(errno.EPERM), allow, allow]
    return b"".join(parts)


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install() -> None:
    """Filter all the threads of this process; raises OSError."""
    code = program(os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    described = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    call((X86_64, AARCH64)[column()][1], ctypes.c_uint(1), ctypes.c_uint(1), ctypes.byref(described))


def drop_capabilities() -> None:
    """Root in a container has powers that no filter lists; raises OSError."""
    header = struct.pack("=Ii", 0x20080522, 0)
    call((X86_64, AARCH64)[column()][2], header, struct.pack("=6I", *[0] * 6))
