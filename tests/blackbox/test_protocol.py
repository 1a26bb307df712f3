"""protocol.py beside this file makes, byte by byte, the worked example of docs/protocol.md."""

import pathlib
import re

import protocol
from keys import Key, digest
from protocol import Head, Peer, Version, field, fixed64_field, hello_slot, node_tag, sign

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
A = Key(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))  # RFC 8032, section 7.1, test 1
B = Key(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))  # and test 2
BOOT_ID = bytes(range(0xB0, 0xC0))


def example(name):
    block = re.search(rf"<!-- example: {name} -->\n```\n(.*?)```", PAGE, re.DOTALL)[1]
    return bytes.fromhex("".join(line.split("#")[0] for line in block.splitlines()))


def head():
    hello = hello_slot("1.0.0", 1_790_000_000_000)
    return Head("home-net", "server-01", 1, 1, BOOT_ID, [hello], roster_hash=bytes.fromhex("5a5b5c5d5e5f6061"),
                config_revision="0123456789ab", wall_ms=1_790_000_000_123)


def test_keys_and_fingerprints():
    assert (A.public, B.public) == (example("public key a"), example("public key b"))
    assert (digest(A.public), B.digest) == (example("fingerprint a"), example("fingerprint b"))


def test_head_slot_and_signature():
    assert head().slots[0].content == example("hello")
    assert head().encode() == example("head")
    assert sign(A, head()).signature == example("signature")
    assert sign(A, head()).is_signed_by(A.public) and not sign(A, head()).is_signed_by(B.public)


def test_exchange_and_box():
    peer = Peer("home-net", "server-01", A, "server-02", B, "http://nowhere")
    peer.boot_id, peer.counter = BOOT_ID, 1
    record = sign(A, head())
    mine = Version(node_tag("server-01"), A.digest[:4], protocol.blake2b_256(record.head)[:4], 1, 1)
    plain = peer.request(records=[record], want=[Version(node_tag("server-02"), B.digest[:4])], mine=mine,
                         f8=fixed64_field(8, 0x0102030405060708), f10=fixed64_field(10, 0x1112131415161718),
                         f11=field(11, 1_790_000_000_200), f17=field(17, bytes.fromhex("5a5b5c5d5e5f6061")),
                         f18=field(18, b"0123456789ab"), f19=field(19, b"1.0.0"))
    assert plain == example("exchange")
    to_b = protocol.box_between(A, B.public)
    assert to_b.shared_key() == example("box key") == protocol.box_between(B, A.public).shared_key()
    body = protocol.envelope(A, B.public, plain, nonce=bytes(range(24)))
    assert body == example("body")
    assert protocol.open_envelope(B, A.public, body) == plain
