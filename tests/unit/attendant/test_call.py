"""Calls at the attendant, message by message, on a clock the test moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiestoon.adapters.speech_fake import FakeSpeech
from kiestoon.attendant import sdp
from kiestoon.attendant.call import ACK_WITHIN, Call
from kiestoon.attendant.clock import Clock
from kiestoon.attendant.messages import Request, Response, encode, parse, tag_of
from kiestoon.attendant.player import Player, Ports
from kiestoon.attendant.prompts import PromptStore, prompt_path
from kiestoon.attendant.render import render_prompts
from kiestoon.attendant.texts import TEXTS
from kiestoon.domain.callflow.script import prompts_used, script_of
from kiestoon.domain.routing.call import Announcement
from kiestoon.domain.routing.instruction import Instruction
from tests.unit.attendant.clockwork import Clockwork

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)
EARLY = Instruction(Announcement("number-unreachable", "nl"), "c-1", "anna", 404, "Not Found")
ASKING = Instruction(Announcement("address-read-back", "fr", early=False), "c-2", "denis")
CONTACT = "sip:anna@demo.test;gr=urn:uuid:e88db43b-cdda;alias=[::1]~40462~5"
FILE = (b"\x55" * 160,) * 20


def request(method: str, cseq: int = 1, to_tag: str = "", body: str = "", **more: str) -> Request:
    lines = [
        f"{method} sip:attendant@127.0.0.1:5070;transport=tcp SIP/2.0",
        f"Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{cseq}.{method}",
        "Via: SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKphone",
        "Record-Route: <sip:127.0.0.1;transport=tcp;r2=on;lr;k=abc>, <sip:127.0.0.1;r2=on;lr;k=abc>",
        "From: <sip:anna@demo.test>;tag=phone",
        "To: <sip:+3238080199@demo.test>" + (f";tag={to_tag}" if to_tag else ""),
        "Call-ID: call@phone",
        f"CSeq: {cseq} {method}",
        f"Contact: <{CONTACT}>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in more.items()),
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body)}")
    message = parse(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    assert isinstance(message, Request)
    return message


class Wire:
    """The connection: what was sent, as the edge would read it."""

    def __init__(self) -> None:
        self.sent: list[Request | Response] = []
        self.lines: list[str] = []

    def send(self, message: Request | Response) -> None:
        data = encode(message)
        self.lines.append(data.partition(b"\r\n")[0].decode())
        self.sent.append(parse(data))

    @property
    def codes(self) -> list[Any]:
        return [one.code if isinstance(one, Response) else one.method for one in self.sent]


class House:
    def __init__(self, state: Path) -> None:
        self.clockwork = Clockwork()
        self.loop: Any = self.clockwork
        self.prompts = PromptStore(state)
        self.results: list[tuple[str, str]] = []
        self.ends: list[str] = []
        self.calls: list[Call] = []

    def result(self, call: Call, kind: str, result: str) -> None:
        self.results.append((kind, result))

    def ended(self, call: Call, how: str) -> None:
        self.ends.append(how)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    render_prompts(tmp_path, FakeSpeech().speak)
    house = House(tmp_path)
    yield house
    for call in house.calls:
        call.hang_up("stopped")


def arrives(house: House, instruction: Instruction, body: str = OFFER, file: Any = FILE) -> tuple[Call, Wire]:
    wire, invite = Wire(), request("INVITE", body=body)
    script = script_of(instruction.announcement.name, has_file=bool(file))
    assert script
    player = Player(Clock(house.loop), Ports("127.0.0.1", range(25400, 25500, 2)), house.loop)
    call = Call(house, wire, invite, instruction, script, file, player)
    house.calls.append(call)
    call.begin(sdp.read(body))
    return call, wire


def acknowledged(house: House, instruction: Instruction = ASKING, **more: Any) -> tuple[Call, Wire]:
    call, wire = arrives(house, instruction, **more)
    call.on_request(wire, request("ACK", to_tag=call.tag))
    return call, wire


def test_an_early_announcement_ends_with_the_code_decided(house: House) -> None:
    _, wire = arrives(house, EARLY)
    assert wire.codes == [183]
    assert "m=audio" in wire.sent[0].body.decode()
    house.clockwork.run(5)
    assert wire.codes == [183, 404]
    assert wire.sent[1].phrase == "Not Found"  # type: ignore[union-attr]
    assert tag_of(wire.sent[0].headers["To"]) == tag_of(wire.sent[1].headers["To"]) != ""
    assert (house.ends, house.results) == (["said"], [])


def test_the_caller_gives_up_during_the_announcement(house: House) -> None:
    call, wire = arrives(house, EARLY)
    house.clockwork.run(0.4)
    call.cancel()
    house.clockwork.run(20)
    assert (wire.codes, house.ends) == ([183, 487], ["cancelled"])


def test_a_bye_to_an_early_dialog_ends_it(house: House) -> None:
    call, wire = arrives(house, EARLY)
    call.on_request(wire, request("BYE", 2, call.tag))
    assert (wire.codes, house.ends) == ([183, 200, 487], ["hung-up"])


@pytest.mark.parametrize(("digit", "result"), [("1", "right"), ("2", "wrong")])
def test_the_answer_is_told_and_the_call_hung_up(house: House, digit: str, result: str) -> None:
    call, wire = acknowledged(house)
    house.clockwork.run(0.5)
    call._player.on_digit("9")
    call._player.on_digit(digit)
    call._player.on_digit("2")
    house.clockwork.run(5)
    assert house.results == [("address-check", result)]
    assert (wire.codes, house.ends) == ([200, "BYE"], ["said"])


def test_who_says_nothing_is_waited_for_and_then_hung_up_on(house: House) -> None:
    _, wire = acknowledged(house)
    house.clockwork.run(8)
    assert wire.codes == [200], "the question is asked; the caller may think"
    house.clockwork.run(10)
    assert (house.results, wire.codes) == ([("address-check", "none")], [200, "BYE"])


def test_without_an_address_nothing_is_asked(house: House) -> None:
    call, wire = acknowledged(house, file=())
    call._player.on_digit("1")
    house.clockwork.run(8)
    assert (house.results, wire.codes) == ([("address-check", "none")], [200, "BYE"])


def test_a_bye_of_ours_goes_along_the_route_set(house: House) -> None:
    call, wire = acknowledged(house)
    call.hang_up("stopped")
    bye = wire.sent[-1]
    assert isinstance(bye, Request)
    assert wire.lines[-1] == f"BYE {CONTACT} SIP/2.0"
    assert bye.headers.getlist("Route") == [
        "<sip:127.0.0.1;transport=tcp;r2=on;lr;k=abc>",
        "<sip:127.0.0.1;r2=on;lr;k=abc>",
    ]
    assert (tag_of(bye.headers["From"]), tag_of(bye.headers["To"])) == (call.tag, "phone")


def test_a_2xx_is_repeated_until_its_ack(house: House) -> None:
    call, wire = arrives(house, ASKING)
    house.clockwork.run(4)  # after 0.5, 1.5, 3.5 s
    assert wire.codes == [200] * 4
    call.on_request(wire, request("ACK", to_tag=call.tag))
    house.clockwork.run(3)
    assert wire.codes == [200] * 4


def test_without_an_ack_the_call_is_ended(house: House) -> None:
    _, wire = arrives(house, ASKING)
    house.clockwork.run(ACK_WITHIN + 5)
    assert wire.codes[-1] == "BYE"
    assert house.ends == ["failed"]


def test_hold_and_resume(house: House) -> None:
    call, wire = acknowledged(house)
    held = OFFER.replace("sendrecv", "sendonly")
    call.on_request(wire, request("INVITE", 2, call.tag, held))
    assert "a=recvonly" in wire.sent[-1].body.decode()
    assert call._player.muted
    call.on_request(wire, request("INVITE", 3, call.tag, OFFER))
    assert wire.codes[-1] == 491, "the one before is not acknowledged"
    call.on_request(wire, request("ACK", 2, call.tag))
    call.on_request(wire, request("INVITE", 4, call.tag, OFFER))
    call.on_request(wire, request("ACK", 4, call.tag))
    assert "a=sendrecv" in wire.sent[-1].body.decode()
    assert not call._player.muted
    versions = [re.search(r"o=- (\d+) (\d+)", one.body.decode()) for one in wire.sent if one.body]
    assert len({found.group(1) for found in versions if found}) == 1
    assert [found.group(2) for found in versions if found] == ["1", "2", "3"]


def test_a_reinvite_before_the_answer_waits(house: House) -> None:
    call, wire = arrives(house, EARLY)
    call.on_request(wire, request("INVITE", 2, call.tag, OFFER))
    assert wire.codes == [183, 491]


def test_an_invite_without_offer_gets_one(house: House) -> None:
    call, wire = arrives(house, ASKING, body="")
    assert "RTP/AVP 8 0 101" in wire.sent[0].body.decode()
    call.on_request(wire, request("ACK", 1, call.tag, OFFER))
    house.clockwork.run(1)
    assert (wire.codes, house.ends) == ([200], [])
    call, wire = arrives(house, ASKING, body="")
    call.on_request(wire, request("ACK", 1, call.tag))
    assert wire.codes == [200, "BYE"], "an ACK without the answer"


@pytest.mark.parametrize(
    ("method", "code"), [("OPTIONS", 200), ("INFO", 405), ("REFER", 405), ("UPDATE", 405)]
)
def test_other_requests_within_the_call(house: House, method: str, code: int) -> None:
    call, wire = acknowledged(house)
    call.on_request(wire, request(method, 2, call.tag))
    assert wire.codes[-1] == code
    assert "BYE" in (wire.sent[-1].headers.get("Allow") or "")


def test_a_request_out_of_order_is_refused(house: House) -> None:
    call, wire = acknowledged(house)
    call.on_request(wire, request("OPTIONS", 5, call.tag))
    call.on_request(wire, request("BYE", 4, call.tag))
    assert wire.codes[-2:] == [200, 500]


def test_every_prompt_there_is_is_used_and_every_used_one_is_there(tmp_path: Path) -> None:
    assert prompts_used() == set(TEXTS)
    speech = FakeSpeech()
    assert render_prompts(tmp_path, speech.speak) == 4 * len(TEXTS)
    assert render_prompts(tmp_path, speech.speak) == 0, "made once"
    prompt_path(tmp_path, "thanks", "de").unlink()
    assert PromptStore(tmp_path).missing == ["de/thanks"]
    assert render_prompts(tmp_path, speech.speak) == 1
    assert PromptStore(tmp_path).missing == []


def test_files_outside_the_prompts_are_not_played(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "x.alaw").write_bytes(b"x" * 500)
    (tmp_path / "prompts" / "address").mkdir(parents=True)
    (tmp_path / "prompts" / "address" / "a.alaw").write_bytes(b"x" * 500)
    store = PromptStore(tmp_path)
    assert len(store.file("prompts/address/a.alaw")) == 4
    for name in ("secrets/x.alaw", "prompts/../secrets/x.alaw", "/etc/hostname", "prompts/address", ""):
        assert store.file(name) == ()
