# SPDX-License-Identifier: Apache-2.0
"""Changes what time the signer of a CMS signature gives, and has the key sign that anew.

    claim-time.py SIGNATURE YYMMDDhhmmssZ KEY.pem
"""
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


def child(data, element, number):
    return list(parts(data, element[2], element[3]))[number]


path, time, key = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
data = bytearray(open(path, "rb").read())
whole = next(parts(data, 0, len(data)))
signed = child(data, child(data, whole, 1), 0)
signer = child(data, child(data, signed, -1), 0)
fields = list(parts(data, signer[2], signer[3]))
attributes = next(field for field in fields if field[0] == 0xA0)
name = bytes.fromhex("06092a864886f70d010905")
# Behind the name a SET, in it a UTCTime.
at = data.index(name, attributes[1]) + len(name) + 4
assert len(time) == 13 and data[at - 2:at] == b"\x17\x0d"
data[at:at + 13] = time
value = subprocess.run(
    ["openssl", "dgst", "-sha256", "-sign", key],
    input=b"\x31" + bytes(data[attributes[1] + 1:attributes[3]]), stdout=subprocess.PIPE, check=True).stdout
signature = [field for field in fields if field[0] == 0x04][-1]
assert signature[3] - signature[2] == len(value)
data[signature[2]:signature[3]] = value
open(path, "wb").write(data)
