#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the cases of the parity run: generate.py FOLDER.

One file a topic, one case a line. The same seed gives the same cases on every Python: of the random
module only random() is used. A case's id is made of what it asks, so it stays when others change.
"""

import hashlib
import json
import pathlib
import random
import sys

from words import (
    ADDRESSES,
    ALIAS_TEXTS,
    BAD_ADDRESSES,
    BAD_ALIAS,
    BAD_BOOLEANS,
    BAD_IDS,
    BAD_PATTERNS,
    BOOLEANS,
    FALSE,
    GOOD_LINES,
    HOSTS,
    IDS,
    JSON_TEXTS,
    LINES,
    NAMES,
    NETS,
    PATTERNS,
    TAGS,
    USUAL,
    VFS,
    XML_TAGS,
)

SEED = 31


class Dice:
    """Chooses, the same way each time."""

    def __init__(self, name):
        self.random = random.Random(f"{SEED} {name}").random

    def below(self, count):
        return int(self.random() * count)

    def one(self, items):
        return items[self.below(len(items))]

    def chance(self, part):
        return self.random() < part


def write_json(value):
    """Half a pair can not stand in a file, only its escape."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if any("\ud800" <= c <= "\udfff" for c in text) else text


def spell_id(dice, text):
    """Other spellings of a 16 bit number, most of them taken."""
    return dice.one([
        text, text, text, text.upper(), "0x" + text, "0X" + text, " " + text, text + "\t",
        "0000" + text,
        text[0] + "_" + text[1:], "+" + text, text + " ", "\n" + text, "0x_" + text,
        text.lstrip("0"), "*",
    ])


def spell_address(dice, text):
    """String forms of an address, exact ones and with wildcards, whole and cut."""
    dbs, func = text.split(".")
    domain, bus, slot = dbs.split(":")
    return dice.one([
        text, text, text, text, text.upper(), f"{bus}:{slot}.{func}", f"{slot}.{func}", f".{func}",
        bus,
        f"{domain}:{bus}:{slot}", f"{bus}:{slot}", f"*:{bus}:{slot}.{func}",
        f"{domain}:{bus}:{slot}.*",
        f"{domain}:{bus}:*.*", f"{domain}:{bus}:*.{func}", f"*:*:{slot}.{func}", f"::{slot}.{func}",
        f":{bus}:.{func}", f"0x{domain}:0x{bus}:0x{slot}.0x{func}",
        f"{domain} : {bus} : {slot} . {func}",
        f" {text} ", f"{int(domain, 16):x}:{int(bus, 16):x}:{int(slot, 16):x}.{func}", f"{text}.",
        f"{domain}:*", "*:*:*.*", "*", "*.*", ".", ":", "::", "..",
        f"0{domain}:0{bus}:0{slot}.0{func}",
        f"{domain}:{bus}:{slot}.", f"{domain}:{bus}:.{func}", f"*:{bus}:*.*",
    ])


def regex_address(dice):
    value = {key: dice.one(PATTERNS[key]) for key in PATTERNS if dice.chance(0.5)}
    if dice.chance(0.2):
        value[dice.one(list(PATTERNS))] = dice.one(BAD_PATTERNS)
    if dice.chance(0.1):
        value[dice.one(["func", "Bus", "x"])] = dice.one(["0", 5, None])
    return value


def entry(dice, host, odd=0.15):
    """An entry; odd is the chance of a fault in each part."""
    value = {}
    vendor, product = dice.one(IDS[host])
    if dice.chance(0.45):
        value["vendor_id"] = dice.one(BAD_IDS) if dice.chance(odd) else spell_id(dice, vendor)
    if dice.chance(0.4):
        value["product_id"] = dice.one(BAD_IDS) if dice.chance(odd) else spell_id(dice, product)
    if dice.chance(0.6):
        if dice.chance(0.25):
            value["address"] = regex_address(dice)
        elif dice.chance(odd):
            value["address"] = dice.one(BAD_ADDRESSES + FALSE)
        else:
            value["address"] = spell_address(dice, dice.one(ADDRESSES[host]))
    if dice.chance(0.06):
        value["devname"] = dice.one(NETS[host] + ["", None, 5] if dice.chance(odd) else NETS[host])
    for name in ("managed", "live_migratable"):
        if dice.chance(0.25):
            value[name] = dice.one(BAD_BOOLEANS) if dice.chance(odd / 2) else dice.one(BOOLEANS)
    if dice.chance(0.1):
        value["remote_managed"] = dice.one(BOOLEANS + BAD_BOOLEANS)
    if dice.chance(0.12):
        value["physical_network"] = dice.one(["net1", "", None, "null", 5, 0])
    if dice.chance(0.2):
        name, values = dice.one(TAGS)
        value[name] = dice.one(values)
    return value


