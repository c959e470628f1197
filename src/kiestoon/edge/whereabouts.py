"""Where a nomadic device registers from: the portal is told, and asks its user when nobody said it is there.

Journalled when its address changes, and about once an hour while it stays. A call needs none of this: it
decides from the same table and the same locations by itself.
"""

from __future__ import annotations

from kiestoon.domain.emergency.locate import Origin, network_said_in, of_user
from kiestoon.edge import ksr
from kiestoon.edge.device import instance_in_contact
from kiestoon.edge.ksr import K
from kiestoon.edge.plane import CallPlane


def note_whereabouts(plane: CallPlane, username: str) -> None:
    """After a REGISTER that was accepted."""
    instance, address = instance_in_contact(), ksr.text("$si")
    key = f"{username}:{instance[-40:]}"
    if K.htable.sht_get("placed", key) == address:
        return
    with plane.snapshot() as snapshot:
        user = snapshot.user(username)
        if user is None or not user.nomadic:
            return
        origin = Origin(address, instance, snapshot.network(address))
        located = of_user(user, snapshot.customer(user.customer_id), origin)
    K.htable.sht_sets("placed", key, address)
    network = network_said_in(origin)
    plane.recorder.event(
        "location",
        "",
        ksr.text("$ci"),
        user=username,
        instance=instance,
        src=address,
        prefix=network.prefix,
        asn=network.asn,
        country=network.country,
        state=located.state,
        ua=ksr.text("$ua"),
    )
