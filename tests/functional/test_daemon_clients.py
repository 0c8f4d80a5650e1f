# SPDX-License-Identifier: Apache-2.0
"""What clients send that is wrong, odd or too much: each is answered or closed, none harms."""

import json
import os
import signal
import socket
import unittest

from daemon_host import (CARD, PF, VF, DaemonTestCase, SharedHostTestCase, anonymous_memory,
                         differences, until)
from simulated import INSTRUMENTED
from varlink_client import DEADLINE, CallFailed, Connection, message

SERVICE = "org.varlink.service"
INFO = SERVICE + ".GetInfo"
LIMIT = 64 << 10
# Much more than sockets hold.
FLOOD = 16 << 20
# The queue of 256 KiB, one reply more, what is read at a time, and as much again for the allocator.
MEMORY_OF_ONE = (1 << 20) * INSTRUMENTED


def padded(size):
    """A good call of that many bytes, without the NUL behind it."""
    call = message(INFO)[:-1]
    return call + b" " * (size - len(call))


def nested(depth):
    inner = b'{"a":' * depth + b"1" + b"}" * depth
    return b'{"method":"%s","parameters":%s}' % (INFO.encode(), inner)


class Closed(SharedHostTestCase):
    """What is no call closes the connection, is counted and logged, and nobody else notices."""

    def check_closed(self, data):
        before = self.host.status()["clients_dropped"]
        with Connection(self.host.socket) as connection:
            connection.send_bytes(data)
            self.assertIsNone(connection.receive())
        status = self.host.status()
        self.assertEqual(status["clients_dropped"], before + 1)
        self.assertEqual(len(self.host.devices()), 2)

    def check_all_closed(self, messages):
        for data in messages:
            with self.subTest(data[:60]):
                self.check_closed(data + b"\0")

    def test_no_json(self):
        self.check_all_closed((b"", b" ", b"{", b"}", b"nonsense", b"{'method':'a.b'}", b'"text"',
                               b"[]", b"null", b"1", b'{"method":"' + INFO.encode() + b'"',
                               b'{"method":"' + INFO.encode() + b'"}}',
                               b'{"method":"' + INFO.encode() + b'"} x',
                               b'{"method":"' + INFO.encode() + b'",}',
                               b'{"method":NaN}', b'{"method":01}'))

    def test_bytes_that_are_no_text(self):
        self.check_all_closed((b"\xff\xfe\xfd", os.urandom(1000).replace(b"\0", b"\1"),
                               b"\x16\x03\x01\x02\x01", b'{"method":"\xc3\x28"}',
                               b'{"method":"\\ud800"}', b'{"method":"\\u0000"}',
                               b'{"method":"a\nb"}', b"\xef\xbb\xbf" + message(INFO)[:-1]))

    def test_no_call(self):
        self.check_all_closed((b"{}", b'{"method":1}', b'{"method":null}', b'{"method":["a.b"]}',
                               b'{"parameters":{}}', b'{"error":"a.b"}',
                               b'{"method":"%s","parameters":[]}' % INFO.encode(),
                               b'{"method":"%s","parameters":"x"}' % INFO.encode()))

    def test_flags_that_are_unknown_wrong_or_contradict(self):
        for members in ({"sudo": True}, {"more": 1}, {"more": "yes"}, {"oneway": None},
                        {"upgrade": True}, {"oneway": True, "more": True}):
            with self.subTest(members):
                self.check_closed(message(INFO, **members))

    def test_a_name_twice(self):
        self.check_all_closed((b'{"method":"%s","method":"%s"}' % (INFO.encode(), INFO.encode()),
                               b'{"method":"io.vfmon.Monitor.GetDevice",'
                               b'"parameters":{"address":"0000:3b:00.0","address":"x"}}'))

    def test_more_depth_or_members_than_anybody_needs(self):
        many = b",".join(b'"%d":{}' % n for n in range(1000))
        self.check_all_closed((nested(40), nested(5000), b"[" * 30000,
                               b'{"method":"%s","parameters":{%s}}' % (INFO.encode(), many),
                               b'{"method":"%s","parameters":{"a":[%s]}}'
                               % (INFO.encode(), b",".join([b"[]"] * 1000))))

    def test_a_call_longer_than_the_limit(self):
        self.check_closed(padded(LIMIT + 1) + b"\0")
        self.check_closed(b"x" * (LIMIT + 1))
        self.check_closed(b"x" * (10 << 20))

    def test_good_calls_before_a_bad_one_are_answered(self):
        with Connection(self.host.socket) as connection:
            connection.send_bytes(message(INFO) + message(INFO) + b"nonsense\0" + message(INFO))
            self.assertEqual(connection.parameters()["product"], "vfmond")
            self.assertEqual(connection.parameters()["product"], "vfmond")
            self.assertIsNone(connection.receive())

    def test_the_log_says_who_and_why(self):
        self.check_closed(b"nonsense\0")
        self.assertRegex(self.host.log(), rf"process {os.getpid()}, user 0, dropped: \S")


