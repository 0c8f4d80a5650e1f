# SPDX-License-Identifier: Apache-2.0
"""What the cases of the parity run are made of: good and bad values for each part."""

HOSTS = ["nic", "gpu", "dpu"]

ADDRESSES = {
    "nic": ["0000:0a:00.0", "0000:0a:00.1", "0000:0a:02.0", "0000:0a:02.1", "0000:0a:0a.0",
            "0000:0b:00.0", "0000:1f:1f.7", "0001:0a:00.0", "10000:01:00.0"],
    "gpu": ["0000:25:00.0", "0000:25:00.4", "0000:25:00.5", "0000:25:00.6", "0000:26:00.0",
            "0000:26:00.4", "0000:26:00.5", "0000:c1:00.0"],
    "dpu": ["0000:82:00.0", "0000:82:00.3", "0000:82:00.4", "0000:83:00.0", "0000:83:00.2",
            "0000:84:00.0"],
}

IDS = {
    "nic": [("8086", "1572"), ("8086", "154c"), ("8086", "0442"), ("15b3", "1017")],
    "gpu": [("10de", "25b6"), ("10de", "25b7"), ("10de", "2331")],
    "dpu": [("15b3", "a2d6"), ("15b3", "101e"), ("15b3", "1017"), ("15b3", "1018")],
}

NETS = {"nic": ["eth0", "eth1", "eth0v0", "eth1v0", "eth9"], "gpu": ["eth9"], "dpu": ["p0", "p1"]}

BOOLEANS = ["yes", "no", "true", "false", "1", "0", "on", "off", "t", "f", "y", "n", "YES", "No",
            " yes ", "\tno\n", "tRuE", True, False, 1, 0, None]

BAD_BOOLEANS = ["", "maybe", "2", "ye", "none", 2, 1.0, 0.0, -1, [], {}, ["yes"], "y es", "yes.",
                "１",
                -0.0, 1e0, "oui", "\u00a0yes\u00a0", "yes\u0000"]

BAD_IDS = ["", " ", "* ", " *", "**", "1x", "0x", "x10", "10000", "fffff", "-1", "-0", "_8086",
           "8086_",
           "80__86", "0o10", "8086h", "80 86", "８０８６", "٨٠٨٦", "+-1", "0b11", "0x0x1", "8086.0",
           "1e3",
           8086, 0, None, True, [], {}, "\u00a08086", "\ufeff8086", "8086\u2003", "\u001c8086", "²",
           "a\u0000"]

BAD_ADDRESSES = ["0a:00.8", "0000:0a:20.0", "0000:100:00.0", "10000:01:00.0", "0000:0a:0?.0", "0*",
                 "[0-2]",
                 "0:0:0:0.0", "pci_0000_0a_00_0", "0000:0a:00.0.1", "0000:0a:00.x", "0a.0.0", " . ",
                 ". ",
                 ".*.", "-1:0a:00.0", "0000:-1:00.0", "0000:0a:00.-1", "0000:0a:00.-0", "x", "g",
                 "**", "*:*:*:*",
                 "0000:0a:00,0", "0000:0a:00.0\n", "\n", "０:0a:0.0", "0_0:0a:0.0", "0000:0a:00.**",
                 "0000:0a:00.\u0660",
                 5, 1.5, True, ["0000:0a:00.0"], "0000;0a:00.0"]

FALSE = [None, "", 0, False, [], {}, 0.0]

