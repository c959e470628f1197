"""What rtpengine says at the end of a call."""

from __future__ import annotations

from kiestoon.adapters.rtpengine import Quality, quality


def source(ssrc: int, lost: int, mos: int, jitter: int) -> bytes:
    """One entry of SSRC as rtpengine 10.5 writes it."""
    value = b"d3:MOSi%de15:round-trip timei1032e19:round-trip time legi441e6:jitteri%de11:packet lossi4e" % (
        mos,
        jitter,
    )
    return (
        b"10:%dd15:cumulative lossi%de11:average MOS" % (ssrc, lost)
        + value
        + b"7:samplesi4ee10:lowest MOS"
        + value
        + b"11:reported ati1795510458eee"
    )


def stream(ssrc: int, packets: int) -> bytes:
    return b"4:SSRCi%de5:statsd7:packetsi%de5:bytesi100e6:errorsi0ee" % (ssrc, packets)


def answer(*sources: bytes, streams: bytes = b"", total: int = 0) -> bytes:
    body = b"d7:createdi1e4:SSRCd" + b"".join(sources) + b"e4:tags" + streams
    return body + b"6:totalsd3:RTPd7:packetsi%de5:bytesi1e6:errorsi0eee6:result2:oke" % total


def test_the_worse_direction_counts() -> None:
    streams = stream(1000000001, 970) + stream(1000000001, 25) + stream(1000000002, 1000)
    found = quality(
        answer(source(1000000001, 30, 41, 3), source(1000000002, 0, 44, 9), streams=streams, total=1970)
    )
    assert found == Quality(1970, 3.0, 9.0, 4.1)


def test_without_rtcp_nothing_is_claimed() -> None:
    assert quality(answer(b"10:1000000001d15:cumulative lossi0ee", total=50)) == Quality(50)
    assert quality(b"") == Quality(0)
