"""Mail in memory, for unit tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage

from kiestoon.adapters.mail import MailRefused, MailUnavailable


@dataclass
class FakeMail:
    """Keeps what was sent; refuses addresses in `refuses`, and everything for now when `is_away`."""

    refuses: set[str] = field(default_factory=set)
    is_away: bool = False
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> str:
        """As adapters.mail.Mail says."""
        if self.is_away:
            raise MailUnavailable("ConnectionRefusedError")
        if str(message["To"]) in self.refuses:
            raise MailRefused("550 no such mailbox")
        self.sent.append(message)
        return "250 kept"
