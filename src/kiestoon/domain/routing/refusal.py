"""A refusal ends an ordinary decision; it is raised where the fact is found and caught in `decide`."""

from __future__ import annotations


class Refused(Exception):
    """`code` and `phrase` are what the caller's SIP side is told, `why` is what support reads.

    `announced`: the caller hears first that the number cannot be reached.
    """

    def __init__(
        self,
        step: str,
        code: int,
        phrase: str,
        why: str,
        *,
        duty: str | None = None,
        to_number: str | None = None,
        customer_id: int | None = None,
        announced: bool = False,
    ) -> None:
        super().__init__(why)
        self.step = step
        self.code = code
        self.phrase = phrase
        self.why = why
        self.duty = duty
        self.to_number = to_number
        self.customer_id = customer_id
        self.announced = announced
