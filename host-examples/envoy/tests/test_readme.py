"""The README's console blocks, typed as they stand: each begins with Envoy, and goes on with what a reader types beside it."""

import json
import os
import re
import subprocess
import tempfile
import time
import unittest

from support import EXAMPLE, POINTSMAN, TOP, Envoy, Server, configuration, ends_with_us, eventually, free_port, request

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
NAMES = ["us-east-1", "eu-west-1", "ap-southeast-1"]


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

    def watch(self, port):
        """The third terminal's prober, on the port of these servers; returns the port of its feed."""
        zone = json.loads((EXAMPLE / "zones" / "latency.json").read_text())
        for check in zone["HealthChecks"]:
            check["HealthCheckConfig"]["Port"] = port
        file, feed_port = tempfile.NamedTemporaryFile("w"), free_port()
        self.addCleanup(file.close)
        json.dump(zone, file)
        file.flush()
        # As slow as Route 53's own checkers: they are forced here, and a busy machine must not fail them besides.
        process = subprocess.Popen([POINTSMAN, "watch", "-z", file.name, "--listen", f"127.0.0.1:{feed_port}"],
                                   env={**os.environ, "POINTSMAN_TOKEN": "drill"}, preexec_fn=ends_with_us,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def answers():
            try:
                return request(feed_port, "/v1/health")[0] == 200
            except OSError:
                return False

        eventually("the feed", answers)
        return feed_port

    def type(self, envoy, command, shown):
        """Types a command, and waits for what a reader's own `sleep` waits for, however busy the machine is."""
        def run():
            env = {**os.environ, "POINTSMAN_TOKEN": "drill"}
            return subprocess.run(["bash", "-c", here], cwd=TOP, capture_output=True, text=True, timeout=120, env=env)

        here = command.replace("pointsman force", f"{POINTSMAN} force --feed http://127.0.0.1:{self.feed_port}")
        here = here.replace(":10000", f":{envoy.port}").replace(":9901", f":{envoy.admin_port}")
        updates = envoy.stats().get("feed_updates", 0)
        if ":9901" in command:
            eventually(command, lambda: run().stdout.splitlines() == shown)
            return
        done = run()
        self.assertEqual((done.stdout.splitlines(), done.returncode), (shown, 0), (command, done.stderr))
        if "force" in command and "sleep" in command:
            eventually("the report in Envoy", lambda: envoy.stats().get("feed_updates", 0) > updates)
            # One worker fetches, and counts; the other looks on its next tick.
            time.sleep(1.5)

    def test_the_console_blocks_print_what_they_show(self):
        port = free_port(ADDRESSES)
        for address, name in zip(ADDRESSES, NAMES):
            self.addCleanup(Server(address, port, name).start().kill)
        self.feed_port = self.watch(port)
        typed = 0
        for (start, _), *commands in self.blocks():
            name = re.fullmatch(r"envoy -c host-examples/envoy/config/(\S+)\.yaml", start)[1]
            with self.subTest(name), Envoy(configuration(name, port, self.feed_port)) as envoy:
                # A reader takes a second to go to the other terminal.
                eventually("the first report", lambda: envoy.stats().get("feed_updates"))
                for command, shown in commands:
                    self.type(envoy, command, shown)
                    typed += 1
        self.assertGreater(typed, 20)

    def test_the_other_commands_are_there(self):
        # What the four terminals begin with cannot be typed here as it is: ports are taken. The files and words are there.
        text = (EXAMPLE / "README.md").read_text()
        for path in re.findall(r"host-examples/envoy/[a-z-]+(?:/[a-z-]+)*\.(?:py|json|yaml)", text):
            self.assertTrue((TOP / path).is_file(), path)
        for option in re.findall(r"pointsman watch .*?(--[a-z-]+)", text):
            told = subprocess.run([POINTSMAN, "watch", "--help"], capture_output=True, text=True, check=True).stdout
            self.assertIn(option, told)


if __name__ == "__main__":
    unittest.main()
