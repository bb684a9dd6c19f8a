"""The README's console blocks, typed as they stand: each begins with Envoy, and goes on with what a reader types beside it."""

import functools
import http.server
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from support import EXAMPLE, TOP, Envoy, Server, configuration, free_port

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
NAMES = ["us-east-1", "eu-west-1", "ap-southeast-1"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Readme(unittest.TestCase):
    def blocks(self):
        """Each console block: the commands, each with what it prints."""
        for block in re.findall(r"```console\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.DOTALL):
            commands = []
            for line in block.splitlines():
                if line.startswith("$ "):
                    commands.append((line[2:], []))
                else:
                    commands[-1][1].append(line)
            yield commands

    def test_the_console_blocks_print_what_they_show(self):
        port = free_port(ADDRESSES)
        for address, name in zip(ADDRESSES, NAMES):
            self.addCleanup(Server(address, port, name).start().kill)
        typed = 0
        for (start, _), *commands in self.blocks():
            name = re.fullmatch(r"envoy -c host-examples/envoy/config/(\S+)\.yaml", start)[1]
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                # As `python3 -m http.server` in the README's third terminal.
                feed = pathlib.Path(folder)
                (feed / "v1").mkdir()
                (feed / "v1" / "health").write_text('{"HealthChecks": {"hc-11": "healthy", "hc-12": "healthy"}}')
                server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
                threading.Thread(target=server.serve_forever, daemon=True).start()
                try:
                    with Envoy(configuration(name, port, server.server_address[1])) as envoy:
                        for command, shown in commands:
                            here = command.replace("target/feed", folder).replace(":10000", f":{envoy.port}")
                            here = here.replace(":9901", f":{envoy.admin_port}")
                            run = subprocess.run(["bash", "-c", here], cwd=TOP, capture_output=True, text=True, timeout=60)
                            self.assertEqual(run.stdout.splitlines(), shown, command)
                            typed += 1
                finally:
                    server.shutdown()
                    server.server_close()
        self.assertGreater(typed, 15)


if __name__ == "__main__":
    unittest.main()
