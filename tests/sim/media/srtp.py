"""SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711) and its keys in SDP (RFC 4568)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

SUITE = "AES_CM_128_HMAC_SHA1_80"
TAG = 10


def new_key() -> bytes:
    """A master key of 16 bytes and a salt of 14."""
    return os.urandom(30)


def crypto_attribute(key: bytes, tag: int = 1) -> str:
    """The value of a=crypto."""
    return f"{tag} {SUITE} inline:{base64.b64encode(key).decode()}"


def key_of(values: list[str]) -> tuple[int, bytes] | None:
    """(tag, master key and salt) of the first a=crypto value with our suite."""
    for value in values:
        fields = value.split()
        if len(fields) >= 3 and fields[1] == SUITE and fields[2].startswith("inline:"):
            key = base64.b64decode(fields[2].removeprefix("inline:").partition("|")[0])
            if len(key) == 30:
                return int(fields[0]), key
    return None


def keystream(key: bytes, iv: int, length: int) -> bytes:
    """AES in counter mode from this initial counter block."""
    encryptor = Cipher(AES(key), CTR(iv.to_bytes(16, "big"))).encryptor()
    return encryptor.update(bytes(length)) + encryptor.finalize()


def derive(master: bytes, label: int, length: int) -> bytes:
    """A session key (RFC 3711 section 4.3.1, key derivation rate 0)."""
    key, salt = master[:16], int.from_bytes(master[16:30], "big")
    return keystream(key, (salt ^ label << 48) << 16, length)


class Srtp:
    """One direction: protects what we send, or opens what we receive."""

    def __init__(self, master: bytes) -> None:
        self._key, self._auth = derive(master, 0, 16), derive(master, 1, 20)
        self._salt = int.from_bytes(derive(master, 2, 14), "big")
        self._rtcp_key, self._rtcp_auth = derive(master, 3, 16), derive(master, 4, 20)
        self._rtcp_salt = int.from_bytes(derive(master, 5, 14), "big")
        self._highest: dict[int, int] = {}
        self._rtcp_index = 0

    def protect(self, packet: bytes) -> bytes:
        index = self._index(packet)
        sealed = packet[:12] + self._crypt(packet, index, 12)
        return sealed + self._tag(self._auth, sealed, index >> 16)

    def unprotect(self, packet: bytes) -> bytes | None:
        """None when the authentication tag is wrong."""
        sealed, tag = packet[:-TAG], packet[-TAG:]
        if len(sealed) < 12:
            return None
        index = self._index(packet, remember=False)
        if not hmac.compare_digest(tag, self._tag(self._auth, sealed, index >> 16)):
            return None
        self._index(packet)
        start = 12 + 4 * (packet[0] & 0x0F)
        return sealed[:start] + self._crypt(sealed, index, start)

    def protect_rtcp(self, packet: bytes) -> bytes:
        self._rtcp_index += 1
        trailer = struct.pack("!I", 0x80000000 | self._rtcp_index)
        sealed = packet[:8] + self._crypt_rtcp(packet, self._rtcp_index) + trailer
        return sealed + hmac.new(self._rtcp_auth, sealed, hashlib.sha1).digest()[:TAG]

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        if len(packet) < 8 + 4 + TAG:
            return None
        sealed, tag = packet[:-TAG], packet[-TAG:]
        if not hmac.compare_digest(tag, hmac.new(self._rtcp_auth, sealed, hashlib.sha1).digest()[:TAG]):
            return None
        word = struct.unpack("!I", sealed[-4:])[0]
        if not word & 0x80000000:
            return sealed[:-4]
        return sealed[:8] + self._crypt_rtcp(sealed[:-4], word & 0x7FFFFFFF)

    def _index(self, packet: bytes, *, remember: bool = True) -> int:
        """The 48-bit packet index, guessed from the highest so far (RFC 3711 appendix A)."""
        sequence: int = struct.unpack_from("!H", packet, 2)[0]
        ssrc: int = struct.unpack_from("!I", packet, 8)[0]
        highest = self._highest.get(ssrc, sequence)
        roll = highest >> 16
        if sequence - (highest & 0xFFFF) > 0x8000 and roll:
            roll -= 1
        elif (highest & 0xFFFF) - sequence > 0x8000:
            roll += 1
        index = roll << 16 | sequence
        if remember:
            self._highest[ssrc] = max(highest, index)
        return index

    def _crypt(self, packet: bytes, index: int, start: int) -> bytes:
        ssrc = struct.unpack_from("!I", packet, 8)[0]
        iv = self._salt << 16 ^ ssrc << 64 ^ index << 16
        return _xor(packet[start:], keystream(self._key, iv, len(packet) - start))

    def _crypt_rtcp(self, packet: bytes, index: int) -> bytes:
        ssrc = struct.unpack_from("!I", packet, 4)[0]
        iv = self._rtcp_salt << 16 ^ ssrc << 64 ^ index << 16
        return _xor(packet[8:], keystream(self._rtcp_key, iv, len(packet) - 8))

    @staticmethod
    def _tag(key: bytes, sealed: bytes, roll: int) -> bytes:
        return hmac.new(key, sealed + struct.pack("!I", roll), hashlib.sha1).digest()[:TAG]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")