def spec_cases(dice):
    """Each list once, then mixtures."""
    for host in HOSTS:
        for good in ADDRESSES[host]:
            yield host, [write_json({"address": good})]
            dbs, func = good.split(".")
            domain, bus, slot = dbs.split(":")
            literal = {"domain": domain, "bus": bus, "slot": slot, "function": func}
            yield host, [write_json({"address": literal})]
            yield host, [write_json({"address": {**literal, "slot": slot.lstrip("0")}})]
            yield host, [write_json({"address": {**literal, "bus": bus.upper()}})]
        for bad in BAD_ADDRESSES + FALSE:
            yield host, [write_json({"address": bad})]
        for name in NETS[host]:
            yield host, [write_json({"devname": name, "managed": "no"})]
            yield host, [write_json({"devname": name, "address": dice.one(FALSE + ["*"])})]
            yield host, [write_json({"devname": name, "remote_managed": "true"})]
        for vendor, product in IDS[host]:
            for _ in range(3):
                yield host, [write_json({"vendor_id": spell_id(dice, vendor)})]
                yield host, [write_json({"product_id": spell_id(dice, product)})]
        for remote in BOOLEANS + BAD_BOOLEANS:
            yield host, [write_json({"remote_managed": remote})]
        for good in ADDRESSES[host]:
            vendor, product = dice.one(IDS[host])
            yield host, [write_json({"address": good, "remote_managed": "true"})]
            yield host, [write_json({"address": good, "vendor_id": vendor, "product_id": product,
                                     "remote_managed": "true"})]
            yield host, [write_json({"address": good, "vendor_id": vendor, "remote_managed": "no"})]
    for bad in BAD_IDS:
        yield "nic", [write_json({"vendor_id": bad})]
        yield "nic", [write_json({"product_id": bad})]
    for name in ("managed", "live_migratable", "one_time_use"):
        for value in BOOLEANS + BAD_BOOLEANS:
            yield "gpu", [write_json({name: value})]
    for key, patterns in PATTERNS.items():
        for pattern in patterns + BAD_PATTERNS:
            yield dice.one(HOSTS), [write_json({"address": {key: pattern}})]
    for text in JSON_TEXTS:
        yield "nic", [text]
    for _ in range(700):
        host = dice.one(HOSTS)
        values = []
        for _ in range(1 + dice.below(3)):
            entries = [entry(dice, host, 0.08) for _ in range(1 + dice.below(3))]
            values.append(write_json(entries if len(entries) > 1 else entries[0]))
        yield host, values


def name_cases(dice):
    letters = "abzABZ019_-. ,/\u00df\u4e2d"
    for text in NAMES:
        yield text
    for _ in range(150):
        word = "".join(dice.one(letters) for _ in range(1 + dice.below(10)))
        yield dice.one(["", "", "CUSTOM_", "custom_"]) + word


def traits_cases(dice):
    for text in ["", ",", "a,", ",a", "a,a", "blue, big", "blue,big", "A,a,CUSTOM_A",
                 "custom_\u00e9", "HW_NVME_BES"]:
        yield text
    odd = [",", "\u00e9", "HW_NVME_BES"]
    plain = [name for name in NAMES if not any(part in name for part in odd)]
    for _ in range(150):
        yield ",".join(dice.one(plain) for _ in range(1 + dice.below(4)))


