"""The softphone in a real Chromium, driven as a person would: buttons by their names, keys, eyes and ears.

The page comes from a small server of the test, with a Content-Security-Policy at least as strict as the
portal's (a page Playwright makes up belongs to no network, and Chromium then refuses it the loopback); the
bundle is the one ./run serves; edge and media are the stack's.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import math
import struct
import sys
import threading
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.async_api import BrowserContext, Locator, Page, async_playwright, expect

BUNDLE = Path(sys.prefix) / "share" / "kiestoon" / "softphone"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src {socket}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Kiestoon</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/static/softphone/softphone.css">
<script type="application/json" id="softphone">{configuration}</script>
<script src="/static/softphone/softphone.js" defer></script></head>
<body><main><k-phone config="softphone"></k-phone></main></body></html>"""
PAGE_CSS = (
    'body{margin:0;padding:1rem;background:#f4f6f8;font:1rem/1.5 "Inter Variable",system-ui,sans-serif}'
)
HEARING = """() => {
  const stream = document.querySelector('k-phone audio').srcObject;
  if (!stream) return null;
  if (window.tapped !== stream) {
    window.tapped = stream;
    window.ears = window.ears || new AudioContext();
    window.analyser = new AnalyserNode(window.ears, {fftSize: 4096, smoothingTimeConstant: 0});
    window.ears.createMediaStreamSource(stream).connect(window.analyser);
  }
  const bins = new Float32Array(window.analyser.frequencyBinCount);
  window.analyser.getFloatFrequencyData(bins);
  const best = bins.reduce((top, value, at) => value > bins[top] ? at : top, 0);
  return bins[best] < -60 ? 0 : best * window.ears.sampleRate / window.analyser.fftSize;
}"""
"""The loudest frequency that comes in, 0 in silence, null without a call."""


def write_tone(path: Path, frequency: int) -> Path:
    """What the fake microphone plays: beeps, because noise suppression takes a steady tone for noise."""
    rate = 48_000
    frames = bytearray()
    for n in range(rate * 2):
        on = (n % (rate // 2)) < rate // 3
        frames += struct.pack("<h", int(12_000 * math.sin(2 * math.pi * frequency * n / rate)) if on else 0)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))
    return path


def spki(certificate: Path) -> str:
    """The hash by which Chromium is told to trust a key."""
    key = load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def configuration(user: dict[str, Any], sip: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the portal's page would tell the phone of this demo user."""
    domain = sip["domain"]
    secret = f"{user['username']}:{domain}:{user['password']}"
    address = user["address"]
    return {
        "ws_url": sip["ws"],
        "domain": domain,
        "username": user["username"],
        "ha1": hashlib.md5(secret.encode()).hexdigest(),
        "display_name": user["name"],
        "extension": user["extension"],
        "number": user["number"],
        "address": f"{address['street']} {address['house_number']}, "
        f"{address['postcode']} {address['municipality']}",
        **more,
    }


@contextmanager
def served(settings: dict[str, Any], lang: str) -> Iterator[str]:
    """The phone's page on a port of its own; gives its address."""
    text = json.dumps(settings).replace("<", "\\u003c")
    files = {
        "/phone": ("text/html", PAGE.format(lang=lang, configuration=text).encode()),
        "/page.css": ("text/css", PAGE_CSS.encode()),
        "/icon.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        "/static/softphone/softphone.js": ("text/javascript", (BUNDLE / "softphone.js").read_bytes()),
        "/static/softphone/softphone.css": ("text/css", (BUNDLE / "softphone.css").read_bytes()),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY.format(socket=settings["ws_url"]))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/phone"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class BrowserPhone:
    """One page with the phone in it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        """Console errors and refusals of the policy: a test ends with none."""
        self.page: Page

    async def open(self, *, ready: bool = True) -> None:
        self.page = await self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await self.page.goto(self.url)
        if ready:
            await self.is_line("ready")

    def _console(self, message: Any) -> None:
        if message.type == "error" and "WebSocket connection" not in message.text:
            self.complaints.append(message.text)

    # ---------------------------------------------------------------------- seen

    @property
    def element(self) -> Locator:
        return self.page.locator("k-phone")

    async def is_line(self, state: str, within: float = 10) -> None:
        await expect(self.element).to_have_attribute("data-line", state, timeout=within * 1000)

    async def is_phase(self, phase: str, within: float = 8) -> None:
        await expect(self.element).to_have_attribute("data-phase", phase, timeout=within * 1000)

    async def says(self, text: str, within: float = 5) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=within * 1000)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def press(self, name: str) -> None:
        await self.button(name).click()

    # ---------------------------------------------------------------------- done

    async def dial(self, number: str) -> None:
        field = self.page.get_by_label("Number", exact=True)
        await field.fill(number)
        await field.press("Enter")

    async def hears_something(self, within: float = 5) -> None:
        """Anything but silence comes in."""
        deadline = asyncio.get_running_loop().time() + within
        while not await self.page.evaluate(HEARING):
            assert asyncio.get_running_loop().time() < deadline, "nothing was heard in the browser"
            await asyncio.sleep(0.05)

    async def hears(self, frequency: int, within: float = 5) -> None:
        heard: list[float | None] = []
        deadline = asyncio.get_running_loop().time() + within
        while asyncio.get_running_loop().time() < deadline:
            heard.append(await self.page.evaluate(HEARING))
            if heard[-1] and abs(heard[-1] - frequency) < 25:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{frequency} Hz not heard in the browser; heard {set(heard)}")


@asynccontextmanager
async def browser_phone(
    folder: Path,
    settings: dict[str, Any],
    *,
    tone: int = 440,
    microphone: bool = True,
    lang: str = "en",
    ready: bool = True,
    certificate: Path | None = None,
    width: int = 1280,
    height: int = 800,
) -> AsyncIterator[BrowserPhone]:
    """A Chromium of its own whose microphone beeps this tone; without `microphone` it is refused.

    It knows the edge's `certificate`, and no other of the demo's.
    """
    sound = write_tone(folder / f"tone-{tone}.wav", tone)
    answer = "--use-fake-ui-for-media-stream" + ("" if microphone else "=deny")
    known = [f"--ignore-certificate-errors-spki-list={spki(certificate)}"] if certificate else []
    with served(settings, lang) as url:
        async with async_playwright() as driver:
            browser = await driver.chromium.launch(
                executable_path="/usr/bin/chromium",
                args=[*FLAGS, *known, answer, f"--use-file-for-fake-audio-capture={sound}"],
                env={"HOME": str(folder)},
            )
            context = await browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=1, locale=lang
            )
            if microphone:
                await context.grant_permissions(["microphone"], origin=url.removesuffix("/phone"))
            phone = BrowserPhone(context, url)
            try:
                await phone.open(ready=ready)
                yield phone
            finally:
                await browser.close()
