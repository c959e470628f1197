"""PROCESS edge: the KEMI script, named steps in the order a request meets them.

Kamailio proxies; this decides nothing by itself: it identifies the sender, asks `domain.routing.decide`,
carries the answer out and writes the call journal. It never waits for a network or a database.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kiestoon.domain.emergency.classify import classify
from kiestoon.edge import ksr
from kiestoon.edge.dialog import dialog_reply, in_dialog, stray_reply
from kiestoon.edge.gate import banned, flooding, note_security
from kiestoon.edge.identity import authenticate, find_trunk
from kiestoon.edge.invite import Inviter
from kiestoon.edge.ksr import K
from kiestoon.edge.plane import CallPlane
from kiestoon.edge.registration import register


class Edge:
    """The object Kamailio calls; one per process, made before fork, so it opens nothing here."""

    def __init__(self) -> None:
        self.plane = CallPlane(Path(os.environ["KIESTOON_STATE"]))
        self.inviter = Inviter(self.plane)

    def child_init(self, rank: int) -> int:
        return 0

    def ksr_request_route(self, msg: Any) -> int:
        """Every SIP request."""
        try:
            self._request()
        except Exception as error:  # an exception must not leave the script, and a call must get an answer
            ksr.log_error(f"request failed: {type(error).__name__} {error}")
            ksr.reply(500, "Server Internal Error")
        return 1

    def _request(self) -> None:
        method = ksr.get("$rm")
        if method == "ACK" and K.siputils.has_totag() < 0:
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        dialled = _dialled()
        service = classify(dialled) if method == "INVITE" else None
        on_site = service is not None and service.emergency_class == "on-site"
        # What belongs to a call is not asked: an emergency call from a banned address must be answered and
        # ended like any other. It is known by its transaction or by our signed Record-Route.
        within = method in ("ACK", "CANCEL") or K.siputils.has_totag() > 0
        if not on_site and not within and (banned() or flooding(self.plane)):
            return
        if K.maxfwd.process_maxfwd(70) < 0:
            ksr.reply(483, "Too Many Hops")
            return
        if not on_site and K.sanity.sanity_check(17895, 7) < 0:
            note_security(self.plane, "malformed")
            return
        _nat(method)
        if method == "CANCEL":
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        if method != "ACK" and K.tmx.t_precheck_trans() > 0:
            K.tm.t_check_trans()  # a retransmission
            return
        if K.siputils.has_totag() > 0:
            in_dialog(self.plane, method)
            return
        if method == "INVITE":
            self.inviter.invite(dialled, on_site)
        elif method == "REGISTER":
            register(self.plane)
        elif method == "OPTIONS":
            ksr.reply(200, "OK")
        else:
            self._other(method)

    def _other(self, method: str) -> None:
        """Requests outside a dialog we don't offer yet: MESSAGE, SUBSCRIBE, PUBLISH..."""
        if find_trunk(self.plane) is None and authenticate(self.plane) is None:
            return
        ksr.reply(405, "Method Not Allowed")

    def ksr_branch(self, msg: Any) -> int:
        return self.inviter.branch()

    def ksr_reply(self, msg: Any) -> int:
        return self.inviter.reply()

    def ksr_failure(self, msg: Any) -> int:
        return self.inviter.failure()

    def ksr_dialog_reply(self, msg: Any) -> int:
        return dialog_reply(self.plane)

    def ksr_stray_reply(self, msg: Any, event: str) -> int:
        try:
            return stray_reply(self.plane)
        except Exception as error:
            ksr.log_error(f"reply failed: {type(error).__name__} {error}")
            return 1

    def ksr_xhttp_event(self, msg: Any, event: str) -> int:
        """A WebSocket handshake (RFC 7118) on the WS and WSS ports; nothing else is served here."""
        upgrade = ksr.text("$hdr(Upgrade)").lower()
        if upgrade == "websocket" and ksr.get("$Rp") in (8080, 8443):
            K.websocket.handle_handshake()
        else:
            K.xhttp.xhttp_reply(404, "Not Found", "", "")
        return 1

    def ksr_websocket_event(self, msg: Any, event: str) -> int:
        return 1


def _dialled() -> str:
    """What was asked for: the user part, or the whole Request-URI when it is a URN or tel URI."""
    uri = ksr.text("$ru")
    lowered = uri[:4].lower()
    if lowered == "urn:":
        return uri
    if lowered == "tel:":
        return uri[4:].partition(";")[0]
    return ksr.text("$rU")


def _nat(method: str) -> None:
    """Symmetric signalling: answer to where it came from, keep contacts reachable behind NAT."""
    K.force_rport()
    if ksr.get("$proto") in ("ws", "wss") or K.nathelper.nat_uac_test(64 + 16 + 2 + 1) > 0:
        if method == "REGISTER":
            K.nathelper.fix_nated_register()
        elif K.siputils.is_first_hop() > 0:
            K.nathelper.set_contact_alias()


def mod_init() -> Edge:
    return Edge()
