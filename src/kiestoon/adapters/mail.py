"""Sending one mail over SMTP (RFC 5321): to the operator's own mail server, or a provider's.

Blocking, at most TIMEOUT a step: only jobs send mail, never a page or a call.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

TIMEOUT = 10.0
PERMANENT = 500


class MailRefused(Exception):
    """The server will never take this mail for this address; `reply` is what it said."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class MailUnavailable(Exception):
    """Not now: no connection, or a reply that asks to try later; `reply` says which."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Mail(Protocol):
    """Whatever sends mail."""

    def send(self, message: EmailMessage) -> str:
        """Send to the message's one To; what the server said. MailRefused or MailUnavailable."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where mail goes. `security`: "" (a server on this machine), "starttls" (587) or "tls" (465)."""

    host: str
    port: int
    security: str = ""
    username: str = ""
    password: str = ""

    def send(self, message: EmailMessage) -> str:
        """As Mail says."""
        try:
            with self._connect() as smtp:
                return self._hand_over(smtp, message)
        except smtplib.SMTPResponseException as error:
            raise _as_ours(error.smtp_code, _text(error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        if self.security == "starttls":
            smtp.starttls(context=context)
        if self.username:
            smtp.login(self.username, self.password)
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage) -> str:
        recipient = str(message["To"])
        smtp.ehlo_or_helo_if_needed()
        _check(smtp.mail(_plain(str(message["From"]))))
        _check(smtp.rcpt(recipient))
        code, reply = _check(smtp.data(message.as_bytes(policy=SMTP)))
        return f"{code} {_text(reply)}"


def _check(answer: tuple[int, bytes]) -> tuple[int, bytes]:
    code, reply = answer
    if code >= 400:
        raise _as_ours(code, _text(reply))
    return code, reply


def _as_ours(code: int, reply: str) -> MailRefused | MailUnavailable:
    said = f"{code} {reply}"
    return MailRefused(said) if code >= PERMANENT else MailUnavailable(said)


def _plain(sender: str) -> str:
    """The address without the name beside it."""
    return sender.rpartition("<")[2].rstrip(">")


def _text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:280]
