"""`publish`: bring the routing store up to date now, without waiting for the jobs process."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.publication.publisher import publish
from kiestoon.portal.publication.tasks import after
from kiestoon.store.ported_store import PortedPublisher
from kiestoon.store.routing_store import PublicationRefused


class Command(BaseCommand):
    help = (
        "Publish to the call plane what changed; all of it when the routing store is not what we last left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--everything",
            action="store_true",
            help="compare all customers, not only those marked as changed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = publish(everything=options["everything"])
        except PublicationRefused as error:
            raise CommandError(f"nothing was published: {error}") from error
        after(outcome)
        # Empty until a porting database feeds it: the edge opens both files of the routing store.
        PortedPublisher(settings.PORTED_NUMBERS).close()
        self.stdout.write(f"version {outcome.version}, {outcome.customers} customers replaced")
