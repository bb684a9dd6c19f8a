"""What the tests share: the real Envoy, servers to route to, a feed that can misbehave, and a load."""

import asyncio
import contextlib
import ctypes
import datetime
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parent
TOP = EXAMPLE.parent.parent
ENVOY = os.environ["ENVOY"]
POINTSMAN = os.environ["POINTSMAN"]
# What the configurations load, unless POINTSMAN_FILTER names another file.
FILTER = "target/wasm/pointsman_envoy.wasm"
# Two cores may be busy with other things.
PATIENCE_S = 120
# Below the ports that the kernel gives to whoever does not ask for one, so that none of those is in the way later.
PORTS = range(20_000, 32_000)


def eventually(what, condition, patience=PATIENCE_S):
    """Waits until a condition holds; returns its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {patience} s")
        time.sleep(0.02)


def free_port(addresses=("127.0.0.1",)):
    """A port that is free on every address."""
    while True:
        port = random.choice(PORTS)
        with contextlib.ExitStack() as sockets:
            try:
                for address in addresses:
                    sockets.enter_context(socket.socket()).bind((address, port))
            except OSError:
                continue
            return port


def ends_with_us(libc=ctypes.CDLL(None)):
    """In a new process: asks the kernel to end it when the tests end, however they do."""
    if sys.platform == "linux":
        libc.prctl(1, signal.SIGKILL)


def configuration(name, server_port=8080, feed_port=8053):
    """One of the example's configurations on other ports, any free ones for Envoy itself, and with patience for the feed."""
    text = (EXAMPLE / "config" / f"{name}.yaml").read_text()
    for old, new in [("port_value: 8080", f"port_value: {server_port}"), ("port: 8080,", f"port: {server_port},"),
                     ("port_value: 8053", f"port_value: {feed_port}"),
                     ("port_value: 10000", "port_value: 0"), ("port_value: 9901", "port_value: 0"),
                     ("timeout_ms: 1000", "timeout_ms: 10000"), (FILTER, os.environ.get("POINTSMAN_FILTER", FILTER))]:
        text = text.replace(old, new)
    return yaml.safe_load(text)


def manager(config):
    """The HTTP connection manager of a configuration."""
    return config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]


def plugin(config):
    """The plugin's part of a configuration."""
    return manager(config)["http_filters"][0]["typed_config"]["config"]


def policy(config):
    """What the filter itself is given."""
    return plugin(config)["configuration"]["value"]


def validate(config):
    """Runs `envoy --mode validate`; returns whether it passed, and what was logged."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "envoy.json"
        path.write_text(json.dumps(config))
        run = subprocess.run([ENVOY, "-c", path, "--mode", "validate", "--log-level", "warn"],
                             cwd=TOP, capture_output=True, text=True, timeout=PATIENCE_S * 2)
        return run.returncode == 0, run.stdout + run.stderr


class Envoy:
    """A running Envoy."""

    def __init__(self, config, concurrency=1):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        (self.folder / "envoy.json").write_text(json.dumps(config))
        self.log_path = self.folder / "log"
        self.concurrency = concurrency

    def __enter__(self):
        command = [ENVOY, "-c", self.folder / "envoy.json", "--concurrency", str(self.concurrency),
                   "--disable-hot-restart", "--log-level", "warn", "--log-path", self.log_path, "--file-flush-interval-msec", "50",
                   "--admin-address-path", self.folder / "admin"]
        self.output = open(self.folder / "stdout", "wb")
        self.process = subprocess.Popen(command, cwd=TOP, stdout=self.output, stderr=subprocess.STDOUT,
                                        preexec_fn=ends_with_us)
        try:
            eventually("Envoy's admin address", self._admin_is_known)
            eventually("a live Envoy", lambda: self.admin("/ready").strip() == "LIVE")
            listeners = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
            self.ports = [listener["local_address"]["socket_address"]["port_value"] for listener in listeners]
            self.port = self.ports[0]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin_is_known(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Envoy ended:\n{self.log()}{(self.folder / 'stdout').read_text()}")
        path = self.folder / "admin"
        if path.exists() and ":" in path.read_text():
            self.admin_port = int(path.read_text().rsplit(":", 1)[1])
            return True
        return False

    def admin(self, path):
        """What Envoy's admin interface answers."""
        try:
            return request(self.admin_port, path)[1]
        except OSError:
            return ""

    def log(self):
        """What Envoy logged."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def access_log(self):
        """The lines of the access log."""
        return (self.folder / "stdout").read_text(errors="replace")

    def stats(self):
        """The filter's statistics by name."""
        lines = self.admin("/stats?filter=^wasmcustom.pointsman").splitlines()
        pairs = (line.split(": ") for line in lines if ": " in line)
        return {name.replace("wasmcustom.pointsman.", ""): int(value) for name, value in pairs if value.isdigit()}

    def stat(self, name):
        """One of Envoy's own counters."""
        return sum(int(line.rsplit(": ", 1)[1]) for line in self.admin(f"/stats?filter=^{name}$").splitlines())

    def get(self, headers=None, path="/"):
        """Status and body of one request."""
        return request(self.port, path, headers)


