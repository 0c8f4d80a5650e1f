#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the real Nova about the cases on standard input; its answers go to standard output.

Runs in a tree made by nova.sh, where /sys is empty and may be written: the hosts of the cases are
built there. Nova's own code decides everything; what is ours is the libvirt that describes a host
(its XML, as libvirt writes it), a database without devices, and Placement's choice by class and
traits. One case and one answer a line, both JSON.
"""

import functools
import json
import logging
import os
import shutil
import sys
import tempfile

os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"

# pylint: disable=wrong-import-position
import os_resource_classes
import os_traits
from oslo_serialization import jsonutils
from oslo_utils.fixture import uuidsentinel

import nova.conf
from nova import config as nova_config
from nova import context as nova_context
from nova import objects
from nova.compute import pci_placement_translator as translator
from nova.compute import provider_tree
from nova.objects import request_spec
from nova.pci import manager
from nova.pci import request as pci_request
from nova.pci import whitelist
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import host as libvirt_host

CONF = nova.conf.CONF
NODE = "compute-1"
DEVICES = "/sys/devices/pci"
SET = [
    ("pci", "device_spec"),
    ("pci", "alias"),
    ("pci", "report_in_placement"),
    ("filter_scheduler", "pci_in_placement"),
    ("libvirt", "virt_type"),
]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def address_xml(address):
    domain, bus, rest = address.split(":")
    slot, func = rest.split(".")
    where = f"domain='0x{domain}' bus='0x{bus}' slot='0x{slot}' function='0x{func}'"
    return f"<address {where}/>"


class NodeDevice:
    """One of libvirt's node devices, as much of it as Nova looks at."""

    def __init__(self, name, parent, kind, xml):
        self._name, self._parent, self._kind, self._xml = name, parent, kind, xml

    def name(self):
        return self._name

    def parent(self):
        return self._parent

    def listCaps(self):  # pylint: disable=invalid-name
        return [self._kind]

    def XMLDesc(self, _flags=0):  # pylint: disable=invalid-name
        return self._xml


def node_name(address):
    return "pci_" + address.replace(":", "_").replace(".", "_")


def pci_xml(function, functions):
    """The order of the capabilities is libvirt's (conf/node_device_conf.c)."""
    domain, bus, rest = function["address"].split(":")
    slot, func = rest.split(".")
    vfs = [f for f in functions if f.get("physfn") == function["address"]]
    parts = [
        f"<device><name>{node_name(function['address'])}</name><parent>computer</parent>",
        f"<capability type='pci'><domain>{int(domain, 16)}</domain><bus>{int(bus, 16)}</bus>",
        f"<slot>{int(slot, 16)}</slot><function>{int(func, 16)}</function>",
        f"<product id='0x{function['product']}'/><vendor id='0x{function['vendor']}'/>",
    ]
    if function.get("physfn"):
        parent = address_xml(function["physfn"])
        parts.append(f"<capability type='phys_function'>{parent}</capability>")
    if function.get("totalvfs") or vfs:
        total = function.get("totalvfs", 0)
        parts.append(f"<capability type='virt_functions' maxCount='{total}'>")
        parts += [address_xml(vf["address"]) for vf in vfs]
        parts.append("</capability>")
    if function.get("serial"):
        parts.append(
            "<capability type='vpd'><name>Card</name><fields access='readonly'>"
            f"<serial_number>{function['serial']}</serial_number></fields></capability>"
        )
    if function.get("numa") is not None:
        parts.append(f"<numa node='{function['numa']}'/>")
    parts.append("</capability></device>")
    return "".join(parts)


def node_devices(functions):
    """What libvirt lists: functions, interfaces and vdpa devices."""
    pci, net, vdpa = [], [], []
    for function in functions:
        name = node_name(function["address"])
        pci.append(NodeDevice(name, "computer", "pci", pci_xml(function, functions)))
        if "net" in function:
            xml = (
                f"<device><name>net_{function['net']}</name><parent>{name}</parent>"
                f"<capability type='net'><interface>{function['net']}</interface>"
                "<address>02:00:00:00:00:01</address></capability></device>"
            )
            net.append(NodeDevice("net_" + function["net"], name, "net", xml))
        if function.get("vdpa"):
            vdpa.append(NodeDevice("vdpa_vdpa0", name, "vdpa", ""))
    return pci, net, vdpa