def extra_tags(dice):
    """What Placement looks at, and tags that it does not know."""
    value = {}
    if dice.chance(0.5):
        value["resource_class"] = dice.one(["GOLD", "gold", "CUSTOM_GOLD", "pgpu", "pci_10de_25b6",
                                            "", None, "b a d"])
    if dice.chance(0.4):
        value["traits"] = dice.one(["A", "a", "A,B", "B,A", "", None, "CUSTOM_A", "OWNER_NOVA",
                                    "HW_GPU_API_VULKAN"])
    if dice.chance(0.2):
        value["live_migratable"] = dice.one(["yes", "no", None])
    if dice.chance(0.12):
        value["one_time_use"] = dice.one(["yes", "no", None, "maybe"])
    if dice.chance(0.2):
        value["managed"] = dice.one(["yes", "no", None])
    if dice.chance(0.12):
        value["physical_network"] = dice.one(["net1", "", None])
    if dice.chance(0.04):
        value[dice.one(["resource_class", "traits"])] = dice.one([5, ["A"], True, {"a": "b"}, 0,
                                                                  []])
    return value


def near_address(dice, host, kind):
    """An address of VFs, of other functions, or one that can take both."""
    vfs = VFS[host]
    if kind == "vfs":
        text = dice.one(vfs)
        return dice.one([text, text, text, "*:" + text[5:], text[:5] + "*" + text[7:],
                         text[7:].lstrip(":")])
    if kind == "others":
        return "*:" + dice.one([a for a in ADDRESSES[host] if a not in vfs])[-7:]
    text = dice.one(ADDRESSES[host][:-1])
    return dice.one([text, text[:-1] + "*", "*:" + text[5:], text[-2:]])


def host_entries(dice, host, tags):
    """Mostly such that Placement can take what they give."""
    kind = dice.one(["vfs", "vfs", "vfs", "others", "others", "both"])
    common = tags(dice)
    values = []
    for _ in range(1 + dice.below(3)):
        value = {"address": near_address(dice, host,
                                         kind)} if kind != "both" or dice.chance(0.9) else {}
        if dice.chance(0.15):
            value["product_id"] = dice.one(IDS[host])[1]
        value.update(tags(dice) if dice.chance(0.3) else common)
        values.append(value)
    if dice.chance(0.03):
        values.append({"devname": dice.one(NETS[host])})
    return [write_json(values if len(values) > 1 else values[0])]


def placement_cases(dice):
    for _ in range(600):
        host = dice.one(HOSTS)
        yield host, host_entries(dice, host, extra_tags)


def alias_value(dice, host, name, device_type, odd):
    vendor, product = dice.one(IDS[host])
    value = {"name": name}
    if dice.chance(0.8):
        value["vendor_id"] = dice.one([vendor, vendor, vendor.upper()])
        value["product_id"] = dice.one([product, product, product.upper(), "ffff"])
    if device_type:
        value["device_type"] = device_type
    if dice.chance(0.08):
        value["numa_policy"] = dice.one(["legacy", "preferred", "required", "socket"])
    if dice.chance(0.4):
        value["resource_class"] = dice.one(["GOLD", "gold", "pgpu", "", "CUSTOM_GOLD"])
    if dice.chance(0.25):
        value["traits"] = dice.one(["A", "A,B", "a", "", "OWNER_NOVA"])
    if dice.chance(0.15):
        value["live_migratable"] = dice.one(["yes", "no", "TRUE", " off "])
    if dice.chance(0.04):
        value["capability_type"] = "pci"
    if dice.chance(odd):
        key, values = dice.one(BAD_ALIAS)
        value[key] = dice.one(values)
    return value


def alias_values(dice, host):
    device_type = dice.one([None, None, "type-VF", "type-VF", "type-PF", "type-PCI"])
    names = dice.one([["a"], ["a"], ["a", "b"], ["a", "b"], ["a", " a "], ["a", "b", "a"]])
    return [write_json(alias_value(dice, host, name, device_type, 0.03)) for name in names]


def alias_tags(dice):
    return {k: v for k, v in extra_tags(dice).items() if k != "one_time_use"}


