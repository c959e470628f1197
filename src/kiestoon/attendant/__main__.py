"""Runs the attendant until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import uvloop

from kiestoon.attendant.server import Server
from kiestoon.vocabulary.attendant import PORT
from kiestoon.vocabulary.log_line import JsonLines, catch_uncaught

PROCESS = "attendant"


async def serve(state: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    server = Server(state, loop, port=port)
    await server.open()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    # What is there now stays: a full collection would stop every prompt for as long as it takes.
    gc.collect()
    gc.freeze()
    await stopped.wait()
    await server.close()


def main() -> None:
    catch_uncaught(PROCESS)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(PROCESS))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    parser = argparse.ArgumentParser(prog="python -m kiestoon.attendant", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help="another, for a test beside a running stack")
    uvloop.run(serve(Path(os.environ["KIESTOON_STATE"]), parser.parse_args().port))


if __name__ == "__main__":
    main()