def build_sysfs(functions):
    for name in ("devices", "bus", "class"):
        shutil.rmtree("/sys/" + name, ignore_errors=True)
    os.makedirs("/sys/class/net")
    os.makedirs("/sys/bus/pci/devices")
    for function in functions:
        path = f"{DEVICES}/{function['address']}"
        write(f"{path}/vendor", f"0x{function['vendor']}\n")
        write(f"{path}/device", f"0x{function['product']}\n")
        if "totalvfs" in function:
            write(f"{path}/sriov_totalvfs", f"{function['totalvfs']}\n")
            write(f"{path}/sriov_vf_device", f"{function.get('vf_product', '0')}\n")
        if "physfn" in function:
            os.symlink(f"../{function['physfn']}", f"{path}/physfn")
            vfs = os.listdir(f"{DEVICES}/{function['physfn']}")
            number = sum(name.startswith("virtfn") for name in vfs)
            link = f"{DEVICES}/{function['physfn']}/virtfn{number}"
            os.symlink(f"../{function['address']}", link)
        if "net" in function:
            write(f"{path}/net/{function['net']}/address", "02:00:00:00:00:01\n")
            os.symlink(f"../../../{function['address']}", f"{path}/net/{function['net']}/device")
            os.symlink(f"../../devices/pci/{function['address']}/net/{function['net']}",
                       f"/sys/class/net/{function['net']}")
        os.symlink(f"../../../devices/pci/{function['address']}",
                   f"/sys/bus/pci/devices/{function['address']}")


@functools.lru_cache(maxsize=1)
def devices_of(host):
    """What nova-compute's libvirt driver reports of a host (JSON of its functions)."""
    functions = json.loads(host)
    build_sysfs(functions)
    pci, net, vdpa = node_devices(functions)
    # Only what _get_pcidev_info() itself uses: no connection is opened.
    host_object = libvirt_host.Host.__new__(libvirt_host.Host)
    return jsonutils.dumps(
        [host_object._get_pcidev_info(d.name(), d, net, vdpa, pci) for d in pci]
    )


class ComputeNode:
    """What the tracker asks of its node."""

    id = 1
    numa_topology = None


def tracker_of(case):
    devices = devices_of(json.dumps(case["functions"]))
    tracker = manager.PciDevTracker(nova_context.get_admin_context(), ComputeNode())
    tracker.update_devices_from_hypervisor_resources(devices)
    return tracker


def configure(case):
    CONF.clear()
    if case["kind"] == "config":
        for group, name in SET:
            CONF.clear_override(name, group)
        return
    CONF(args=[], project="nova", default_config_files=[], default_config_dirs=[])
    for (group, name), value in zip(SET, (
        case.get("specs", []),
        case.get("aliases", []),
        case.get("report", False),
        case.get("in_placement", False),
        case.get("virt_type", "kvm"),
    )):
        CONF.set_override(name, value, group)


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value)


def take(tracker, device):
    """Number of the entry and what is stored of managed: true, false or absent."""
    if device is None:
        return "-"
    spec = tracker.dev_filter.get_devspec(device)
    managed = {"true": "y", "false": "n", None: "u"}[device.extra_info.get("managed")]
    return f"{tracker.dev_filter.specs.index(spec)}{managed}"


def tags_of(specs):
    return [{name: text_of(value) for name, value in s.get_tags().items()} for s in specs]


def answer_spec(case):
    tracker = tracker_of(case)
    found = {device.address: device for device in tracker.pci_devs}
    takes = [take(tracker, found.get(f["address"])) for f in case["functions"]]
    return {"takes": " ".join(takes), "tags": tags_of(tracker.dev_filter.specs)}


def answer_type(case):
    devices = json.loads(devices_of(json.dumps(case["functions"])))
    return {"types": [f"{d['dev_type']} {d.get('parent_addr', '-')}" for d in devices]}


def answer_class(case):
    vendor, product = case["ids"].split(":")
    return {"name": translator.get_resource_class(case["text"], vendor, product)}


def answer_traits(case):
    return {"names": sorted(translator.get_traits(case["text"]))}


def answer_standard(case):
    """The names that the libraries beside this Nova know."""
    names = os_traits.get_traits() if case["names"] == "traits" else os_resource_classes.STANDARDS
    return {"names": sorted(names)}


def new_tree():
    tree = provider_tree.ProviderTree()
    tree.new_root(NODE, uuidsentinel.node)
    return tree


def report(tracker):
    tree = new_tree()
    translator.update_provider_tree_for_pci(tree, NODE, tracker, {}, [])
    names = tree.get_provider_uuids(NODE)
    data = [tree.data(uuid) for uuid in names]
    return sorted((d for d in data if d.name != NODE), key=lambda d: d.name)


