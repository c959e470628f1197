"""`bench_world [--numbers N] [--remove]`: the users `./kiestoon bench` calls with, published."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.demo.bench import make_bench_users, make_numbers, remove_bench
from kiestoon.portal.publication.publisher import publish


class Command(BaseCommand):
    help = "Make the bench's users (u0001…, s0001…, trunk 127.0.0.4), or remove them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--numbers", type=int, default=0, help="also customers with this many numbers")
        parser.add_argument("--remove", action="store_true", help="remove all of the bench's customers")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"{remove_bench()} customers removed")
        else:
            made = "made" if make_bench_users() else "were there"
            self.stdout.write(f"the bench's users {made}")
            if options["numbers"]:
                try:
                    added = make_numbers(options["numbers"])
                except ValueError as error:
                    raise CommandError(str(error)) from error
                self.stdout.write(f"{added} customers with numbers added")
        outcome = publish()
        self.stdout.write(f"published: version {outcome.version}, {outcome.customers} customers replaced")