def alias_cases(dice):
    for text in ALIAS_TEXTS:
        for in_placement in (False, True):
            yield "gpu", ['{"address": "0000:25:00.*", "product_id": "25b6"}'], [text], in_placement
    for name, values in BAD_ALIAS:
        for value in values:
            text = write_json({"name": "a", "vendor_id": "8086", "product_id": "154c", name: value})
            yield "nic", ['{"product_id": "154c"}'], [text], dice.chance(0.5)
    for _ in range(500):
        host = dice.one(HOSTS)
        specs = host_entries(dice, host, alias_tags)
        if dice.chance(0.15):
            specs = [write_json({"remote_managed": dice.one(["true", "false", "yes", "no"]),
                                 "product_id": dice.one(IDS[host])[1]})]
        yield host, specs, alias_values(dice, host), dice.chance(0.6)


def config_text(dice):
    lines = []
    if dice.chance(0.93):
        lines.append(dice.one(USUAL[:5]))
    for _ in range(1 + dice.below(5)):
        lines.append(dice.one(USUAL) if dice.chance(0.3) else dice.one(LINES))
    return "\n".join(lines) + dice.one(["\n", "\n", ""])


def good_config_text(dice):
    """Mostly right, for the order of the values and the substitution."""
    lines = []
    for section in ("[pci]", "[DEFAULT]", "[libvirt]", "[filter_scheduler]", "[pci]"):
        if not dice.chance(0.7):
            continue
        lines.append(section)
        for _ in range(dice.below(4)):
            line = dice.one(GOOD_LINES)
            lines += [line, "  \"m\": \"8\"}"] if line.endswith(",") else [line]
    return "\n".join(lines) + "\n"


def config_cases(dice):
    for line in LINES:
        yield [f"[pci]\n{line}\n"]
        yield [f"[pci]\ndevice_spec = {{\"n\": \"0\"}}\n{line}\n"]
    for section in ("DEFAULT", "libvirt", "filter_scheduler"):
        for line in LINES:
            if " = " in line or line.startswith("pci_") or line.startswith("virt"):
                yield [f"[{section}]\n{line}\n"]
    for _ in range(350):
        yield [config_text(dice) for _ in range(1 + dice.below(2))]
    for _ in range(350):
        yield [good_config_text(dice) for _ in range(1 + dice.below(2))]
    yield ["\xff\xfe[pci]\n"]
    yield ["[pci]\na = \xff\n"]


def encode(text):
    """The bytes of a file, one character each, so that wrong ones can be told too."""
    return text if "\xff" in text else text.encode("utf-8").decode("latin-1")


def xml_cases():
    for host in HOSTS:
        for virt_type in ("kvm", "qemu", "parallels", "lxc"):
            for tags in XML_TAGS:
                yield host, [write_json(tags)], virt_type


def topics():
    yield "spec", ({"host": h, "specs": s} for h, s in spec_cases(Dice("spec")))
    yield "type", ({"host": h} for h in HOSTS)
    yield "class", ({"text": t, "ids": "10de:25b6"} for t in name_cases(Dice("class")))
    yield "traits", ({"text": t} for t in traits_cases(Dice("traits")))
    yield "standard", ({"names": n} for n in ("resource-classes", "traits"))
    yield "placement", ({"host": h, "specs": s, "report": True}
                        for h, s in placement_cases(Dice("placement")))
    yield "alias", ({"host": h, "specs": s, "aliases": a, "in_placement": p, "report": p,
                     "names": ["a", "b"]}
                    for h, s, a, p in alias_cases(Dice("alias")))
    yield "xml", ({"host": h, "specs": s, "virt_type": v} for h, s, v in xml_cases())
    yield "config", ({"files": [encode(t) for t in f]} for f in config_cases(Dice("config")))


def main(folder):
    for topic, cases in topics():
        seen = set()
        with open(pathlib.Path(folder, f"{topic}.cases"), "w", encoding="ascii") as out:
            for case in cases:
                digest = hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()[:8]
                if digest not in seen:
                    seen.add(digest)
                    out.write(json.dumps({"id": f"{topic}-{digest}", **case}) + "\n")


main(sys.argv[1])
