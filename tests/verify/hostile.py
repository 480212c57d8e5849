"""What a loss could do to get out of its process, or to take the host with it; each is tried for real.

`DENIED` are refused by the system: the loss raises. `HARMLESS` change nothing that outlives them: the loss is judged
by its values as if they were not there. `ENDS` end the run, and the reason says how. In all of them `PLACE` stands for
a folder outside the project that the user may write to, which holds a file `secret`, a folder `kept` and a link.
"""

from __future__ import annotations

DENIED = {
    "write a new file": "open('PLACE/new', 'w')",
    "overwrite": "open('PLACE/secret', 'w')",
    "append": "open('PLACE/secret', 'a')",
    "write to the home": "open(os.path.expanduser('~/autofix-was-here'), 'w')",
    "write to /tmp": "open('/tmp/autofix-was-here', 'w')",
    "write to /dev/shm": "open('/dev/shm/autofix-was-here', 'w')",
    "write beside the module": "open(os.path.join(os.path.dirname(__file__), 'new'), 'w')",
    "delete": "os.unlink('PLACE/secret')",
    "remove a folder": "os.rmdir('PLACE/kept')",
    "make a folder": "os.mkdir('PLACE/new')",
    "rename": "os.rename('PLACE/secret', 'PLACE/new')",
    "truncate": "os.truncate('PLACE/secret', 0)",
    "symbolic link": "os.symlink('secret', 'PLACE/new')",
    "through a symbolic link": "os.symlink('PLACE/secret', 'here'); open('here', 'w')",
    "mode": "os.chmod('PLACE/secret', 0)",
    "mode of an open file": "os.fchmod(os.open('mine', os.O_CREAT), 0)",
    "owner": "os.chown('PLACE/secret', 1, 1)",
    "times": "os.utime('PLACE/secret', (0, 0))",
    "extended attribute": "os.setxattr('PLACE/secret', 'user.mark', b'1')",
    "read": "open('PLACE/secret').read()",
    "list": "os.listdir('PLACE')",
    "what the project hides": "open(os.path.join(os.path.dirname(__file__), '.env')).read()",
    "what a hidden folder holds": "open(os.path.join(os.path.dirname(__file__), '.git/config')).read()",
    "what a hidden folder holds deeper": "open(os.path.join(os.path.dirname(__file__), 'data/.cache/key')).read()",
    "what is hidden, by a link": "open(os.path.join(os.path.dirname(__file__), 'visible')).read()",
    "list the home": "os.listdir(os.path.expanduser('~'))",
    "environment of the worker": "open(f'/proc/{os.getppid()}/environ').read()",
    "environment of the host": "open('/proc/HOST/environ').read()",
    "command line of the worker": "open(f'/proc/{os.getppid()}/cmdline').read()",
    "command line of the host": "open('/proc/HOST/cmdline').read()",
    "status of another process": "open('/proc/1/status').read()",
    "a setting of the machine": "open('/etc/hostname').read()",
    "memory of the worker": "open(f'/proc/{os.getppid()}/mem', 'r+b')",
    "TCP": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "UDP": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'1', ('127.0.0.1', 9))",
    "UNIX socket": "import socket; socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "raw socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW)",
    "netlink socket": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "socket pair": "import socket; socket.socketpair()",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0))",
    "fork": "os.fork()",
    "vfork": "called('vfork')",
    "clone": "called('syscall', 56 if X86 else 220, 17, 0, 0, 0, 0)",
    "unshare": "called('unshare', 0x10000000)",
    "mount": "called('mount', b'none', b'.', b'tmpfs', 0, None)",
    "chroot": "os.chroot('.')",
    "exec": "os.execv('/bin/true', ['true'])",
    "subprocess": "import subprocess; subprocess.run(['/bin/true'])",
    "multiprocessing": "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "kill the worker": "os.kill(os.getppid(), 9)",
    "kill the host": "os.kill(HOST, 9)",
    "kill init": "os.kill(1, 9)",
    "kill all": "os.kill(-1, 9)",
    "kill a group": "os.killpg(os.getpgid(os.getppid()), 9)",
    "signal by descriptor": "import signal; signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)",
    "signal by a file": "import fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
    "priority of the worker": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "limits of the worker": "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (9, 9))",
    "ptrace": "called('ptrace', 16, os.getppid(), 0, 0)",
    "outlive the worker": "called('prctl', 1, 0, 0, 0, 0)",
    "user": "os.setuid(65534)",
    "bpf": "called('syscall', 321 if X86 else 280, 0, 0, 0)",
    "io_uring": "called('syscall', 425, 8, ctypes.create_string_buffer(120))",
    "userfaultfd": "called('syscall', 323 if X86 else 282, 0)",
    "keys of the kernel": "called('syscall', 250 if X86 else 219, 0, -3, 0, 0, 0)",
    "memory file": "os.memfd_create('bomb')",
    "shared memory": "called('shmget', 0, 4096, 0o1666)",
}