class Answered(SharedHostTestCase):
    """What is a call but can not be served gets an error, and the connection goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = Connection(cls.host.socket)
        cls.addClassCleanup(cls.connection.close)

    def error(self, method, parameters=None, **members):
        self.connection.send(method, parameters, **members)
        reply = self.connection.receive()
        self.assertIn("error", reply, (method, parameters))
        self.assertEqual(set(reply) - {"parameters"}, {"error"})
        return reply["error"].rsplit(".", 1)[1], reply.get("parameters", {})

    def test_what_is_not_there(self):
        for method, error, parameters in (
                ("NoSuchMethod", "MethodNotFound", {"method": "io.vfmon.Monitor.NoSuchMethod"}),
                ("org.varlink.service.Nothing", "MethodNotFound",
                 {"method": "org.varlink.service.Nothing"}),
                ("io.vfmon.Other.ListDevices", "InterfaceNotFound",
                 {"interface": "io.vfmon.Other"}),
                ("io.vfmon.ListDevices", "InterfaceNotFound", {"interface": "io.vfmon"})):
            self.assertEqual(self.error(method), (error, parameters))
        self.connection.send_bytes(b'{"method":"NoDot"}\0')
        self.assertEqual(self.connection.receive()["error"], SERVICE + ".MethodNotFound")

    def test_methods_of_later_releases_are_not_implemented(self):
        self.assertEqual(self.error("ExplainReadiness", {}), (
            "MethodNotImplemented", {"method": "io.vfmon.Monitor.ExplainReadiness"}))

    def test_parameters_that_are_wrong_are_named(self):
        for method, parameters, name in (
                ("GetDevice", None, "address"), ("GetDevice", {}, "address"),
                ("GetDevice", {"address": 5}, "address"),
                ("GetDevice", {"address": None}, "address"),
                ("GetDevice", {"address": PF, "addresses": []}, "addresses"),
                ("GetStatus", {"verbose": True}, "verbose"),
                ("ListDevices", {"filter": 1}, "filter"),
                ("ListDevices", {"filter": []}, "filter"),
                ("ListDevices", {"filters": {}}, "filters"),
                ("ListDevices", {"filter": {"colour": "red"}}, "colour"),
                ("ListDevices", {"filter": {"states": []}}, "states"),
                ("ListDevices", {"filter": {"states": ["nonsense"]}}, "states"),
                ("ListDevices", {"filter": {"states": "host"}}, "states"),
                ("ListDevices", {"filter": {"kinds": [1]}}, "kinds"),
                ("ListDevices", {"filter": {"addresses": ["nonsense"]}}, "addresses"),
                ("ListDevices", {"filter": {"managed": "yes"}}, "managed"),
                ("GetHistory", {"limit": -1}, "limit"), ("GetHistory", {"limit": "1"}, "limit"),
                ("GetHistory", {"after": 1.5}, "after"), ("GetHistory", {"after": True}, "after"),
                ("GetHistory", {"after": 1 << 70}, "after"),
                (SERVICE + ".GetInterfaceDescription", {}, "interface")):
            self.assertEqual(self.error(method, parameters),
                             ("InvalidParameter", {"parameter": name}), (method, parameters))

    def test_addresses_that_are_none_or_nobodys(self):
        for address in ("", "nonsense", "3b:10.0 ", "0000:3b:10.9", "0000:3b:10.0/..", "0000:3B"):
            self.assertEqual(self.error("GetDevice", {"address": address}),
                             ("InvalidAddress", {"address": address}))
        self.assertEqual(self.error("GetHistory", {"address": "nonsense"}),
                         ("InvalidAddress", {"address": "nonsense"}))
        self.assertEqual(self.error("GetDevice", {"address": "0000:ff:1f.7"}),
                         ("NoSuchDevice", {"address": "0000:ff:1f.7"}))

    def test_a_watch_wants_more(self):
        self.assertEqual(self.error("WatchDevices", {}), ("ExpectedMore", {}))

    def test_an_interface_that_is_not_served_is_not_described(self):
        self.assertEqual(self.error(SERVICE + ".GetInterfaceDescription", {"interface": "a.b"}),
                         ("InterfaceNotFound", {"interface": "a.b"}))


class Served(SharedHostTestCase):
    """What is unusual and right."""

    def test_ten_calls_in_one_write_are_answered_in_their_order(self):
        addresses = [PF, "nonsense"] * 5
        with Connection(self.host.socket) as connection:
            connection.send_bytes(b"".join(message("GetDevice", {"address": a}) for a in addresses))
            for address in addresses:
                reply = connection.receive()["parameters"]
                self.assertEqual(reply.get("device", reply)["address"], address)

    def test_a_call_in_single_bytes(self):
        with Connection(self.host.socket) as connection:
            for byte in message(INFO):
                connection.send_bytes(bytes([byte]))
            self.assertEqual(connection.parameters()["vendor"], "vfmon")

    def test_a_call_of_the_greatest_length(self):
        with Connection(self.host.socket) as connection:
            connection.send_bytes(padded(LIMIT) + b"\0")
            self.assertEqual(connection.parameters()["vendor"], "vfmon")

    def test_one_that_sends_no_more_gets_its_answers(self):
        """More of them than fit into the socket and the daemon's queue at once."""
        calls = 500
        with Connection(self.host.socket) as connection:
            connection.send_bytes(message("ListDevices") * calls)
            connection.socket.shutdown(socket.SHUT_WR)
            for _ in range(calls):
                self.assertIn(PF, [d["address"] for d in connection.parameters()["devices"]])
            self.assertIsNone(connection.receive())

    def test_a_watcher_that_sends_no_more_is_told_changes(self):
        watch = self.host.watch()
        self.addCleanup(watch.close)
        watch.connection.socket.shutdown(socket.SHUT_WR)
        self.host.fence(watch)

    def test_those_that_say_nothing_keep_nobody_waiting(self):
        silent = [Connection(self.host.socket) for _ in range(20)]
        for connection in silent:
            self.addCleanup(connection.close)
        silent[0].send_bytes(b'{"method":')
        self.assertEqual(len(self.host.devices(kinds=["pf"])), 2)
        self.assertGreaterEqual(self.host.status()["clients"], 21)

    def test_a_call_without_answer_gets_none(self):
        with Connection(self.host.socket) as connection:
            connection.send("GetStatus", oneway=True)
            connection.send("NoSuchMethod", oneway=True)
            connection.send("WatchDevices", oneway=True)
            connection.send(INFO)
            self.assertEqual(connection.parameters()["product"], "vfmond")

    def test_more_on_a_method_of_one_reply_is_one_reply(self):
        with Connection(self.host.socket) as connection:
            for method, parameters in ((INFO, {}), ("GetStatus", {}),
                                       ("GetDevice", {"address": PF})):
                connection.send(method, parameters, more=True)
                self.assertFalse(connection.receive().get("continues"), method)

    def test_a_list_in_parts_is_the_whole_list(self):
        with Connection(self.host.socket) as connection:
            connection.send("ListDevices", more=True)
            replies = [connection.receive()]
            while replies[-1].get("continues"):
                replies.append(connection.receive())
        parts = [d for r in replies for d in r["parameters"]["devices"]]
        self.assertEqual(parts, list(self.host.devices().values()))

    def test_members_of_vendors_and_nulls_are_borne(self):
        with Connection(self.host.socket) as connection:
            connection.send("ListDevices", {"filter": None}, **{"org.example.trace": [1]})
            self.assertTrue(connection.parameters()["devices"])
            connection.send_bytes(b' {"method":"%s","parameters":null}\n\0' % INFO.encode())
            self.assertEqual(connection.parameters()["product"], "vfmond")

    def test_it_describes_itself(self):
        info = self.host.call(INFO)
        self.assertEqual(info["interfaces"], [SERVICE, "io.vfmon.Monitor"])
        self.assertEqual(set(info), {"vendor", "product", "version", "url", "interfaces"})
        for name in info["interfaces"]:
            text = self.host.call(SERVICE + ".GetInterfaceDescription", interface=name)
            self.assertIn(f"\ninterface {name}\n", "\n" + text["description"])


