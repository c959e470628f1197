"""Idempotency keys: a request sent twice changes things once (IETF draft idempotency-key-header)."""
