"""A server to route to: it says its name to every request, and is healthy as long as it runs.

    python3 host-examples/envoy/upstream.py ADDRESS:PORT NAME [ADDRESS:PORT NAME ...]
"""

import asyncio
import sys


async def serve(address, name):
    """Answers on one address until the process ends."""
    body = f"{name}\n".encode()
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)

    async def talk(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        await reader.readexactly(int(line.split(b":")[1]))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    host, port = address.rsplit(":", 1)
    server = await asyncio.start_server(talk, host.strip("[]"), int(port), limit=1 << 20)
    print(f"{name} listens on {address}", flush=True)
    await server.serve_forever()


async def main(words):
    await asyncio.gather(*(serve(address, name) for address, name in zip(words[::2], words[1::2])))


if __name__ == "__main__":
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    try:
        asyncio.run(main(sys.argv[1:]))
    except KeyboardInterrupt:
        pass