class Leaving(DaemonTestCase):
    def test_those_that_leave_at_once_are_no_fault(self):
        before = self.host.status()["clients_dropped"]
        for data in (b"", b'{"meth', message("ListDevices"), message("WatchDevices", more=True)):
            connection = Connection(self.host.socket)
            connection.send_bytes(data)
            connection.close()
        until(lambda: self.host.status()["clients"] == 1)
        self.assertEqual(self.host.status()["clients_dropped"], before)


class TooMany(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 1\n"
    config = "[vfmond]\nmax_clients = 3\n"

    def connect(self):
        connection = Connection(self.host.socket)
        self.addCleanup(connection.close)
        return connection

    def test_one_too_many_is_told_and_closed_and_the_others_stay(self):
        served = [self.connect() for _ in range(3)]
        for connection in served:
            connection.call(INFO)
        refused = self.connect()
        with self.assertRaises(CallFailed) as caught:
            refused.call(INFO)
        self.assertEqual(caught.exception.name, "io.vfmon.Monitor.TooManyClients")
        self.assertEqual(caught.exception.parameters, {"limit": 3})
        self.assertIsNone(refused.receive())
        self.assertEqual(served[0].call("GetStatus")["status"]["clients_dropped"], 1)
        served[2].close()
        until(lambda: served[0].call("GetStatus")["status"]["clients"] == 2)
        self.connect().call("GetDevice", address=VF[0])

    def test_a_limit_counts_for_each_user(self):
        self.host.reload("[vfmond]\nmax_clients_per_user = 2\n")
        first, second = self.connect(), self.connect()
        first.call(INFO)
        second.call(INFO)
        with self.assertRaises(CallFailed) as caught:
            self.connect().call(INFO)
        self.assertEqual(caught.exception.parameters, {"limit": 2})


@unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else; test_server counts users")
class OtherUsers(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 1\n"
    config = "[vfmond]\nmax_clients_per_user = 2\n"

    def connect_as(self, uid):
        """What another user's process is answered; it stays connected until the test ends."""
        answers, answer = os.pipe()
        ends, end = os.pipe()
        self.addCleanup(os.close, answers)
        pid = os.fork()
        if pid == 0:
            os.close(end)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            connection = Connection(self.host.socket)
            connection.send(INFO)
            os.write(answer, json.dumps(connection.receive()).encode())
            os.read(ends, 1)
            os._exit(0)
        os.close(answer)
        os.close(ends)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.close, end)
        return os.read(answers, 65536).decode()

    def test_the_clients_of_one_user_take_no_place_of_another(self):
        os.chmod(self.host.dir, 0o755)
        os.chmod(self.host.socket, 0o666)
        # The namespace of the simulated host has one more user: whoever is not root.
        for _ in range(2):
            self.assertIn('"product": "vfmond"', self.connect_as(65534))
        self.assertIn("TooManyClients", self.connect_as(65534))
        with Connection(self.host.socket) as mine:
            self.assertEqual(mine.call("GetStatus")["status"]["clients"], 3)


class Pipelined(DaemonTestCase):
    """Thousands of calls whose answers are not read."""

    scenario = CARD + f"vfs {PF} 7\n"
    call = message("ListDevices")

    def flood(self, connection):
        """Sends calls until the daemon takes no more, however often it is asked; returns them."""
        connection.socket.setblocking(False)
        sent = refused = 0
        while refused < 50:
            self.assertLess(sent, FLOOD)
            try:
                sent += connection.socket.send((self.call * 100)[sent % len(self.call):])
                refused = 0
            except BlockingIOError:
                self.host.status()  # a round trip: what it could read, it has read by now
                refused += 1
        connection.socket.settimeout(DEADLINE)
        rest = -sent % len(self.call)
        return (sent + rest) // len(self.call), self.call[len(self.call) - rest:] if rest else b""

    def test_they_are_not_read_cost_little_and_go_on_with_the_reading(self):
        with Connection(self.host.socket) as connection:
            connection.call(INFO)
            before = anonymous_memory(self.host.pid)
            calls, rest = self.flood(connection)
            self.assertLess(anonymous_memory(self.host.pid) - before, MEMORY_OF_ONE)
            self.assertGreater(calls, 1000)
            for _ in range(calls - 1):
                self.assertTrue(connection.parameters()["devices"])
            connection.send_bytes(rest)
            self.assertTrue(connection.parameters()["devices"])
            connection.call(INFO)

    def test_behind_a_watch_they_wait(self):
        watch = self.watch()
        before = anonymous_memory(self.host.pid)
        self.flood(watch.connection)
        self.assertLess(anonymous_memory(self.host.pid) - before, MEMORY_OF_ONE)
        self.host.fence(watch)


class Slow(DaemonTestCase):
    """A subscriber that does not read."""

    scenario = CARD + f"vfs {PF} 2\n"

    def test_one_that_does_not_read_gets_the_newest_states_and_holds_up_nobody(self):
        slow, quick = self.watch(), self.watch()
        rounds = 0
        while self.host.status()["changes_merged"] == 0:
            self.host.play(f"unbind {VF[0]}\nprobe {VF[0]}\n" * 10)
            self.host.fence(quick)
            rounds += 1
            self.assertLess(rounds, 500)
        self.host.play(f"unbind {VF[0]}")
        self.host.settle(quick)
        self.host.fence(slow)
        self.assertEqual(differences(slow.view, self.host.model()), [])
        merged = [c for c in slow.changes if c["merged"] > 1]
        self.assertTrue(merged)
        self.assertTrue(all("previous" not in c for c in merged))
        self.assertFalse([c for c in quick.changes if c["merged"] > 1])
        numbers = [c["sequence"] for c in slow.changes]
        self.assertEqual(numbers, sorted(set(numbers)))

    @staticmethod
    def reap(pid):
        """Ends a child, once."""
        try:
            os.waitpid(pid, os.WNOHANG)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass

    def test_one_that_is_killed_before_it_has_read_is_noticed_though_nothing_changes(self):
        pid = os.fork()
        if pid == 0:
            connection = Connection(self.host.socket)
            connection.send("WatchDevices", more=True)
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(1)
        self.addCleanup(self.reap, pid)
        os.waitpid(pid, os.WUNTRACED)
        watch = self.watch()
        self.host.play(f"unbind {VF[0]}\nprobe {VF[0]}\n" * 20)
        self.host.fence(watch)
        self.reap(pid)
        until(lambda: self.host.status()["clients"] == 2)
        self.host.fence(watch)


if __name__ == "__main__":
    unittest.main()
