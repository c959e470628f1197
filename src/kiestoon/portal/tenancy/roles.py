"""PostgreSQL's roles of the web process (docs/decisions/0007)."""

from __future__ import annotations

PORTAL = "kiestoon_portal"
"""Signs in to PostgreSQL, owns nothing, may touch no tenant's table: who a request is before it is known."""
SIGN_IN = "kiestoon_sign_in"
"""While somebody signs in or a token is looked up."""
CUSTOMER = "kiestoon_customer"
"""A customer's person or token: the rows of the customer in the setting kiestoon.customer."""
OPERATOR = "kiestoon_operator"
"""Operator staff: every customer's rows."""

TAKEN_ON = (SIGN_IN, CUSTOMER, OPERATOR)
"""What PORTAL changes into; none of them can sign in to PostgreSQL."""
