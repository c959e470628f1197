"""The operator's mail: which server sends it, and how a message of ours looks."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.utils import formataddr, localtime, make_msgid

from django.conf import settings

from kiestoon.adapters.mail import Mail, MailServer, MailUnavailable

MAIL_SECRETS = "mail.json"
"""In the folder of secrets: {"username": …, "password": …}, for a server that asks for it."""


def mail() -> Mail:
    """The operator's mail server (KIESTOON_MAIL_SERVER). MailUnavailable when none is set."""
    if not settings.MAIL_SERVER:
        raise MailUnavailable("no mail server is set: KIESTOON_MAIL_SERVER")
    host, _, port = settings.MAIL_SERVER.rpartition(":")
    given: dict[str, str] = {}
    path = settings.SECRETS / MAIL_SECRETS
    if path.is_file():
        given = json.loads(path.read_text())
    return MailServer(
        host, int(port), settings.MAIL_SECURITY, given.get("username", ""), given.get("password", "")
    )


def message_to(address: str, subject: str, text: str) -> EmailMessage:
    """A plain text mail from the operator; answers go to a person, and machines need not answer."""
    message = EmailMessage()
    message["From"] = formataddr((settings.OPERATOR_NAME, settings.MAIL_FROM))
    message["To"] = address
    message["Subject"] = subject
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=settings.MAIL_FROM.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message
