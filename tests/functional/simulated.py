# SPDX-License-Identifier: Apache-2.0
"""A simulated host with the real daemon on it, driven step by step, and the real client."""

import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

BUILD = os.environ.get("VFMON_BUILD", os.path.join(os.path.dirname(__file__), "../../build"))
VFMONCTL = os.path.join(BUILD, "vfmonctl")
# Only ends what hangs; nothing is measured against it.
DEADLINE = 60



def instrumented():
    """How many times the memory a daemon may need for what a sanitizer keeps of it."""
    with open(os.path.join(BUILD, "vfmond-simulated"), "rb") as f:
        program = f.read()
    return 8 if b"__asan_init" in program or b"__tsan_init" in program else 1


INSTRUMENTED = instrumented()

# Two cards: VFs of the first have a driver of the host and could have a variant; the driver of the
# second keeps its VFs itself.
TWO_CARDS = """
driver igb id 8086:10c9
driver igbvf id 8086:10ca net
driver vfio-pci vfio generic
driver test_vfio_pci vfio variant id 8086:10ca
driver nvidia vfio vendor id 10de:25b6
pf 0000:3b:00.0 8086:10c9 total 7 vf-id 10ca offset 128 stride 2 numa 1
pf 0000:25:00.0 10de:25b6 total 16 offset 4
"""


def environment(**more):
    """What decides how output looks, fixed; names are those of environment variables."""
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "PAGER", "LESS")}
    env.update(LC_ALL="C.UTF-8", TZ="UTC")
    env.update(more)
    return env


def vfmonctl(*args, **options):
    """Runs the client to its end. Options are those of subprocess.run()."""
    options.setdefault("env", environment())
    return subprocess.run([VFMONCTL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=DEADLINE, check=False, **options)


class Lines:
    """The lines that a running program writes, waited for one by one."""

    def __init__(self, stream):
        self.stream = stream
        self.seen = []
        self.ended = False
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.stream:
            with self.news:
                self.seen.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def wait(self, wanted):
        """Returns the first line of which wanted(line) is true."""
        def found():
            return next((line for line in self.seen if wanted(line)), None)

        with self.news:
            self.news.wait_for(lambda: found() is not None or self.ended, DEADLINE)
            line = found()
        if line is None:
            raise AssertionError("waited in vain; seen:\n" + "\n".join(self.seen))
        return line


class Host:
    """A simulated host, its daemon started; close() ends both."""

    def __init__(self, scenario, config="", options=(), command=None, files=None):
        """Options are the daemon's. Instead of it, a command can run that never gets ready.

        Files are texts by their path in the host's folder; those below proc/ make it the proc root.
        """
        self.dir = tempfile.mkdtemp(prefix="vfmon-test-")
        self.socket = self.path("sock")
        with open(self.path("vfmond.conf"), "w", encoding="utf-8") as f:
            f.write(config)
        for name, text in (files or {}).items():
            self.write(name, text)
        if any(name.startswith("proc/") for name in files or {}):
            options = (*options, "--proc-root", self.path("proc"))
        for fifo in ("steps", "done"):
            os.mkfifo(self.path(fifo))
        # As systemd learns when a service is up; that its socket is there says less.
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.path("notify"))
        self.notify.settimeout(DEADLINE)
        daemon = [os.path.join(BUILD, "vfmond-simulated"), "--socket", self.socket,
                  "--config", self.path("vfmond.conf"), *options]
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(BUILD, "vfmond-sim"), "--ack", self.path("done"),
                 "--model", self.path("model"), self.path("steps"), "--", *(command or daemon)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=environment(NOTIFY_SOCKET=self.path("notify")))
        self.steps = open(self.path("steps"), "w", encoding="utf-8")
        self.done = os.open(self.path("done"), os.O_RDONLY)
        self.answers = b""
        try:
            self.play(scenario)
            self.pid = int(self.play("start").split()[-1])
            while not command and b"READY=1" not in self.notify.recv(4096).split(b"\n"):
                pass
            # A full queue that nobody reads would make the daemon wait at its next message.
            self.notify.close()
        except BaseException:
            self.close()
            raise

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        """A file in the host's folder."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def _answer(self):
        while b"\n" not in self.answers:
            ready = select.select([self.done], [], [], DEADLINE)[0]
            more = os.read(self.done, 4096) if ready else b""
            if not more:
                raise AssertionError("the simulator does not answer:\n" + self.log())
            self.answers += more
        line, self.answers = self.answers.split(b"\n", 1)
        return line.decode()

    def play(self, scenario):
        """Plays lines of a scenario, each until it is done. Returns the last answer."""
        answer = ""
        for line in scenario.splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            self.steps.write(line + "\n")
            self.steps.flush()
            answer = self._answer()
            if not answer.startswith("ok"):
                raise AssertionError(f"{line}: {answer}")
        return answer

    def model(self):
        """What the host is now, as the simulator knows it: a list of devices."""
        with open(self.path("model"), encoding="utf-8") as f:
            return json.load(f)["devices"]

    def ctl(self, *args, **options):
        return vfmonctl("--socket", self.socket, *args, **options)

    def json(self, *args):
        """What the client prints with --json; it has to succeed."""
        result = self.ctl("--json", *args)
        if result.returncode != 0:
            raise AssertionError(result.stderr + self.log())
        return json.loads(result.stdout)

    def wait_until(self, address, wanted):
        """Waits until wanted(device) is true of a function; device is None while it is not there."""
        def is_so(line):
            reply = json.loads(line)
            if "change" in reply:
                return wanted(reply["change"].get("device"))
            if "snapshot" in reply:
                return wanted(next(iter(reply["snapshot"]), None))
            return False

        with self.start_watch("--json", address) as watch:
            watch.lines.wait(is_so)
            watch.kill()

    def wait_for_state(self, address, state):
        self.wait_until(address, lambda device: device and device["binding"]["state"] == state)

    def start_watch(self, *args):
        """A vfmonctl watch that has its snapshot. Returns its process, with .lines."""
        process = subprocess.Popen([VFMONCTL, "--socket", self.socket, "watch", *args],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment())
        process.lines = Lines(process.stdout)
        begun = '"snapshot_complete":true' if "--json" in args else "Watching"
        process.lines.wait(lambda line: begun in line)
        return process

    def close(self):
        try:
            self.process.terminate()
            self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()
            self.steps.close()
            os.close(self.done)
            self.notify.close()
            shutil.rmtree(self.dir)


class HostTestCase(unittest.TestCase):
    """A test with a host of its own, made of the class's scenario and configuration."""

    scenario = TWO_CARDS
    config = ""

    def setUp(self):
        self.host = Host(self.scenario, self.config)
        self.addCleanup(self.host.close)
