"""PROCESS edge: the KEMI script, named steps in the order a request meets them.

Kamailio proxies; this decides nothing by itself: it identifies the sender, asks `domain.routing.decide`,
carries the answer out and writes the call journal. It never waits for a network or a database.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kiestoon.belgium.municipalities import at_postcode
from kiestoon.domain.abuse.offences import MALFORMED
from kiestoon.domain.emergency.classify import is_on_site, may_be_on_site
from kiestoon.edge import ksr, paths
from kiestoon.edge.claims import outside_prefix_makes
from kiestoon.edge.dialog import dialog_reply, in_dialog, stray_reply
from kiestoon.edge.identity import authenticate, find_trunk
from kiestoon.edge.invite import Inviter
from kiestoon.edge.ksr import K
from kiestoon.edge.openssl import forget_inherited
from kiestoon.edge.plane import CallPlane
from kiestoon.edge.registration import register
from kiestoon.edge.sockets import WS_PORT, WSS_PORT
from kiestoon.edge.sweep import Sweep


class Edge:
    """The object Kamailio calls; one per process, made before fork, so it opens nothing here."""

    def __init__(self) -> None:
        self.plane = CallPlane(Path(os.environ["KIESTOON_STATE"]))
        self.inviter = Inviter(self.plane)
        self.sweep = Sweep(self.plane)
        at_postcode("")  # read once before the fork, not by each process during its first emergency call

    def child_init(self, rank: int) -> int:
        """In each process, after fork."""
        forget_inherited()
        return 0

    def ksr_request_route(self, msg: Any) -> int:
        """Every SIP request."""
        self.plane.gate.begin()
        try:
            self._request()
        except Exception as error:  # an exception must not leave the script, and a call must get an answer
            ksr.log_failure("request", error)
            ksr.reply(500, "Server Internal Error")
        self.plane.gate.end()
        return 1

    def _request(self) -> None:
        method = ksr.get("$rm")
        if method == "ACK" and K.siputils.has_totag() < 0:
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        dialled = _dialled()
        on_site = method == "INVITE" and (
            is_on_site(dialled) or (may_be_on_site(dialled) and outside_prefix_makes(self.plane, dialled))
        )
        # What belongs to a call is not asked: an emergency call from a banned address must be answered and
        # ended like any other. It is known by its transaction or by our signed Record-Route.
        within = method in ("ACK", "CANCEL") or K.siputils.has_totag() > 0
        if not on_site and not within and self.plane.gate.refuses(method):
            return
        if K.maxfwd.process_maxfwd(70) < 0:
            ksr.reply(483, "Too Many Hops")
            return
        if not on_site and K.sanity.sanity_check(17895, 7) < 0:
            self.plane.gate.offence(MALFORMED)
            return
        K.force_rport()
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
            if self.plane.gate.stranger("", exists=True):
                ksr.reply(200, "OK")
        else:
            self._other(method)

    def _other(self, method: str) -> None:
        """Requests outside a dialog we don't offer yet: MESSAGE, SUBSCRIBE, PUBLISH..."""
        if find_trunk(self.plane) is None and authenticate(self.plane) is None:
            return
        ksr.reply(405, "Method Not Allowed")

    def ksr_unreadable(self, msg: Any) -> int:
        """Something came in that is no SIP message; it got no further than the parser."""
        return _guarded("unreadable", self.plane.gate.unreadable)

    def ksr_sweep(self, msg: Any, event: str) -> int:
        """Twice a second, in a process of its own."""
        return _guarded("sweep", self.sweep.tick)

    def ksr_branch(self, msg: Any) -> int:
        return _guarded("branch", self.inviter.branch)

    def ksr_reply(self, msg: Any) -> int:
        return _guarded("reply", self.inviter.reply)

    def ksr_failure(self, msg: Any) -> int:
        return _guarded("failure", self.inviter.failure)

    def ksr_dialog_reply(self, msg: Any) -> int:
        return _guarded("reply", lambda: dialog_reply(self.plane))

    def ksr_stray_reply(self, msg: Any, event: str) -> int:
        return _guarded("reply", lambda: stray_reply(self.plane))

    def ksr_uac_event(self, msg: Any, event: str) -> int:
        """A path to an emergency centre has answered OPTIONS, or has not."""
        return _guarded("path", paths.answered)

    def ksr_xhttp_event(self, msg: Any, event: str) -> int:
        """A WebSocket handshake (RFC 7118) on the WS and WSS ports; nothing else is served here."""
        upgrade = ksr.text("$hdr(Upgrade)").lower()
        if upgrade == "websocket" and ksr.get("$Rp") in (WS_PORT, WSS_PORT):
            K.websocket.handle_handshake()
        else:
            K.xhttp.xhttp_reply(404, "Not Found", "", "")
        return 1

    def ksr_websocket_event(self, msg: Any, event: str) -> int:
        return 1


def _guarded(step: str, work: Callable[[], int | None]) -> int:
    """An exception must not leave the script: the message goes on as far as it was prepared."""
    try:
        work()
    except Exception as error:
        ksr.log_failure(step, error)
    return 1


def _dialled() -> str:
    """What was asked for: the user part, or the whole Request-URI when it is a URN or tel URI.

    Of a URI without user part the host: sip:112 is how some phones write it.
    """
    uri = ksr.text("$ru")
    lowered = uri[:4].lower()
    if lowered == "urn:":
        return unquote(uri)
    if lowered == "tel:":
        return unquote(uri[4:].partition(";")[0])
    return unquote(ksr.text("$rU") or ksr.text("$rd"))  # #31# comes as %2331%23


def mod_init() -> Edge:
    return Edge()
