"""A caller who withholds its number (WEC art. 130): nothing that names it leaves the edge."""

from __future__ import annotations

from kiestoon.edge import ksr
from kiestoon.edge.bodies import SDP_TYPE
from kiestoon.edge.cover import Cover, contact_change, contact_user, without_names
from kiestoon.edge.ksr import K

HIDDEN = "h"
"""In the Record-Route parameter: the caller is hidden; its requests within the dialog are covered too."""
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
IDENTITIES = ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID")
_NAMES = (
    *IDENTITIES,
    *("Privacy", "Call-Info", "Reply-To", "Organization", "Referred-By", "Subject", "Identity"),
)
_FORWARDINGS = ("Diversion", "History-Info")


def hide_caller(cover: Cover, call_id: str, own: bool) -> None:
    """Cover the caller in the request at hand.

    `own`: the caller is a customer, so a forwarding it claims would name it; a carrier's names somebody else.
    """
    for name in (*_NAMES, *_FORWARDINGS) if own else _NAMES:
        K.hdr.remove(name)
    tag = ksr.text("$ft")
    K.hdr.remove("From")
    K.hdr.append(f"From: {ANONYMOUS};tag={tag}\r\n")
    _cover_contact(cover, call_id)
    if SDP_TYPE in ksr.text("$cT").lower():
        body = ksr.text("$rb")
        bare = without_names(body)
        if bare != body:
            K.textops.set_body(bare, SDP_TYPE)
    K.textopsx.msg_apply_changes()


def hide_in_reply(cover: Cover, call_id: str) -> None:
    """Cover the caller in its reply to a request of the other side."""
    for name in (*_NAMES, *_FORWARDINGS):
        K.hdr.remove(name)
    _cover_contact(cover, call_id)


def _cover_contact(cover: Cover, call_id: str) -> None:
    contact = ksr.text("$hdr(Contact)")
    user = contact_user(contact)
    if user:
        K.textops.replace_hdrs(*contact_change(contact, cover.cover(user, call_id)))


def uncover_request_uri(cover: Cover, call_id: str) -> None:
    """Give a request towards a hidden caller the user part its device knows."""
    user = cover.uncover(ksr.text("$rU"), call_id)
    if user is not None:
        ksr.sets("$rU", user)