PATTERNS = {
    "domain": [".*", "0000", "000", "0", "0001", "000[01]", "", "\\d+", "^0000$", "0{4}",
    "0000|0001", "[^1]*1",
               "10000", "(?i)0000", "0000\\Z"],
    "bus": [".*", "0a", "0", "0A", "(?i)0A", "[0-9]a", "0[ab]", "25|26", "2.", "^2", "a$", ".a",
    "82", "8[23]",
            "(0)(a)", "(?P<x>0)a", "(?:25)", "0a?", "\\w\\w", "\\d\\d", "\\da", "[[:digit:]]a",
            "x*", "(?=0)0a", "(?!0a)..",
            "(?<=x)0a", "0*+a", "0(?#c)a", "[a-f0-9]{2}", "2{1,2}5", "0a\\b", "\\x30a", "\\060a",
            "0a|"],
    "slot": [".*", "00", "0", "02", "[01].", "0[02]", "1f", "0a", "2", "00$", "(?x) 0 0", "(?s:.)0",
    "(0)\\1"],
    "function": [".*", "0", "[0-3]", "[4-6]", "4|5", "[^0]", "\\d", "[0-7]{1}", ".", "..", "0?",
    "5*", "[[4]", "(?s).",
                 "(?a)\\d", "(?L)0", "\\S", "[\\d]"],
}

BAD_PATTERNS = ["[", "(", "*", "+a", "a**", "(?P<1>a)", "\\", "a{2,1}", "[z-a]", "(?<=a+)b", "(?z)",
                ")", "\\8", "(?P=x)",
                "x(?i)", "[a", "(?P<a>0)(?P<a>0)", 5, None, True, ["0"], {}, "\\p{L}", "(?R)",
                "\\Q0\\E", "\\K", "\\h", "\\u0030",
                "\\N{DIGIT ZERO}", "(?|0)", "(*UTF)0", "\\g<0>", "(?1)", "\\G0", "\\A0", "\\z",
                "\\C", "\\R", "[[.a.]]", "(?>0)",
                "0++", "[^]", "[]", "[]0]", "{0}", "0{,2}", "0{", "0{1", "(?#", "(?", "(?:", "\\x",
                "\\x3", "\\x{30}", "\\c0", "\\e",
                "\\1", "(0)\\2", "\\00", "\\o{60}", "(?-i:0)", "(?i-s:0)", "(?i)(?m)0", "$0", "^^0",
                "\\B", "(?<n>0)", "(?'n'0)"]

TAGS = [("trusted", ["true", "false", "yes"]), ("colour", ["red", "", None, 5, 1.5, True,
                                                           "rot\u00e9", "\ud83d"]),
        ("x", [[1, 2], {"a": 1}, 10**30, -0.0, 1e999, "a\"b\\"]), ("Vendor_id", ["8086"]),
        ("one_time_use", ["yes", "no", None, "", "maybe", 1, True])]

JSON_TEXTS = [
    "", " ", "{}", "[]", " {} ", "\t{}\r\n", "{}\n{}", "{},", "[{}]", "[{},]", "[{},{}]", "[[]]",
    "[[{}]]", "[null]", "[1]",
    "null", "true", "5", '"x"', "{]", "[}", "{", "[", "}", "]", "{a:1}", "{'a':1}", '{"a":1,}',
    '{"a" 1}', '{"a":}', '{"a"}',
    '{,}', '{"a":1 "b":2}', '{"a":1,"a":2}', '{"managed":"no","managed":"yes"}', '{"a":NaN}',
    '{"a":Infinity}', '{"a":-Infinity}',
    '{"a":+1}', '{"a":-01}', '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":1e5}', '{"a":1E+5}',
    '{"a":1e}', '{"a":-}', '{"a":1e999}',
    '{"a":123456789012345678901234567890}', '{"a":-0}', '{"a":0x10}', '{"a":"\\u00e9"}',
    '{"a":"\\ud800"}', '{"a":"\\ud83d\\ude00"}',
    '{"a":"\\u12"}', '{"a":"\\x"}', '{"a":"\t"}', '{"a":"\n"}', '{"a":"\u007f"}', '{"a":"\u0001"}',
    '{"a":"b', '{"a":tru}',
    '{"a":True}', '{"a":None}', '{"a":nan}', '{"a":"x"} # comment', '// x\n{}', '/* x */{}',
    "\ufeff{}", "\u00a0{}", "{}\u00a0", "\x0b{}",
    '{"a":"b"}x', '{"a":"b"};', '{"\\u0061ddress":"0000:0a:00.0"}',
    '{"address":"0000:0a:00.0","address":"*:0b:*.*"}',
    '[{"address":"0000:0a:00.0"},5]', '[{"address":"x"},5]', '[5,{"address":"x"}]',
    '{"a":{"b":{"c":[1,2,{}]}}}', '{"":""}',
    '{ "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", managed: "no" }',
    '{ "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", "managed": "no" }',
    '{ "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", '
    '"resource_class": "CUSTOM_A16_16A", "managed": "no" }',
    '{"a":1.0}', '{"a":1e16}', '{"a":1.5e-7}', '{"a":0.1}', '{"a":1e22}',
    '{"a":123456789.123456789}', '{"a":5e-324}', '{"a":1E400}',
    '{"vendor_id":"8086"', '"vendor_id":"8086"', '{"vendor_id":"8086",\n "managed":"no"}',
    "{\"vendor_id\":\u20188086\u2019}",
]

