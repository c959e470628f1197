"""What is never done with an emergency call, or with a call to a helpline, once it is over.

Whoever keeps, shows or charges calls asks `spared_classes`; `tests/unit/test_emergency_property.py` finds the
parts of the product that have to, and fails for one that does not.
"""

from __future__ import annotations

from typing import Final, Literal

from kiestoon.belgium.emergency_numbers import EmergencyClass

Use = Literal["customer-lists", "alerts", "bills", "recordings"]

SPARED: Final[dict[Use, tuple[EmergencyClass, ...]]] = {
    "customer-lists": ("remote",),
    "alerts": ("remote",),
    "bills": ("on-site", "remote"),
    "recordings": ("on-site", "remote"),
}
"""Uses that leave out calls of these classes.

Bills: WEC art. 110 §3. What the customer sees and who is alerted: whoever asks a helpline for help can keep
it from household and employer (docs/duties.md)."""


def spared_classes(use: Use) -> tuple[EmergencyClass, ...]:
    """Classes of emergency call that this use leaves out.

    >>> spared_classes("customer-lists")
    ('remote',)
    """
    return SPARED[use]
