# SPDX-License-Identifier: Apache-2.0
"""Changes a CMS signature by one signer (RFC 5652), in DER, in ways that no program offers.

    cms.py claim-time SIGNATURE YYMMDDhhmmssZ KEY.pem
        what time the signer gives; the key signs that anew
    cms.py add SIGNATURE OID VALUE
        an attribute that is not signed: its OID in hexadecimal, the file with its value
    cms.py value SIGNATURE
        the value of the signature, to stdout
    cms.py signer SIGNATURE
        the SignerInfo, to stdout
    cms.py signer-with-attributes SIGNATURE DOCUMENT KEY.pem [NAME=VALUE]
        the SignerInfo of a signature without attributes, with some that the key signs: a hash and a
        time, and one more, both in hexadecimal
"""
import hashlib
import subprocess
import sys


def parts(data, start, end):
    """The elements of DER: tag, start, start and end of the content."""
    while start < end:
        at = start + 2
        size = data[start + 1]
        if size >= 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at:at + count], "big")
            at += count
        yield data[start], start, at, at + size
        start = at + size


def children(data, element):
    return list(parts(data, element[2], element[3]))


def encoded(tag, *contents):
    content = b"".join(contents)
    size = len(content)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits) + content


def path_to_signer(data):
    """The elements from the whole message to the first SignerInfo, each within the one before."""
    path = [next(parts(data, 0, len(data)))]
    for number in (1, 0, -1, 0):
        path.append(children(data, path[-1])[number])
    return path


def signed(content, key):
    return subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key], input=content, stdout=subprocess.PIPE, check=True).stdout


def claim_time(path, time, key):
    data = bytearray(open(path, "rb").read())
    fields = children(data, path_to_signer(data)[-1])
    attributes = next(field for field in fields if field[0] == 0xA0)
    name = bytes.fromhex("06092a864886f70d010905")
    # Behind the name a SET, in it a UTCTime.
    at = data.index(name, attributes[1]) + len(name) + 4
    assert len(time) == 13 and data[at - 2:at] == b"\x17\x0d"
    data[at:at + 13] = time.encode()
    value = signed(b"\x31" + bytes(data[attributes[1] + 1:attributes[3]]), key)
    signature = [field for field in fields if field[0] == 0x04][-1]
    assert signature[3] - signature[2] == len(value)
    data[signature[2]:signature[3]] = value
    open(path, "wb").write(data)


def add(path, oid, value):
    data = open(path, "rb").read()
    elements = path_to_signer(data)
    attribute = encoded(0x30, encoded(0x06, bytes.fromhex(oid)), encoded(0x31, open(value, "rb").read()))
    fields = children(data, elements[-1])
    if fields[-1][0] == 0xA1:
        changed = data[elements[-1][2]:fields[-1][1]] + encoded(0xA1, data[fields[-1][2]:fields[-1][3]], attribute)
    else:
        changed = data[elements[-1][2]:elements[-1][3]] + encoded(0xA1, attribute)
    # Whatever is around it has become longer.
    for outer, inner in zip(elements[-2::-1], elements[:0:-1]):
        changed = data[outer[2]:inner[1]] + encoded(inner[0], changed) + data[inner[3]:outer[3]]
    open(path, "wb").write(encoded(elements[0][0], changed))


def value(path):
    data = open(path, "rb").read()
    signature = [field for field in children(data, path_to_signer(data)[-1]) if field[0] == 0x04][-1]
    sys.stdout.buffer.write(data[signature[2]:signature[3]])


def signer(path):
    data = open(path, "rb").read()
    element = path_to_signer(data)[-1]
    sys.stdout.buffer.write(data[element[1]:element[3]])


def signer_with_attributes(path, document, key, more=None):
    data = open(path, "rb").read()
    version, name, hash_algorithm, algorithm, _ = children(data, path_to_signer(data)[-1])
    values = {
        "2a864886f70d010904": encoded(0x04, hashlib.sha256(open(document, "rb").read()).digest()),
        "2a864886f70d010905": encoded(0x17, b"260102030405Z"),
    }
    if more:
        values[more.split("=")[0]] = bytes.fromhex(more.split("=")[1])
    attributes = b"".join(sorted(
        encoded(0x30, encoded(0x06, bytes.fromhex(oid)), encoded(0x31, content)) for oid, content in values.items()))
    sys.stdout.buffer.write(encoded(
        0x30, data[version[1]:hash_algorithm[3]], encoded(0xA0, attributes), data[algorithm[1]:algorithm[3]],
        encoded(0x04, signed(encoded(0x31, attributes), key))))


commands = {
    "claim-time": claim_time, "add": add, "value": value, "signer": signer,
    "signer-with-attributes": signer_with_attributes,
}
commands[sys.argv[1]](*sys.argv[2:])