NAMES = ["GOLD", "gold", "gold gpu", "custom-foo", "custom", "CUSTOM_", "custom_", "CUSTOM_A16_16A",
         "custom_a-b", " gold", "gold ",
         "a__b", "a_-_b", "pgpu", "PGPU", "vgpu", "VCPU", "Sriov_Net_Vf", "!!!", "_", "___",
         "CUSTOM__X", "A.B.C", "a/b", "1", "10de",
         "stra\u00dfe", "\u0131x", "\ufb01x", "\u017f", "\u00e9", "custom_\u00e9", "CUSTOM_\u00c9",
         "na\u00efve", "\u01f0", "\u1e9e", "\u0149x",
         "\u4e2d\u6587", "\U0001f600", "x" * 249, "x" * 250, "CUSTOM", "CUSTOM-X",
         "HW_GPU_API_VULKAN", "hw_gpu_api_vulkan",
         "COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "HW_NVME_BES", "HW_PCI_LIVE_MIGRATABLE",
         "HW_PCI_ONE_TIME_USE", "MISC_SHARES_VIA_AGGREGATE",
         "PCI_8086_154C", "NUMA_CORE", "MEMORY_MB", "disk_gb", "net_bw_egr_kilobit_per_sec",
         "\u1fb3", "\u0390", "\ufb03", "a\tb", "a\nb", "A,B"]

VFS = {
    "nic": ["0000:0a:02.0", "0000:0a:02.1", "0000:0a:0a.0"],
    "gpu": ["0000:25:00.4", "0000:25:00.5", "0000:25:00.6", "0000:26:00.4", "0000:26:00.5"],
    "dpu": ["0000:82:00.3", "0000:82:00.4", "0000:83:00.2"],
}

BAD_ALIAS = [
    ("name", ["", " ", 5, None, "x" * 256, "x" * 257, "\u00a0x"]),
    ("vendor_id", ["808", "80866", "0x8086", "*", 8086, "8086\n", "\uff18\uff10\uff18\uff16", ""]),
    ("product_id", ["1", "154C", "154c ", None]),
    ("device_type", ["vdpa", "type-vf", "", None, "type-PCI "]),
    ("numa_policy", ["Legacy", "", None, 5]), ("resource_class", [5, None, []]),
    ("traits", [["A"], None]), ("live_migratable", [True, None, "maybe", "", 1]),
    ("capability_type", ["net", "", None]), ("managed", ["no"]), ("address", ["0000:0a:00.0"]),
    ("physical_network", ["net1"]), ("x", [1]), ("one_time_use", ["yes"]),
]
ALIAS_TEXTS = [
    "", "{}", "[]", "5", "null", '[{"name": "a"}]', '{"name": "a"', "{name: 'a'}", '{"name": "a"}x',
    '{"name": "a", "name": "b"}',
    '{ "vendor_id": "10de", "product_id": "25b6", "device_type": "type-VF", "name": "MYVF" }',
    '{"name": "a", "x": NaN}',
    '{ "device_type": "type-VF", resource_class: "CUSTOM_A16_16A", "name": "A16_16A" }',
    '{ "device_type": "type-VF", "resource_class": "CUSTOM_A16_16A", "name": "A16_16A" }',
]

