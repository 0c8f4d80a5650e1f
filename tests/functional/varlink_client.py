# SPDX-License-Identifier: Apache-2.0
"""A Varlink client of the tests' own, so that nothing is read with the code that wrote it."""

import json
import socket
import time

MONITOR = "io.vfmon.Monitor"
SERVICE = "org.varlink.service"
# Only ends what hangs; nothing is measured against it.
DEADLINE = 30


class CallFailed(Exception):
    """The service answered with an error."""

    def __init__(self, reply):
        super().__init__(f"{reply['error']} {reply.get('parameters')}")
        self.name = reply["error"]
        self.parameters = reply.get("parameters", {})


def full_name(method):
    """Names of the service under test may be given without their interface."""
    return method if "." in method else f"{MONITOR}.{method}"


def message(method, parameters=None, **members):
    """A call as bytes."""
    call = {"method": full_name(method), **members}
    if parameters is not None:
        call["parameters"] = parameters
    return json.dumps(call).encode() + b"\0"


class Connection:
    """One connection; also for what no decent client sends."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(path)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        """Sends all, unless the service closes the connection before it has read all."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send(self, method, parameters=None, **members):
        self.send_bytes(message(method, parameters, **members))

    def receive(self):
        """The next reply, or None if the service has closed the connection."""
        while b"\0" not in self.buffer:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.buffer += more
        reply, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(reply)

    def parameters(self):
        """Those of the next reply, which has to be a good one."""
        reply = self.receive()
        if reply is None:
            raise AssertionError("the service has closed the connection")
        if "error" in reply:
            raise CallFailed(reply)
        return reply["parameters"]

    def call(self, method, **parameters):
        self.send(method, parameters)
        return self.parameters()


class View:
    """What a subscriber knows: it folds what it hears into it, as the interface says."""

    def __init__(self):
        self.view = {}
        self.changes = []
        self.epoch = None
        self.sequence = None
        self.has_snapshot = False

    def take(self, reply):
        """The parameters of one reply."""
        for device in reply.get("snapshot") or []:
            self.view[device["address"]] = device
        self.has_snapshot |= bool(reply.get("snapshot_complete"))
        self.epoch = reply.get("epoch") or self.epoch
        if reply.get("sequence") is not None:
            self.sequence = reply["sequence"]
        if reply.get("change"):
            self.fold(reply["change"])

    def fold(self, change):
        known = self.view.get(change["address"])
        self.changes.append(change)
        self.sequence = change["sequence"]
        if known and known["sequence"] > change["sequence"]:
            return
        if change.get("device") and change["matches"]:
            self.view[change["address"]] = change["device"]
        else:
            self.view.pop(change["address"], None)


class Watch(View):
    """A subscriber."""

    def __init__(self, path, **parameters):
        super().__init__()
        self.connection = Connection(path)
        self.connection.send("WatchDevices", parameters, more=True)
        try:
            while self.epoch is None:
                self.step()
        except BaseException:
            self.close()
            raise

    def close(self):
        self.connection.close()

    def step(self):
        """Waits for one reply and folds it."""
        self.take(self.connection.parameters())

    def wait(self, wanted):
        """Waits until wanted(self) is true and returns that."""
        end = time.monotonic() + DEADLINE
        while not wanted(self):
            # Bookmarks come for ever.
            if time.monotonic() > end:
                raise TimeoutError("waited in vain")
            self.step()
        return wanted(self)

    def wait_change(self, wanted):
        """Waits for the first change of which wanted(change) is true."""
        return self.wait(lambda w: next((c for c in w.changes if wanted(c)), None))

    def wait_device(self, address, wanted):
        """Waits until wanted(device) is true; device is None while the function is not there."""
        self.wait(lambda w: wanted(w.view.get(address)))
        return self.view.get(address)

    def wait_state(self, address, state):
        return self.wait_device(address, lambda d: d and d["binding"]["state"] == state)

    def states(self, address):
        """What its changes showed of a function, in their order: states, and None where it went."""
        return [c["device"]["binding"]["state"] if c.get("device") else None
                for c in self.changes if c["address"] == address]
