"""Answering a request once: lock its key, answer from what was kept, or do it and keep the answer with it."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kiestoon.portal.encryption import UnreadableSecret, decrypt, encrypt
from kiestoon.portal.idempotency.models import KeptAnswer
from kiestoon.portal.people.models import ApiToken
from kiestoon.portal.problems import problem

KEPT = timedelta(hours=24)
PURPOSE = "kept answer"
HEADERS = ("Content-Type", "Content-Language", "Location", "ETag", "WWW-Authenticate", "Allow")
_KEY = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"|([!#-+\--:<-\[\]-~]{1,255})')
"""A structured-field string (RFC 8941, section 3.3.3), or the bare word many clients send."""

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponseBase]


def read_key(header: str) -> str | None:
    """The key of an Idempotency-Key header; None when it is none."""
    found = _KEY.fullmatch(header.strip())
    if found is None:
        return None
    return found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])


def answer_once(request: HttpRequest, view: View, token: ApiToken, bearer: str, key: str) -> HttpResponseBase:
    """Its answer, or the kept one; 409 while the first request runs, 422 when it was another request.

    One transaction holds the change and its answer: a crash leaves both or neither. A refusal (4xx) changes
    nothing and is kept too; a fault of ours (5xx) is not: the request may be sent again.
    """
    with transaction.atomic():
        if not _locked(token, key):
            response = problem(409, "a request with this Idempotency-Key is still running: ask again shortly")
            response["Retry-After"] = "1"
            return response
        kept = KeptAnswer.objects.filter(token=token, key=key).first()
        if kept is not None and kept.kept_at > datetime.now(UTC) - KEPT:
            return _again(kept, request, bearer)
        savepoint = transaction.savepoint()
        answer = view(request)
        if answer.status_code >= 500 or not isinstance(answer, HttpResponse):
            transaction.set_rollback(True)
            return answer
        if answer.status_code >= 400:
            transaction.savepoint_rollback(savepoint)
        else:
            transaction.savepoint_commit(savepoint)
        _keep(request, answer, token, bearer, key)
        return answer


def forget_old_answers() -> int:
    """Delete what is older than 24 hours; returns how many."""
    return KeptAnswer.objects.filter(kept_at__lte=datetime.now(UTC) - KEPT).delete()[0]


def _locked(token: ApiToken, key: str) -> bool:
    """A lock until the end of the transaction; PostgreSQL lets it go when the process dies."""
    digest = hashlib.sha256(f"{token.pk} {key}".encode()).digest()
    with connection.cursor() as cursor:
        number = int.from_bytes(digest[:8], "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (number,))
        return bool(cursor.fetchone()[0])


def _fingerprint(request: HttpRequest) -> bytes:
    told = (request.method or "", request.get_full_path(), request.headers.get("If-Match", ""))
    return hashlib.sha256("\0".join(told).encode() + b"\0" + request.body).digest()


def _again(kept: KeptAnswer, request: HttpRequest, bearer: str) -> HttpResponse:
    if bytes(kept.fingerprint) != _fingerprint(request):
        return problem(422, "this Idempotency-Key was used for another request: take a new key")
    try:
        body = decrypt(bytes(kept.body), bearer, PURPOSE)
    except UnreadableSecret:
        logger.error("a kept answer cannot be read: %s", kept.pk)
        return problem(409, "this request was done, but its answer cannot be read any more")
    response = HttpResponse(body, status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(request: HttpRequest, answer: HttpResponse, token: ApiToken, bearer: str, key: str) -> None:
    KeptAnswer.objects.update_or_create(
        token=token,
        key=key,
        defaults={
            "fingerprint": _fingerprint(request),
            "status": answer.status_code,
            "headers": {name: answer[name] for name in HEADERS if name in answer},
            "body": encrypt(answer.content, bearer, PURPOSE),
            "kept_at": datetime.now(UTC),
        },
    )