LINES = [
    "[pci]", "[DEFAULT]", "[pci] ", "[ pci ]", "[PCI]", "[default]", "[libvirt]",
    "[filter_scheduler]", "[x]", "[]", "[pci", "[pci] # c", "pci]",
    "[pci]x", "[[pci]]", "[pci]]", "", "  ", "\t", "# comment", "; comment", " # no comment", "#",
    "a", "=", "= x", ": x", "a = b", "a: b", "a=",
    "device_spec = {\"n\": \"1\"}", "device_spec={\"n\": \"2\"}", "device_spec : {\"n\": \"3\"}",
    "device_spec: {\"n\": \"4\"}", "device_spec = '{\"n\": \"5\"}'",
    "device_spec = \"{}\"", "device_spec = {\"n\": \"6\"} # c", "device_spec = {\"n\": \"7\",",
    "  \"m\": \"8\"}", "\t\"m\": \"9\"}", "}", "  }", "  # c",
    "device_spec = [{\"n\": \"a\"}, {\"n\": \"b\"}]", "device_spec =", "  {\"n\": \"c\"}",
    "device_spec = '", "device_spec = \"", "device_spec = ''",
    "passthrough_whitelist = {\"n\": \"d\"}", "pci_passthrough_whitelist = {\"n\": \"e\"}",
    "DEVICE_SPEC = {\"n\": \"f\"}", "device-spec = {\"n\": \"g\"}",
    "dev_spec = {\"n\": \"h\"}",
    "alias = {\"name\": \"a1\", \"vendor_id\": \"8086\", \"product_id\": \"154c\"}",
    "pci_alias = {\"name\": \"a2\", \"vendor_id\": \"8086\", \"product_id\": \"154c\"}",
    "alias = '{\"name\": \"a3\", \"vendor_id\": \"8086\", \"product_id\": \"154c\"}'",
    "report_in_placement = true", "report_in_placement = True", "report_in_placement = on",
    "report_in_placement = 0", "report_in_placement = t",
    "report_in_placement = ", "report_in_placement = yes ", "report_in_placement = 'yes'",
    "report_in_placement = maybe", "pci_in_placement = true", "pci_in_placement = YES",
    "pci_in_placement = no", "pci_in_placement = 2", "virt_type = kvm", "virt_type = parallels",
    "virt_type = qemu", "virt_type = xen", "virt_type = KVM",
    "device_spec = {\"n\": \"$$\"}", "device_spec = {\"n\": \"$my\"}",
    "device_spec = {\"n\": \"\\$x\"}", "device_spec = {\"n\": \"0a$\"}",
    "device_spec = {\"n\": \"$5\"}",
    "device_spec = {\"n\": \"${\"}", "device_spec = {\"n\": \"${x}\"}",
    "device_spec = {\"n\": \"$pci.report_in_placement\"}",
    "device_spec = {\"n\": \"$report_in_placement\"}",
    "device_spec = {\"n\": \"${libvirt.virt_type}\"}", "device_spec = {\"n\": \"$virt_type\"}",
    "device_spec = {\"n\": \"$ x\"}", "device_spec = {\"n\": \"$x.y\"}", "$a = b",
    "\ufeff[pci]", "caf\u00e9 = \u00e9", "device_spec = {\"n\": \"\u00e9\"}", "\r", "a = b\r",
    "[pci]\r", "device_spec = {\"n\": \"i\"}\r", "\x0c", "a\x0b= b", "\u00a0x = y", "\u2028",
]

USUAL = ["[pci]", "[pci]", "[DEFAULT]", "[libvirt]", "[filter_scheduler]", "[x]", "", "# comment"]

GOOD_PARTS = ["= {", "_placement", "virt_type =", "device_spec = ["]
GOOD_LINES = [line for line in LINES if any(part in line for part in GOOD_PARTS)]

XML_TAGS = [{}, {"managed": "no"}, {"managed": "yes"}, {"managed": None}, {"managed": False},
            {"managed": 1}]