def request(port, path="/", headers=None, timeout=PATIENCE_S):
    """Status and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.putrequest("GET", path, skip_host=any(name.lower() == "host" for name in headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    finally:
        connection.close()


class Server:
    """A server to route to, in a process of its own that can be killed."""

    def __init__(self, address, port, name):
        self.where, self.name = f"{address}:{port}", name
        self.process = None

    def start(self):
        self.process = subprocess.Popen([sys.executable, EXAMPLE / "upstream.py", self.where, self.name],
                                        stdout=subprocess.PIPE, preexec_fn=ends_with_us)
        if b"listens" not in self.process.stdout.readline():
            raise AssertionError(f"the server does not listen on {self.where}")
        return self

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def answers(self):
        """Whether it takes connections, as a TCP health check sees it."""
        host, port = self.where.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return True
        except OSError:
            return False


class Feed:
    """A health feed like that of `pointsman watch`, which can be made to misbehave."""

    def __init__(self, report=None):
        self.report = report or {"HealthChecks": {}}
        self.probe = None
        self.behaviour, self.tells_time = "report", True
        self.requests, self.answered, self.unchanged = 0, 0, 0
        self.at_once, self.most_at_once = 0, 0
        self.lock = threading.Lock()
        feed = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with feed.lock:
                    feed.connections.append(self.connection)

            def do_GET(self):
                with feed.lock:
                    feed.requests += 1
                    feed.at_once += 1
                    feed.most_at_once = max(feed.most_at_once, feed.at_once)
                try:
                    feed.answer(self)
                except OSError:
                    self.close_connection = True
                finally:
                    with feed.lock:
                        feed.at_once -= 1
                        feed.answered += 1

            def log_message(self, *_):
                pass

        self.connections = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        if self.behaviour == "hang":
            time.sleep(60)
            return
        report = self.probe() if self.probe else self.report
        etag = f'"{hash(json.dumps(report)) & 0xffffffff:x}"'
        made = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = json.dumps({"Time": made, **report} if self.tells_time else report).encode()
        status, kind = 200, "application/json"
        if self.behaviour == "500":
            status = 500
        elif self.behaviour == "html":
            body, kind, etag = b"<!doctype html><title>Welcome</title>" * 10, "text/html", '"html"'
        elif self.behaviour == "50 MB":
            body, etag = b'{"HealthChecks": {' + b" " * (50 << 20) + b"}}", '"big"'
        elif self.behaviour == "nonsense":
            body, etag = b'{"HealthChecks": {"hc-11": "half dead"}}', '"nonsense"'
        elif self.behaviour == "binary":
            body, etag = bytes(range(256)), '"binary"'
        elif handler.headers.get("if-none-match") == etag:
            status, body = 304, b""
            self.unchanged += 1
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("etag", etag)
        if status != 304:
            handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def set(self, **statuses):
        """Reports statuses; `hc_11` stands for the check hc-11."""
        self.report = {"HealthChecks": {name.replace("_", "-"): status for name, status in statuses.items()}}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        # A connection that Envoy keeps would be answered on: the feed would be down for one worker and up for the next.
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it was closed before


class Load:
    """Requests on several connections, each with the time, the status and the body that came back."""

    def __init__(self, port, connections, headers=(), pause=0.0):
        self.port, self.connections, self.pause = port, connections, pause
        head = "".join(f"{name}: {value}\r\n" for name, value in dict({"host": "test"}, **dict(headers)).items())
        self.request = f"GET / HTTP/1.1\r\n{head}\r\n".encode()
        self.results, self.stopping = [], False

    def run(self, count):
        """Sends so many requests and returns the results."""
        self.left = count
        asyncio.run(self._all())
        return self.results

    def start(self):
        """Sends requests until `stop`."""
        self.left = 1 << 60
        self.thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self.thread.start()
        return self

    def stop(self):
        self.stopping = True
        self.thread.join()
        return self.results

    def settled(self, body, since, count=100):
        """Whether the last so many requests all began since a moment and got this body."""
        last = self.results[-count:]
        return len(last) == count and all(began > since and (status, answer) == (200, body) for began, _, status, answer in last)

    async def _all(self):
        await asyncio.gather(*(self._one() for _ in range(self.connections)))

    async def _one(self):
        reader = writer = None
        while self.left > 0 and not self.stopping:
            self.left -= 1
            began = time.monotonic()
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(self.request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0]) if b"content-length: " in head else 0
                body = await reader.readexactly(length)
                status = int(head.split(b" ", 2)[1])
                if b"\r\nconnection: close" in head:
                    writer.close()
                    writer = None
            except (OSError, asyncio.IncompleteReadError):
                status, body, writer = 0, b"", None
            self.results.append((began, time.monotonic(), status, body.decode().strip()))
            if self.pause:
                await asyncio.sleep(self.pause)
        if writer:
            writer.close()


class Outage:
    """A server killed under a load and started again, with what the requests met."""

    def __init__(self, envoy, active, headers, before_the_kill=lambda: None):
        load = Load(envoy.port, 8, headers.items(), pause=0.002).start()
        try:
            eventually("every request on the active server", lambda: load.settled("active", 0))
            before_the_kill()
            self.killed = time.monotonic()
            active.kill()
            eventually("no request on the dead server", lambda: self._leaves_it_alone(envoy, load))
            self.started = time.monotonic()
            active.start()
            eventually("every request on the active server again", lambda: load.settled("active", self.started))
        finally:
            self.results = load.stop()
        self.failed = [ended - self.killed for _, ended, status, _ in self.results if status != 200]
        passive = [ended - self.killed for _, ended, _, body in self.results if body == "passive"]
        active = [ended - self.started for _, ended, _, body in self.results if ended > self.started and body == "active"]
        self.moved, self.back = min(passive), min(active)

    def _leaves_it_alone(self, envoy, load):
        """Whether a hundred requests went to the passive server at once, and not after a try of the dead one."""
        since, retries = time.monotonic(), envoy.stat("cluster.servers.upstream_rq_retry")
        eventually("a hundred requests", lambda: len(load.results) and load.results[-100:][0][0] > since)
        return load.settled("passive", since) and envoy.stat("cluster.servers.upstream_rq_retry") == retries

    def __str__(self):
        return (f"{len(self.results)} requests, {len(self.failed)} failed, the last {max(self.failed, default=0) * 1000:.0f} ms "
                f"after the kill; first answer of the passive server after {self.moved * 1000:.0f} ms; "
                f"back {self.back * 1000:.0f} ms after the restart")
