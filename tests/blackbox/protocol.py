"""The protocol of the mesh, written anew from docs/protocol.md: with it a test can act as a peer, or as a liar.

Nothing is shared with the C++ code, so that both and the page must agree.
"""

import dataclasses
import hashlib
import os
import struct
import time

import nacl.exceptions
import nacl.public
import nacl.signing
import requests

from keys import digest
from loopback import Handler, HttpServer

VERSION = 1
REQUEST, ANSWER = 1, 2
HELLO, PEERS, REACH, RTT, ANSWERS = 1, 2, 3, 4, 5
HEALTHY, UNHEALTHY, ISOLATED, LEAVING = 1, 2, 3, 4
OK, FAILED = 1, 2                      # out states of a reach entry
HEARD, SILENT = 1, 2                   # in states
REASON_TIMEOUT = 3
HEAD_DOMAIN = b"meshmon head v1\0"
SOFTWARE = b"0.0.0-test"


def blake2b_256(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def node_tag(node_id):
    return blake2b_256(node_id.encode())[:6]


def random_u64():
    return struct.unpack(">Q", os.urandom(8))[0]


# ---- Protocol Buffers, as much as is needed -----------------------------------------------------------------------------


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def take_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return value, at


def field(number, value):
    """A field that proto3 leaves out where it is zero or empty."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    return varint(number << 3 | 2) + varint(len(value)) + value if value else b""


def bytes_field(number, value):
    """A field of bytes that is there even if empty: an element of a repeated one."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def fixed64_field(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def fixed32_field(number, value):
    return varint(number << 3 | 5) + struct.pack("<I", value) if value else b""


def parse(data):
    """Fields by number, each a list in the order of the message."""
    fields, at = {}, 0
    while at < len(data):
        key, at = take_varint(data, at)
        if key & 7 == 0:
            value, at = take_varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<Q", data, at)[0], at + 8
        elif key & 7 == 2:
            length, at = take_varint(data, at)
            value, at = data[at:at + length], at + length
        elif key & 7 == 5:
            value, at = struct.unpack_from("<I", data, at)[0], at + 4
        else:
            raise ValueError(f"wire type {key & 7}")
        fields.setdefault(key >> 3, []).append(value)
    return fields


# ---- values -------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Version:
    """Which state of an owner's record. Epoch 0: nothing held."""
    tag: bytes
    key_tag: bytes
    head_hash: bytes = bytes(4)
    epoch: int = 0
    seq: int = 0

    def pack(self):
        return self.tag + self.key_tag + self.head_hash + varint(self.epoch) + varint(self.seq)

    @classmethod
    def unpack_all(cls, data):
        versions, at = [], 0
        while at < len(data):
            epoch, end = take_varint(data, at + 14)
            seq, end = take_varint(data, end)
            versions.append(cls(data[at:at + 6], data[at + 6:at + 10], data[at + 10:at + 14], epoch, seq))
            at = end
        return versions


@dataclasses.dataclass
class Slot:
    kind: int
    content: bytes
    page: int = 0
    changed_seq: int = 1
    hash: bytes = None
    length: int = None

    def ref(self):
        length = len(self.content) if self.length is None else self.length
        return (field(1, self.kind) + field(2, self.page) + field(3, length) +
                field(4, self.hash or blake2b_256(self.content)) + field(5, self.changed_seq))


def hello_slot(version=SOFTWARE.decode(), started_ms=None, **more):
    return Slot(HELLO, field(1, version.encode()) + field(3, started_ms or now_ms()), **more)


def peers_slot(node_ids, **more):
    return Slot(PEERS, field(1, b"".join(sorted(map(node_tag, node_ids)))), **more)


def reach_slot(entries, **more):
    """`entries`: (node_id, out, in, reason)."""
    packed = sorted(node_tag(node_id) + bytes([out | into << 2, reason]) + int(time.time()).to_bytes(5, "big")
                    for node_id, out, into, reason in entries)
    return Slot(REACH, field(1, b"".join(packed)), **more)


@dataclasses.dataclass
class Head:
    network: str
    owner: str
    epoch: int
    seq: int
    boot_id: bytes
    slots: list
    health: int = HEALTHY
    roster_hash: bytes = bytes(8)
    config_revision: str = "test"
    wall_ms: int = None

    def encode(self):
        return (field(1, self.network.encode()) + field(2, self.owner.encode()) + field(3, self.epoch) + field(4, self.seq) +
                field(5, self.boot_id) + field(6, self.wall_ms or now_ms()) + field(7, self.roster_hash) +
                field(8, self.config_revision.encode()) + field(9, self.health) +
                b"".join(bytes_field(10, slot.ref()) for slot in self.slots))


@dataclasses.dataclass
class Record:
    """A head as signed, with slots: what travels."""
    head: bytes
    signature: bytes
    slots: list
    key_tag: bytes = bytes(4)  # of the key that signed it; zeros: not said

    def encode(self):
        return (field(1, self.head) + field(2, self.signature) + b"".join(bytes_field(3, slot) for slot in self.slots) +
                fixed32_field(4, int.from_bytes(self.key_tag, "big")))

    @classmethod
    def decode(cls, data):
        fields = parse(data)
        return cls(fields[1][0], fields[2][0], fields.get(3, []), fields.get(4, [0])[0].to_bytes(4, "big"))

    @property
    def owner(self):
        return parse(self.head)[2][0].decode()

    @property
    def version(self):
        fields = parse(self.head)
        return fields[3][0], fields[4][0]

    def is_signed_by(self, public):
        try:
            nacl.signing.VerifyKey(public).verify(HEAD_DOMAIN + self.head, self.signature)
            return True
        except nacl.exceptions.BadSignatureError:
            return False

    def slots_fit(self):
        """Whether each slot that came is listed in the head, by hash and length."""
        listed = {(parse(ref)[4][0], parse(ref).get(3, [0])[0]) for ref in parse(self.head).get(10, [])}
        return all((blake2b_256(slot), len(slot)) in listed for slot in self.slots)


def sign(key, head):
    """The record of a Head, or of bytes that take the place of one."""
    data = head if isinstance(head, bytes) else head.encode()
    slots = [] if isinstance(head, bytes) else [slot.content for slot in head.slots]
    return Record(data, key.signing.sign(HEAD_DOMAIN + data).signature, slots)


def now_ms():
    return int(time.time() * 1000)


# ---- the box ------------------------------------------------------------------------------------------------------------


def box_between(key, public):
    return nacl.public.Box(key.signing.to_curve25519_private_key(), nacl.signing.VerifyKey(public).to_curve25519_public_key())


def envelope(key, public, plain, nonce=None):
    nonce = nonce or os.urandom(24)
    return bytes([VERSION]) + key.digest[:8] + nonce + box_between(key, public).encrypt(plain, nonce).ciphertext


def open_envelope(key, public, body):
    assert body[0] == VERSION
    assert body[1:9] == digest(public)[:8], "the answer names another key"
    return box_between(key, public).decrypt(body[33:], body[9:33])


@dataclasses.dataclass
class Answer:
    """What came back: of a refusal the status and its name alone."""
    status: int
    code: str = None
    body: bytes = b""
    fields: dict = dataclasses.field(default_factory=dict)

    def one(self, number, default=None):
        return self.fields.get(number, [default])[0]

    @property
    def accepted(self):
        return bool(self.one(20, 0))

    @property
    def records(self):
        return [Record.decode(record) for record in self.fields.get(16, [])]

    @property
    def challenge_only(self):
        """Whether it says no more than the answerer's version and a challenge."""
        return 9 in self.fields and not {14, 15, 16} & set(self.fields)

    @property
    def held_of_mine(self):
        held = Version.unpack_all(self.one(14, b""))
        return held[0] if held else None

    @property
    def version(self):
        mine = Version.unpack_all(self.one(13, b""))
        return mine[0] if mine else None


class Peer:
    """A member of the network that speaks to one node, or pretends to."""

    def __init__(self, network, node_id, key, target, target_key, url):
        self.network = network
        self.node_id = node_id
        self.key = key
        self.target = target
        self.target_key = target_key
        self.url = f"{url}/mesh/v1/{network}"
        self.boot_id = os.urandom(16)
        self.counter = 0
        self.challenge = None
        self.epoch = 1
        self.seq = 0
        self.session = requests.Session()
        self.session.trust_env = False

    def head(self, **changes):
        """A new head of our own; what a test does not change is in order."""
        self.seq += 1
        values = {"network": self.network, "owner": self.node_id, "epoch": self.epoch, "seq": self.seq, "boot_id": self.boot_id,
                  "slots": [hello_slot(changed_seq=self.seq), peers_slot([self.target], changed_seq=self.seq)]}
        return Head(**{**values, **changes})

    def version_of(self, record):
        epoch, seq = record.version
        return Version(node_tag(self.node_id), self.key.digest[:4], blake2b_256(record.head)[:4], epoch, seq)

    def request(self, records=(), want=(), held=None, mine=None, **changes):
        """The bytes inside the box. `changes`: fields by number that take the place of the usual ones."""
        self.counter += 1
        self.nonce = random_u64()
        fields = {1: field(1, VERSION), 2: field(2, REQUEST), 3: field(3, self.network.encode()),
                  4: field(4, self.node_id.encode()), 5: field(5, self.target.encode()), 6: field(6, self.boot_id),
                  7: field(7, self.counter), 8: fixed64_field(8, self.nonce)}
        if self.challenge is not None:
            fields[10] = fixed64_field(10, self.challenge)
            self.challenge = None
        fields[11] = field(11, now_ms())
        if mine:
            fields[13] = field(13, mine.pack())
        if held:
            fields[14] = field(14, held.pack())
        fields[15] = field(15, b"".join(version.pack() for version in want))
        fields[16] = b"".join(bytes_field(16, record.encode()) for record in records)
        fields[17] = field(17, bytes(8))
        fields[18] = field(18, b"test")
        fields[19] = field(19, SOFTWARE)
        fields.update({int(name[1:]): value for name, value in changes.items()})
        return b"".join(fields[number] for number in sorted(fields))

    def seal(self, plain):
        return envelope(self.key, self.target_key.public, plain)

    def post(self, body, timeout=5):
        """Sends a body as it is."""
        response = self.session.post(self.url, data=body, timeout=timeout, headers={"Content-Type": "application/octet-stream"})
        if response.status_code != 200:
            return Answer(response.status_code, response.json()["error"]["code"], response.content)
        fields = parse(open_envelope(self.key, self.target_key.public, response.content))
        return Answer(200, None, response.content, fields)

    def send(self, **options):
        """One request; a challenge in its answer is kept for the next."""
        answer = self.post(self.seal(self.request(**options)))
        if answer.status == 200:
            assert answer.one(2) == ANSWER and answer.one(8) == self.nonce
            assert (answer.one(4), answer.one(5)) == (self.target.encode(), self.node_id.encode())
            self.challenge = answer.one(9)
        return answer

    def exchange(self, **options):
        """A request that is taken in: where the node first asks for its challenge, it gets it."""
        answer = self.send(**options)
        if answer.status == 200 and not answer.accepted:
            answer = self.send(**options)
        assert answer.status == 200 and answer.accepted, answer
        return answer


# ---- a proxy that writes down ---------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Recorded:
    body: bytes
    status: int
    answer: bytes


class RecordingProxy(HttpServer):
    """Stands before a node and keeps every exchange that passes; `alter` may change a request's body on its way."""

    def __init__(self, target):
        self.recorded = []
        self.alter = lambda body: body

        class Proxy(Handler):
            def do_POST(self):
                body = self.server.alter(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    with requests.Session() as session:
                        session.trust_env = False
                        response = session.post(target + self.path, data=body, timeout=5)
                    status, content = response.status_code, response.content
                except requests.RequestException:
                    status, content = 502, b""
                self.server.recorded.append(Recorded(body, status, content))
                self.answer(status, content)

        super().__init__(Proxy)
