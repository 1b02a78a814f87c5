"""Opens and makes an envelope by docs/sync.md, with nothing of Borgerpanel's: PyNaCl and zlib.

Reads lines of JSON. {"open": envelope, "key": secret} is answered with the label and the record;
{"seal": record, "label": ..., "for": [public keys]} with an envelope. Bytes are hex throughout.
"""

import hashlib
import json
import struct
import sys
import zlib

from nacl.public import PrivateKey, PublicKey, SealedBox


def key_id(public):
    return hashlib.sha256(bytes(public)).digest()[:8]


def boxes(envelope):
    """The key ids and the sealed boxes."""
    assert envelope[:5] == b"BPSE\x01", "not version 1"
    count, at = envelope[5], 6
    for _ in range(count):
        name = envelope[at : at + 8]
        (length,) = struct.unpack_from("<I", envelope, at + 8)
        yield name, envelope[at + 12 : at + 12 + length]
        at += 12 + length
    assert at == len(envelope), "something stands behind the last box"


def open_envelope(envelope, secret):
    key = PrivateKey(secret)
    mine = [box for name, box in boxes(envelope) if name == key_id(key.public_key)]
    assert len(mine) == 1, "not sealed for this key"
    content = SealedBox(key).decrypt(mine[0])
    assert len(content) >= 512 and len(content) & (len(content) - 1) == 0, "not padded"
    (length,) = struct.unpack_from("<I", content)
    assert not any(content[4 + length :]), "the padding is not zeros"
    inside = zlib.decompress(content[4 : 4 + length], wbits=-15)
    (label_length,) = struct.unpack_from("<H", inside)
    label = json.loads(inside[2 : 2 + label_length])
    return {"label": label, "record": inside[2 + label_length :].hex()}


def seal(record, label, publics):
    label = json.dumps(label).encode()
    deflate = zlib.compressobj(wbits=-15)
    inside = struct.pack("<H", len(label)) + label + record
    packed = deflate.compress(inside) + deflate.flush()
    size = 512
    while size < len(packed) + 4:
        size *= 2
    content = (struct.pack("<I", len(packed)) + packed).ljust(size, b"\0")
    envelope = b"BPSE\x01" + bytes([len(publics)])
    for public in publics:
        box = SealedBox(PublicKey(public)).encrypt(content)
        envelope += key_id(public) + struct.pack("<I", len(box)) + box
    return {"envelope": envelope.hex()}


for line in sys.stdin:
    asked = json.loads(line)
    if "open" in asked:
        answer = open_envelope(bytes.fromhex(asked["open"]), bytes.fromhex(asked["key"]))
    else:
        publics = [bytes.fromhex(public) for public in asked["for"]]
        answer = seal(bytes.fromhex(asked["seal"]), asked["label"], publics)
    print(json.dumps(answer), flush=True)
