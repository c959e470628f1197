"""`demo_world [--json]`: make the demo world when it is missing; with --json only tell it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.demo.secret import keep_world, make_world, read_world
from kiestoon.portal.demo.world import make_demo_world


class Command(BaseCommand):
    help = "Make the demo world, once; its passwords and tokens are in secrets/demo.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the world for scripts; makes nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.SECRETS / "demo.json"
        world = read_world(path)
        if options["json"]:
            if world is None:
                raise CommandError("there is no demo world yet: `demo_world` makes it")
            self.stdout.write(json.dumps(world, ensure_ascii=False))
            return
        new_secrets = world is None
        if world is None:
            # Kept before the rows are made: a crash in between leaves secrets that the next run uses.
            world = make_world()
            keep_world(path, world)
        make_demo_world(world, new_secrets=new_secrets)
