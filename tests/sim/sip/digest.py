"""Digest authentication (RFC 2617 with qop=auth, MD5), the answering side."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass


@dataclass
class Credentials:
    """A user's name and password, and how often each nonce was used."""

    username: str
    password: str
    uses: int = 0
    nonce: str = ""

    def answer(self, challenge: str, method: str, uri: str) -> str:
        """The value of Authorization or Proxy-Authorization for this challenge."""
        asked = parse_challenge(challenge)
        nonce, realm = asked.get("nonce", ""), asked.get("realm", "")
        self.uses = self.uses + 1 if nonce == self.nonce else 1
        self.nonce = nonce
        qop = "auth" if "auth" in asked.get("qop", "").replace(",", " ").split() else ""
        count, cnonce = f"{self.uses:08x}", secrets.token_hex(8)
        proof = digest_response(
            self.username, realm, self.password, method, uri, nonce, qop=qop, nc=count, cnonce=cnonce
        )
        fields = [
            f'username="{self.username}"',
            f'realm="{realm}"',
            f'nonce="{nonce}"',
            f'uri="{uri}"',
            f'response="{proof}"',
            "algorithm=MD5",
        ]
        if qop:
            fields += [f"qop={qop}", f"nc={count}", f'cnonce="{cnonce}"']
        if "opaque" in asked:
            fields.append(f'opaque="{asked["opaque"]}"')
        return "Digest " + ", ".join(fields)


def parse_challenge(text: str) -> dict[str, str]:
    """The parameters of a WWW-Authenticate or Proxy-Authenticate value."""
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    found, at = {}, 0
    while at < len(rest):
        equals = rest.find("=", at)
        if equals < 0:
            break
        name = rest[at:equals].strip(" ,\t").lower()
        at = equals + 1
        if rest[at : at + 1] == '"':
            end = rest.find('"', at + 1)
            found[name] = rest[at + 1 : end]
            at = end + 1 if end > 0 else len(rest)
        else:
            end = rest.find(",", at)
            end = len(rest) if end < 0 else end
            found[name] = rest[at:end].strip()
            at = end + 1
    return found


def digest_response(
    username: str,
    realm: str,
    password: str,
    method: str,
    uri: str,
    nonce: str,
    *,
    qop: str = "",
    nc: str = "",
    cnonce: str = "",
) -> str:
    """The request-digest of RFC 2617 section 3.2.2.1."""
    ha1 = _md5(f"{username}:{realm}:{password}")
    ha2 = _md5(f"{method}:{uri}")
    if qop:
        return _md5(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}")
    return _md5(f"{ha1}:{nonce}:{ha2}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