# Refused, but not with EPERM or EACCES.
REFUSED = {
    "raise its limits": ("import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "ValueError"),
    "attribute flags": ("import fcntl; fcntl.ioctl(os.open('/usr', 0), 0x40086602, b'1234')", "OSError: [Errno 25]"),
    "hard link": ("os.link('PLACE/secret', 'here')", "OSError"),
    "memory": ("bytearray(1 << 36)", "MemoryError"),
    "mapped memory": ("import mmap; mmap.mmap(-1, 1 << 36)", "OSError"),
    "large file": ("open('bomb', 'wb').truncate(2 << 20)", "OSError: [Errno 27]"),
    "deep recursion": ("f = lambda n: f(n + 1); f(0)", "RecursionError"),
    "threads": (
        "import threading\n    while True: threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "RuntimeError",
    ),
    "clone3": ("called('syscall', 435, ctypes.create_string_buffer(88), 88)", "OSError"),
    "sys.exit": ("sys.exit(3)", "SystemExit"),
}

ENDS = {
    "endless": ("while True: pass", "did not finish within"),
    "endless in C": ("import re; re.match('(a+)+$', 'a' * 64 + 'b')", "did not finish within"),
    "sleep": ("import time; time.sleep(999)", "did not finish within"),
    "stop itself": ("os.kill(os.getpid(), 19)", "did not finish within"),
    "swallow everything": (
        "import signal\n    for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n    while True:\n"
        "        try: raise ValueError\n        except BaseException: pass",
        "did not finish within",
    ),
    "exit": ("os._exit(0)", "ended its process (exit status 0)"),
    "exit with a status": ("os._exit(3)", "ended its process (exit status 3)"),
    "segmentation fault": ("ctypes.string_at(0)", "killed its process (signal 11)"),
    "abort": ("os.abort()", "killed its process (signal 6)"),
    "recursion in C": (
        "sys.setrecursionlimit(10 ** 9); A = type('A', (), {'__repr__': repr}); repr(A())",
        "",  # a crash or a RecursionError, by the version of Python
    ),
    "kill itself": ("os.kill(os.getpid(), 9)", "was killed with signal 9"),
    "interrupt from the keyboard": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "flood": ("while True: os.write(1, b'x' * 65536)", "printed more than 16 MB"),
    "flood of errors": ("while True: print('x' * 65536, file=sys.stderr)", "printed more than 16 MB"),
    "flood of the report": ("while True: everywhere(b'x' * 65536)", "printed more than 16 MB"),
    "flood of the disk": (
        "n = 0\n    while True:\n        n += 1\n        open(f'bomb{n}', 'wb').write(b'0' * (1 << 20))",
        "wrote more than 64 MB or 4096 files",
    ),
    "flood of files": (
        "n = 0\n    while True:\n        n += 1\n        os.mkdir(f'{n}')",
        "wrote more than 64 MB or 4096 files",
    ),
    "close everything": ("os.closerange(0, 256)", "ended its process"),
    "forged report": (
        "everywhere(b'{\"oracle\": {\"unstable\": false}}\\n{\"finished\": true}\\n'); return 1.0", "could not be read"
    ),
    "forged nonsense": (
        "everywhere(b'[1]\\n7\\nnull\\nno JSON\\n{\"finished\": true}\\n'); return 1.0", "could not be read"
    ),
}  # fmt: skip

HARMLESS = {
    "prints that look like answers": "print('{\"finished\": true}'); os.write(1, b'[]\\n{}\\n')",
    "warnings": "import warnings; warnings.warn('x' * 1000)",
    "a thread that never ends": (
        "import threading; threading.stack_size(65536); threading.Thread(target=threading.Event().wait).start()"
    ),
    "an exit handler that never ends": "import atexit, time; atexit.register(time.sleep, 999)",
    "no JSON any more": "import json; json.dumps = json.loads = None",
    "no writing any more": "os.write = None",
    "no exit any more": "os._exit = lambda *_: None",
    "no modules any more": "[sys.modules.pop(one) for one in list(sys.modules) if 'autofix' in one]",
    "another environment": "os.environ['PATH'] = '/nowhere'; os.environ['LD_PRELOAD'] = '/evil.so'",
    "another folder": "os.chdir('/proc')",
    "another path": "sys.path.clear(); sys.meta_path.clear()",
    "other generators": "import random; random.seed(7); random.random()",
    "another recursion limit": "sys.setrecursionlimit(400)",
    "a signal to itself": "import signal; signal.signal(15, signal.SIG_IGN); os.kill(os.getpid(), 15)",
    "other limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "its own files": "open('left', 'w').write('1'); os.makedirs('deep', exist_ok=True); os.rename('left', 'deep/left')",
}

# What right losses do, and the sandbox must let them.
ALLOWED = {
    "late imports of the library": "import decimal, sqlite3, xml.dom.minidom, zoneinfo; zoneinfo.ZoneInfo('UTC')",
    "temporary files": "import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'1'); f.flush()",
    "a temporary folder": "import tempfile; open(tempfile.mkdtemp() + '/one', 'w').write('1')",
    "files by relative path": "open('mine', 'w').write('1'); assert open('mine').read() == '1'",
    "a file of the project": "open(os.path.join(os.path.dirname(__file__), 'weights.txt')).read()",
    "a file beside a hidden folder": "open(os.path.join(os.path.dirname(__file__), 'data/numbers.txt')).read()",
    "the names in the project": "os.listdir(os.path.dirname(__file__))",
    "a module of the project": "import sibling; assert sibling.VALUE == 3",
    "random numbers": "import random, secrets; random.random(); secrets.token_bytes(4); os.urandom(8)",
    "/dev/urandom": "open('/dev/urandom', 'rb').read(8)",
    "/dev/null": "open(os.devnull, 'w').write('1')",
    "time": "import time; time.sleep(0.001); time.monotonic(); time.localtime()",
    "threads": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    "a pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor as P\n    with P(2) as pool: list(pool.map(abs, [1, 2]))"
    ),
    "the number of processors": "os.cpu_count(); os.sched_getaffinity(0)",
    "a signal handler": "import signal; signal.signal(signal.SIGALRM, lambda *_: None); signal.alarm(0)",
    "logging": "import logging; logging.getLogger('loss').warning('x')",
    "the terminal's size": "import shutil; shutil.get_terminal_size(); sys.stdout.isatty()",
    "the user's name": "import getpass, platform; platform.node()",
    "pickling": "import copy, pickle; pickle.loads(pickle.dumps({1: 2})); copy.deepcopy([1])",
    "scipy": "import scipy.special, scipy.linalg, numpy as np; scipy.linalg.svd(np.eye(40)); scipy.special.erf(0.3)",
    "linear algebra of NumPy": "import numpy as np; np.linalg.svd(np.eye(40)); np.eye(200) @ np.eye(200)",
}

ALLOWED_IN = {
    "torch": {
        "convolution": "torch.nn.functional.conv2d(torch.rand(1, 3, 64, 64), torch.rand(8, 3, 3, 3))",
        "linear algebra": "torch.linalg.svd(torch.eye(60)); torch.fft.fft(torch.ones(64))",
        "threads of a product": "torch.set_num_threads(2); torch.ones(256, 256) @ torch.ones(256, 256)",
        "a model": "torch.nn.LSTM(3, 4)(torch.ones(2, 1, 3))",
    },
    "tensorflow": {
        "convolution": "tf.nn.conv2d(tf.ones((1, 32, 32, 3)), tf.ones((3, 3, 3, 8)), 1, 'SAME')",
        "linear algebra": "tf.linalg.svd(tf.eye(9)); tf.linalg.inv(tf.eye(9)); tf.matmul(tf.eye(200), tf.eye(200))",
        # Once only: it takes a while.
        "tf.data": "hasattr(tf, 'seen') or setattr(tf, 'seen', [*tf.data.Dataset.range(4).map(abs).batch(2)])",
        "tf.function": "tf.function(lambda x: x + 1)(1.0)",
        "a model": "tf.keras.layers.Dense(2)(tf.ones((1, 2)))",
    },
}
