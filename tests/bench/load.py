"""A small HTTP/1.1 client that keeps its connections, so that the server is what is measured."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

OK = b"200"


@dataclass(frozen=True)
class Load:
    """What a bounded run of requests took; latencies in seconds."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds


def run(url: str, tokens: Sequence[str], *, requests: int, concurrency: int) -> Load:
    """Send `requests` GETs over `concurrency` connections, the tokens in turn.

    Raises RuntimeError on the first answer that is not 200.
    """
    return asyncio.run(_run(url, tokens, requests, concurrency))


async def _run(url: str, tokens: Sequence[str], requests: int, concurrency: int) -> Load:
    latencies: list[float] = []
    numbers = iter(range(requests))
    begun = time.perf_counter()

    async def one_connection() -> None:
        at = urlsplit(url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        try:
            for number in numbers:
                head = (
                    f"GET {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nAccept: application/json\r\n"
                    f"Authorization: token {tokens[number % len(tokens)]}\r\n\r\n"
                )
                started = time.perf_counter()
                writer.write(head.encode())
                await _answer(reader)
                latencies.append(time.perf_counter() - started)
        finally:
            writer.close()

    await asyncio.gather(*(one_connection() for _ in range(concurrency)))
    return Load(time.perf_counter() - begun, latencies)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in lines if line)
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers[b"content-length"]))
    if status.split()[1] != OK:
        raise RuntimeError(f"{status.decode()}: {body[:500].decode()}")
    return body