def answer_placement(case):
    """As reported at the start, by name. An error that is not one of Nova's own is only logged."""
    providers = []
    tracker = tracker_of(case)
    try:
        reported = report(tracker)
    except AttributeError:
        reported = []
    for data in reported:
        ((name, inventory),) = data.inventory.items()
        assert inventory["total"] == inventory["max_unit"]
        providers.append(f"{data.name} {name} {inventory['total']} {','.join(sorted(data.traits))}")
    return {"providers": providers}


def aliases_of_config():
    """Later versions keep what they have read once."""
    read = getattr(pci_request, "get_alias_from_config", None)
    if read is None:
        return pci_request._get_alias_from_config()
    read.cache_clear()
    return read()


def pools_for(tracker, request, rp_uuids):
    return tracker.stats._filter_pools(tracker.stats.pools, request, None, rp_uuids=rp_uuids) or []


def addresses(pools):
    return " ".join(sorted(device.address for pool in pools for device in pool["devices"]))


def placed(tracker, providers, request):
    """Placement gives what has the class and the traits; the compute side filters that again."""
    spec = request_spec.RequestSpec(
        pci_requests=objects.InstancePCIRequests(requests=[request]), requested_resources=[]
    )
    try:
        spec.generate_request_groups_from_pci_requests()
    except ValueError:
        # Several values of one name: the scheduler can not ask for that.
        return ""
    (group,) = spec.requested_resources
    (wanted,) = group.resources
    fitting = {
        data.uuid
        for data in providers
        if wanted in data.inventory and group.required_traits <= set(data.traits)
    }
    chosen = [
        d
        for pool in pools_for(tracker, request, [])
        for d in pool["devices"]
        if d.extra_info.get("rp_uuid") in fitting
    ]
    return " ".join(sorted(d.address for d in chosen))


def answer_alias(case):
    tracker = tracker_of(case)
    aliases_of_config()
    in_placement = case.get("in_placement", False)
    answer = {"gets": {}}
    try:
        providers = report(tracker) if in_placement else []
    except Exception as error:  # pylint: disable=broad-exception-caught
        in_placement = False
        answer["refused"] = type(error).__name__
    for name in case["names"]:
        try:
            (request,) = pci_request._translate_alias_to_requests(f"{name}:1")
        except nova.exception.PciRequestAliasNotDefined:
            answer["gets"][name] = None
            continue
        answer["gets"][name] = addresses(pools_for(tracker, request, []))
        if in_placement:
            answer.setdefault("placed", {})[name] = placed(tracker, providers, request)
    return answer


def answer_xml(case):
    tracker = tracker_of(case)
    driver = libvirt_driver.LibvirtDriver.__new__(libvirt_driver.LibvirtDriver)
    return {
        "xml": [
            driver._get_guest_pci_device(device).to_xml(pretty_print=False)
            for device in tracker.pci_devs
        ]
    }


def alias_names():
    """Null if one is refused: then none can be used. A later service does not even start."""
    if hasattr(pci_request, "get_alias_from_config"):
        return list(aliases_of_config())
    try:
        return list(aliases_of_config())
    except nova.exception.PciInvalidAlias:
        return None


def answer_config(case):
    """The service reads its files with the command line's arguments."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = []
        for number, text in enumerate(case["files"]):
            path = f"{folder}/{number}.conf"
            with open(path, "wb") as out:
                out.write(text.encode("latin-1"))
            arguments += ["--config-file", path]
        CONF.clear()
        nova_config.parse_args(["nova-compute", *arguments], configure_db=False, init_rpc=False)
        specs = whitelist.Whitelist(CONF.pci.device_spec).specs
        answer = {
            "entries": tags_of(specs),
            "aliases": alias_names(),
            "report": CONF.pci.report_in_placement,
            "in_placement": CONF.filter_scheduler.pci_in_placement,
            "virt_type": CONF.libvirt.virt_type,
        }
    return answer


ANSWERS = {
    "spec": answer_spec,
    "type": answer_type,
    "class": answer_class,
    "traits": answer_traits,
    "standard": answer_standard,
    "placement": answer_placement,
    "alias": answer_alias,
    "xml": answer_xml,
    "config": answer_config,
}


def answer(case):
    try:
        configure(case)
        return ANSWERS[case["kind"]](case)
    except Exception as error:  # pylint: disable=broad-exception-caught
        if os.environ.get("ASK_TRACE"):
            raise
        return {"error": type(error).__name__}


def main():
    """What Nova logs about faults that are meant is of no use here."""
    logging.disable(logging.CRITICAL)
    objects.register_all()
    objects.PciDeviceList.get_by_compute_node = lambda *_: objects.PciDeviceList(objects=[])
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({"id": case["id"], **answer(case)}, sort_keys=True), flush=True)


main()
