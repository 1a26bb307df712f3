"""Ed25519 keys as PEM files, written by hand so that nothing of meshmon is needed to make them."""

import base64
import hashlib

import nacl.signing

PRIVATE_PREFIX = bytes.fromhex("302e020100300506032b657004220420")  # PKCS#8 around a seed of 32 bytes
PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")           # SubjectPublicKeyInfo around a key of 32 bytes


def pem(label, der):
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"


class Key:
    """A key pair."""

    def __init__(self, seed=None):
        self.signing = nacl.signing.SigningKey(seed) if seed else nacl.signing.SigningKey.generate()

    @property
    def public(self):
        return bytes(self.signing.verify_key)

    @property
    def private_pem(self):
        return pem("PRIVATE KEY", PRIVATE_PREFIX + bytes(self.signing))

    @property
    def public_pem(self):
        return public_pem(self.public)

    @property
    def digest(self):
        return digest(self.public)


def public_pem(public):
    return pem("PUBLIC KEY", PUBLIC_PREFIX + public)


def digest(public):
    """SHA-256 over the SubjectPublicKeyInfo: what fingerprints and key tags are taken from."""
    return hashlib.sha256(PUBLIC_PREFIX + public).digest()


def fingerprint(public):
    return "SHA256:" + base64.b64encode(digest(public)).decode().rstrip("=")
