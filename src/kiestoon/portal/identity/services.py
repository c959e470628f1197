"""Attempts counted, passwords chosen with a one-time code, sessions ended, second factors removed."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from datetime import UTC, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kiestoon.portal.identity.limits import WINDOW, wait
from kiestoon.portal.identity.models import Attempt, OneTimeCode
from kiestoon.portal.people.models import Person
from kiestoon.portal.tenancy.walls import SIGNING_IN, behind

KEPT = timedelta(days=30)
"""Attempts older than this are deleted; where somebody signed in within it is known."""
CODE_LASTS = timedelta(days=1)
_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""No 0, O, 1, I or U: a code is read out and typed."""


def begin_attempt(username: str, address: str) -> Attempt:
    """Count a try at a password or a code before it is checked; `forget_attempt` when it was right.

    ValidationError with the time to wait when there were too many; a refused try is not counted.
    """
    with behind(SIGNING_IN):
        attempt, left = _count(username, address)
    if left > timedelta():
        raise ValidationError(_too_many(left), code="too_many_login_attempts")
    return attempt


def forget_attempt(attempt: Attempt) -> None:
    """It was right: no guess."""
    with behind(SIGNING_IN):
        attempt.delete()


def _count(username: str, address: str) -> tuple[Attempt, timedelta]:
    """The try, and how long whoever makes it has to wait; then it is taken back."""
    now = datetime.now(UTC)
    attempt = Attempt.objects.create(account=_account(username), address=_network(address), at=now)
    recent = Attempt.objects.filter(at__gt=now - WINDOW, succeeded=False).exclude(pk=attempt.pk)
    of_account = list(recent.filter(account=attempt.account).values_list("address", "at"))
    left = wait(
        [at for where, at in of_account if where == attempt.address],
        list(recent.filter(address=attempt.address).values_list("at", flat=True)),
        [at for _where, at in of_account],
        is_known=Attempt.objects.filter(
            account=attempt.account, address=attempt.address, succeeded=True, at__gt=now - KEPT
        ).exists(),
        now=now,
    )
    if left > timedelta():
        attempt.delete()
    return attempt, left


def remember_sign_in(person: Person, address: str) -> None:
    """This address is this person's: failures from there are forgiven, strangers' do not count there."""
    now = datetime.now(UTC)
    here = {"account": _account(person.username), "address": _network(address)}
    with behind(SIGNING_IN):
        Attempt.objects.filter(**here).delete()
        Attempt.objects.create(**here, at=now, succeeded=True)
        Attempt.objects.filter(at__lt=now - KEPT).delete()


@transaction.atomic
def give_one_time_code(person: Person) -> str:
    """A code, shown this once, to choose a password with; the old password and all sessions end now."""
    code = "-".join("".join(secrets.choice(_CODE_ALPHABET) for _ in range(5)) for _ in range(4))
    person.set_unusable_password()
    person.save(update_fields=["password"])
    OneTimeCode.objects.update_or_create(
        person=person,
        defaults={"code_hash": _code_hash(code), "expires_at": datetime.now(UTC) + CODE_LASTS},
    )
    return code


def choose_password(username: str, code: str, password: str, address: str) -> Person:
    """Set the password with a one-time code, which is used up. ValidationError says what is wrong."""
    attempt = begin_attempt(username, address)
    with transaction.atomic():
        found = (
            OneTimeCode.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(person__username__iexact=username, person__is_active=True)
            .filter(expires_at__gt=datetime.now(UTC))
            .first()
        )
        # Compared in any case, so that the time taken does not tell which names have a code.
        if not hmac.compare_digest(found.code_hash if found else "", _code_hash(code)) or found is None:
            raise ValidationError(
                {"code": _("The user name or the code is not right, or the code was used or is too old.")}
            )
        # The code was right, whatever the new password is like.
        forget_attempt(attempt)
        person = found.person
        try:
            validate_password(password, person)
        except ValidationError as error:
            refused = error.messages
        else:
            person.set_password(password)
            person.save(update_fields=["password"])
            found.delete()
            return person
    raise ValidationError({"password": refused})


def end_all_sessions(person: Person) -> None:
    """Sign the person out everywhere, now."""
    Person.objects.filter(pk=person.pk).update(sessions_ended=F("sessions_ended") + 1)
    person.refresh_from_db(fields=["sessions_ended"])
    UserSession.objects.filter(user_id=person.pk).delete()


def end_session(session: UserSession) -> None:
    """Sign a person out in one browser."""
    session.end()


def give_authenticator_app(person: Person, secret: str) -> None:
    """An app that has this secret (base32, RFC 4648) gives the codes from now on (RFC 6238)."""
    Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(person, secret)


def remove_second_factors(person: Person) -> None:
    """Authenticator app, passkeys and recovery codes; whoever needs a factor sets up a new one."""
    Authenticator.objects.filter(user_id=person.pk).delete()


def set_language(person: Person, language: str) -> None:
    """The language the portal opens in; empty: as the browser asks."""
    person.language = language
    person.full_clean(exclude={"password"})
    person.save(update_fields=["language"])


def _account(username: str) -> str:
    return salted_hmac(
        "kiestoon.identity.attempt", username.strip().casefold(), algorithm="sha256"
    ).hexdigest()


def _network(address: str) -> str:
    """The address; of IPv6 its /64, which is what one connection gets."""
    ip = ipaddress.ip_address(address)
    return address if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False).network_address)


def _code_hash(code: str) -> str:
    return hashlib.sha256("".join(code.split()).replace("-", "").upper().encode()).hexdigest()


def _too_many(left: timedelta) -> str:
    seconds = int(left.total_seconds()) + 1
    if seconds < 120:
        words = ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    else:
        minutes = -(-seconds // 60)
        words = ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return _("There were too many wrong attempts. Wait %(time)s and try again; a passkey works at once.") % {
        "time": words
    }
