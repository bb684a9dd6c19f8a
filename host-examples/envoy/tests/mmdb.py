"""Writes small MaxMind DB files, for Envoy's own geoip filter: IPv4 networks of 24 bits, records of 32 bits."""

import struct


def encode(value):
    """A value of the data section: text, whole numbers as (bits, number), objects and arrays."""
    if isinstance(value, str):
        return control(2, len(value.encode())) + value.encode()
    if isinstance(value, tuple):
        bits, number = value
        return control({16: 5, 32: 6, 64: 9}[bits], bits // 8) + number.to_bytes(bits // 8, "big")
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encode(key) + encode(member) for key, member in value.items())
    return control(11, len(value)) + b"".join(encode(element) for element in value)


def control(kind, size):
    """Type and size; no size here reaches 29."""
    assert size < 29
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])


def write(database_type, networks):
    """The file for networks such as `203.0.113`, each with its value."""
    data, nodes = b"", [[None, None]]
    for network, value in networks.items():
        bits = int.from_bytes(map(int, network.split(".")), "big")
        at = 0
        for bit in range(23, -1, -1):
            side = bits >> bit & 1
            if bit == 0:
                nodes[at][side] = ("data", len(data))
            else:
                if nodes[at][side] is None:
                    nodes.append([None, None])
                    nodes[at][side] = ("node", len(nodes) - 1)
                at = nodes[at][side][1]
        data += encode(value)
    count = len(nodes)
    numbers = [count if record is None else record[1] if record[0] == "node" else count + 16 + record[1]
               for node in nodes for record in node]
    metadata = {"binary_format_major_version": (16, 2), "binary_format_minor_version": (16, 0), "build_epoch": (64, 1),
                "database_type": database_type, "description": {}, "ip_version": (16, 4), "languages": [],
                "node_count": (32, count), "record_size": (16, 32)}
    return (b"".join(struct.pack(">I", number) for number in numbers) + bytes(16) + data
            + b"\xab\xcd\xefMaxMind.com" + encode(metadata))
