#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an include that points up, on a library in too many files, and on I/O in the core.

check_layers.py [TREE]        checks the tree (default: the one that this file is in)
check_layers.py --self-test   makes trees with one mistake each and expects it to be found
"""

import pathlib
import re
import sys
import tempfile

# What each module of monitor/ is. Sources and publishers do not know each other; the program
# wires them; support knows nobody but the core. A module that is missing here is an error.
MONITOR = {
    "source": "sysfs sysfs_facts sysfs_file sysfs_sriov sysfs_steps sysfs_text reader"
    " reader_queue reader_queue_internal reader_queue_thread reader_commands reader_thread"
    " statefile tracker udevsrc watchfiles nlparse nlsock nlsrc clockjump sysfs_net sysfs_use"
    " sysfs_vendor sysfs_vpd addr_dump use_addresses use_disks use_table use_hints opened tracker_internal tracker_audit tracker_hints"
    " tracker_silence inotifysrc watched",
    "publisher": "client server roster shared_text listen peersock sendqueue",
    "support": "log notify journal systemd loop moment wholefile novafiles novaplaces versions kernel",
    "program": "daemon daemon_state hearing identity report conffile options main main_simulated"
    " main_nova_config novacopy novasweep problem ruling ruling_internal ruling_status reload"
    " vendorfiles attention",
}
MAY_INCLUDE = {
    "source": {"source", "support"},
    "publisher": {"publisher", "support"},
    "support": {"support"},
    "program": {"source", "publisher", "support", "program"},
}
# Folder: the folders whose headers it may include besides its own.
FOLDERS = {
    "include/vfmon": {"include/vfmon"},
    "src": {"include/vfmon", "generated"},
    "monitor": {"include/vfmon", "generated"},
    "cli": {"include/vfmon"},
    "sim": {"include/vfmon"},
}
# Folder: headers of the daemon that it may use besides, by their path.
SHARED = {"cli": {"../monitor/novafiles.h", "../monitor/sysfs.h", "../monitor/kernel.h",
                  "../monitor/wholefile.h"}}
# Library: its headers, the folders of one program, the most files that may include it there.
DAEMON = ("include/vfmon", "src", "monitor")
EVERYWHERE = (*DAEMON, "cli", "sim")
LIBRARIES = [
    ("libudev", r"libudev\.h", EVERYWHERE, 1),
    ("libsystemd", r"systemd/", EVERYWHERE, 1),
    ("libsmartcols", r"libsmartcols", EVERYWHERE, 1),
    ("PCRE2", r"pcre2", EVERYWHERE, 1),
    ("libevent", r"event2?/|event\.h|evutil\.h", EVERYWHERE, 4),
    ("libnl", r"netlink/", EVERYWHERE, 4),
    ("json-c", r"json-c/|json\.h", DAEMON, 2),
    ("json-c", r"json-c/|json\.h", ("include/vfmon", "src", "cli"), 2),
    ("json-c", r"json-c/|json\.h", ("sim",), 2),
]
CORE = ("include/vfmon", "src")
CORE_HEADERS = re.compile(
    r"(event2?/|event\.h|libudev|netlink/|linux/netlink|linux/rtnetlink|systemd/|sys/socket|sys/un\."
    r"|netinet/|sys/(stat|types|epoll|inotify|time|mman|ioctl|syscall)\.h|fcntl|unistd|dirent|poll\.h"
    r"|pthread|signal\.h|glob\.h|ftw\.h)"
)
# A stream in memory (memtext) is no I/O; every other stream comes from one of these.
CORE_STREAMS = re.compile(r"\b(stdin|stdout|stderr)\b()")
CORE_CALLS = re.compile(
    r"(?<![\w.>])(open|openat|fopen|fdopen|freopen|tmpfile|creat|close|read|pread|write|pwrite"
    r"|v?printf|v?dprintf|puts|putchar|perror|getchar|time|clock|clock_gettime|gettimeofday|getenv"
    r"|secure_getenv|setenv|socket|connect|bind|accept4?|recv|recvfrom|recvmsg|send|sendto|sendmsg"
    r"|poll|select|ioctl|syscall|mmap|l?stat|fstat(?:at)?|readlink(?:at)?|opendir|readdir|scandir|glob"
    r"|access|unlink|rename|fork|exec\w+|system|popen|kill|signal|getpid|getuid|rand|srand|random"
    r"|getrandom|sleep|usleep|nanosleep|syslog|pthread_\w+|exit|_exit)(\s*\()"
)
STATIC_STATE = re.compile(r"^\s*static\s+(?!inline\b)(?!const\b)(?![^;={]*\*\s*const\b)[^()]*[;=\[{]")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
NOT_CODE = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)


def code_of(text):
    """The text without comments and literals; lines stay where they are."""
    return NOT_CODE.sub(lambda m: " " + "\n" * m[0].count("\n"), text)


class Tree:
    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.problems = []
        self.files = {
            path: path.read_text(encoding="utf-8")
            for folder in FOLDERS
            for path in sorted((self.top / folder).glob("*.[ch]"))
        }
        self.kinds = {name: kind for kind, names in MONITOR.items() for name in names.split()}

    def say(self, path, line, text):
        where = path.relative_to(self.top)
        self.problems.append(f"{where}:{line}: {text}" if line else f"{where}: {text}")

    def folder(self, path):
        return str(path.parent.relative_to(self.top))

    def includes(self, path):
        for number, line in enumerate(self.files[path].splitlines(), 1):
            if match := INCLUDE.match(line):
                yield number, match[1] == '"', match[2]

    def target(self, path, name):
        """The folder of a header that is included with quotes."""
        if (path.parent / name).exists() and "/" not in name:
            return self.folder(path)
        if name.startswith("vfmon/") and (self.top / "include" / name).exists():
            return "include/vfmon"
        if name in ("interface_text.h", "standard_names.h"):
            return "generated"
        return None

    def check_arrow(self, path, number, name):
        folder = self.folder(path)
        if name in SHARED.get(folder, ()):
            return
        target = self.target(path, name)
        if target is None:
            self.say(path, number, f"{name} is not a header of this folder, nor of the core")
        elif target != folder and target not in FOLDERS[folder]:
            self.say(path, number, f"{folder} may not include {target} ({name})")
        elif folder == target == "monitor":
            self.check_monitor(path, number, name)

    def check_monitor(self, path, number, name):
        mine = self.kinds.get(path.stem)
        other = self.kinds.get(pathlib.Path(name).stem)
        if mine and other and other not in MAY_INCLUDE[mine]:
            self.say(path, number, f"a {mine} may not include the {other} {name}")

    def check_core(self, path):
        code = code_of(self.files[path])
        for number, line in enumerate(code.splitlines(), 1):
            if match := CORE_CALLS.search(line) or CORE_STREAMS.search(line):
                what = match[1] + ("()" if match[2] else "")
                self.say(path, number, f"the core does no I/O and reads no clock: {what}")
            if path.suffix == ".c" and STATIC_STATE.match(line):
                self.say(path, number, "the core keeps no static state")

    def check_libraries(self):
        for library, pattern, folders, most in LIBRARIES:
            users = [
                path
                for path in self.files
                if self.folder(path) in folders
                and any(re.match(pattern, name) for _, own, name in self.includes(path) if not own)
            ]
            if len(users) > most:
                names = " ".join(str(path.relative_to(self.top)) for path in users)
                self.say(users[-1], 0, f"{library} is in {len(users)} files, at most {most}: {names}")

    def check(self):
        for path in self.files:
            folder = self.folder(path)
            if folder == "monitor" and path.stem not in self.kinds:
                self.say(path, 0, f"say in {pathlib.Path(__file__).name} which layer this is")
            for number, own, name in self.includes(path):
                if own:
                    self.check_arrow(path, number, name)
                elif folder in CORE and CORE_HEADERS.match(name):
                    self.say(path, number, f"the core may not include <{name}>")
            if folder in CORE:
                self.check_core(path)
        self.check_libraries()
        return self.problems


GOOD = {
    "include/vfmon/vf.h": "int vf_diff(int a);\n",
    "src/vf.c": '#include "vfmon/vf.h"\n#include <stdio.h>\n'
    'static const char *const names[] = { "open(" };\n/* time() is an argument */\n'
    "static int\nvf_reopen(int a)\n{\n\tstatic const int limit = 3;\n\treturn a->read(a);\n}\n",
    "monitor/sysfs.h": "",
    "monitor/server.h": "",
    "monitor/log.h": "",
    "monitor/sysfs.c": '#include "sysfs.h"\n#include "log.h"\n#include "vfmon/vf.h"\n#include <fcntl.h>\n',
    "monitor/daemon.c": '#include "sysfs.h"\n#include "server.h"\n#include <event2/event.h>\n',
    "monitor/udevsrc.c": "#include <libudev.h>\n",
    "cli/verbs.h": "",
    "cli/main.c": '#include "verbs.h"\n#include "vfmon/vf.h"\n',
}
# One more file or another text, and what has to be said of it.
BAD = [
    ("src/vf.c", '#include "../monitor/sysfs.h"\n', "not a header of this folder"),
    ("src/vf.c", '#include "sysfs.h"\n', "not a header of this folder"),
    ("include/vfmon/vf.h", "#include <event2/event.h>\n", "the core may not include <event2/event.h>"),
    ("src/vf.c", "#include <sys/socket.h>\n", "the core may not include"),
    ("src/vf.c", "\tint fd = open(path, 0);\n", "open()"),
    ("src/vf.c", "\tnow = clock_gettime(CLOCK_REALTIME, &ts);\n", "clock_gettime()"),
    ("src/vf.c", '\tprintf("hello");\n', "printf()"),
    ("src/vf.c", '\tfprintf(stderr, "hello");\n', "stderr"),
    ("src/vf.c", "static int count;\n", "static state"),
    ("src/vf.c", "\tstatic struct vf last = { 0 };\n", "static state"),
    ("monitor/sysfs.c", '#include "server.h"\n', "a source may not include the publisher"),
    ("monitor/server.c", '#include "sysfs.h"\n', "a publisher may not include the source"),
    ("monitor/log.c", '#include "server.h"\n', "a support may not include the publisher"),
    ("monitor/unheard.c", "", "say in"),
    ("monitor/sysfs.c", "#include <libudev.h>\n", "libudev is in 2 files"),
    ("cli/main.c", '#include "sysfs.h"\n', "not a header of this folder"),
    ("cli/tables.c", "#include <libudev.h>\n", "libudev is in 2 files"),
]


def problems_of(files):
    with tempfile.TemporaryDirectory() as top:
        for name, text in files.items():
            path = pathlib.Path(top, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Tree(top).check()


def self_test():
    failed = 0
    for name, text, expected in [(None, None, None), *BAD]:
        problems = problems_of({**GOOD, name: text} if name else GOOD)
        good = not problems if name is None else len(problems) == 1 and expected in problems[0]
        if not good:
            failed += 1
            print(f"not ok: {name} with {text!r}: expected {expected}, got {problems}")
    print(f"layers self-test: {1 + len(BAD) - failed} passed, {failed} failed")
    return failed


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    tree = Tree(arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[1])
    problems = tree.check()
    print("\n".join(problems), end="\n" if problems else "")
    if not tree.files:
        print("no source file was found")
    return 1 if problems or not tree.files else 0


sys.exit(main(sys.argv[1:]))
