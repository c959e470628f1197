"""The judge of PIDF-LO documents."""

from __future__ import annotations

import pytest

from tests.sim.location import judge, read_location, schema_validator
from tests.sim.sip.message import Headers, Request

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
  xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
  xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"
  xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="sip:+3238080101@x">
 <dm:device id="line"><gp:geopriv><gp:location-info><ca:civicAddress><ca:country>BE</ca:country>
  <ca:A3>Antwerpen</ca:A3><ca:RD>Meir</ca:RD><ca:HNO>78</ca:HNO><ca:PC>2000</ca:PC></ca:civicAddress>
  </gp:location-info><gp:usage-rules><gbp:retransmission-allowed>true</gbp:retransmission-allowed>
  <gbp:retention-expiry>2026-11-24T12:00:00Z</gbp:retention-expiry></gp:usage-rules><gp:method>Manual</gp:method>
  </gp:geopriv><dm:deviceID>urn:x-line:1</dm:deviceID><dm:note>Anna</dm:note>
  <dm:timestamp>2026-11-24T11:00:00Z</dm:timestamp></dm:device></presence>"""


def invite(document: str, reference: str = "cid:place@x", content_id: str = "place@x") -> Request:
    request = Request(Headers([("Geolocation", f"<{reference}>"), ("Geolocation-Routing", "yes")]))
    request.set_body(
        "multipart/mixed;boundary=b",
        "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
        "--b\r\nContent-Type: application/pidf+xml\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n{document}\r\n--b--\r\n",
    )
    return request


def test_a_good_document() -> None:
    report = read_location(invite(DOCUMENT))
    assert report.violations == []
    assert report.valid
    assert report.civic == {"country": "BE", "A3": "Antwerpen", "RD": "Meir", "HNO": "78", "PC": "2000"}
    assert (report.note, report.state, report.confidence) == ("Anna", "", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ca:country>BE", "<ca:country>be"),
        ("<ca:HNO>78</ca:HNO>", ""),
        ("<ca:PC>2000</ca:PC>", "<ca:PC>2000</ca:PC><ca:HNS>A</ca:HNS>"),
        ("<ca:PC>2000</ca:PC>", "<ca:ZIP>2000</ca:ZIP>"),
        (' entity="sip:+3238080101@x"', ""),
        ("<dm:deviceID>urn:x-line:1</dm:deviceID>", ""),
        (">true</gbp", ">perhaps</gbp"),
        ("2026-11-24T12:00:00Z", "tomorrow"),
        ("</presence>", ""),
        ("gp:usage-rules", "gp:rules"),
    ],
)
def test_a_bad_document(old: str, new: str) -> None:
    assert old in DOCUMENT
    assert judge(DOCUMENT.replace(old, new).encode())


@pytest.mark.skipif(schema_validator() is None, reason="xmllint is not installed")
def test_the_schemas_judge_too() -> None:
    wrong = judge(DOCUMENT.replace("<ca:RD>", "<ca:HNO>1</ca:HNO><ca:RD>").encode())
    assert any(what.startswith("schema:") for what in wrong)


def test_a_reference_that_names_nothing() -> None:
    assert any(
        "names no body part" in what for what in read_location(invite(DOCUMENT, "cid:other@x")).violations
    )


def test_no_location_is_no_violation() -> None:
    report = read_location(Request())
    assert not report.valid
    assert report.violations == []
