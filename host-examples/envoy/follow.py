"""Keeps the filter of an Envoy at the zone that a fleet's feed serves.

Envoy reads the filter from a file (extension config discovery) and takes a new version of it up while it runs. This writes the
file: TEMPLATE is what Envoy is to read, a discovery response in JSON; its first zone gets the document of the feed.

    python3 follow.py --template filter.json --into /run/envoy/filter.json http://10.0.0.1:8053/v1/zone http://10.0.0.2:8053/v1/zone
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import sys
import tempfile
import time
import urllib.error
import urllib.request

LOOK_S, TIMEOUT_S = 10, 30
# An answer with a lower number than the last one is that of a watch that lags behind; after so long it is a fleet that began anew.
LAG_S = 60


class Follower:
    """What is known of a zone."""

    def __init__(self, template, into, urls):
        self.template, self.into, self.urls = template, pathlib.Path(into), urls
        self.at = self.number = self.number_at = 0
        self.digest = None

    def look(self):
        """Asks the present address once, and writes what is new."""
        request = urllib.request.Request(self.urls[self.at])
        if self.digest:
            request.add_header("If-None-Match", f'"{self.digest}"')
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                body, headers = answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            if error.code != 304:
                raise ValueError(f"{self.urls[self.at]} answers {error.code}") from error
            body, headers = None, error.headers
        number = int(headers.get("pointsman-number", 0))
        if number < self.number and time.monotonic() - self.number_at < LAG_S:
            raise ValueError(f"{self.urls[self.at]} is at number {number}, and {self.number} was there before: it lags behind")
        if body is not None:
            digest = hashlib.sha256(body).hexdigest()
            if headers.get("etag", "").removeprefix("W/").strip('"') != digest:
                raise ValueError(f"{self.urls[self.at]}: the document is damaged: its digest is {digest}")
            self.write(json.loads(body), digest)
            self.digest = digest
        self.number, self.number_at = number, time.monotonic()

    def write(self, document, digest):
        """Puts the file in its place as a whole, by the rename that Envoy waits for."""
        response = json.loads(pathlib.Path(self.template).read_text())
        response["version_info"] = digest[:12]
        plugin = response["resources"][0]["typed_config"]["config"]["configuration"]["value"]
        documents = plugin["zones"][0]["documents"]
        documents[:1] = [document]
        with tempfile.NamedTemporaryFile("w", dir=self.into.parent, prefix=".", delete=False) as file:
            json.dump(response, file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, 0o644)
        os.replace(file.name, self.into)

    def follow(self):
        """Looks for as long as the program runs; after failures less and less often, down to once a minute."""
        failures = 0
        while True:
            try:
                self.look()
                failures = 0
            except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
                print(f"the last good version stays: {error}", file=sys.stderr, flush=True)
                self.at = (self.at + 1) % len(self.urls)
                failures += 1
            # No pause while there are addresses that were not asked.
            if failures == 0 or failures >= len(self.urls):
                time.sleep(min(LOOK_S * 2 ** min(failures, 8), 60) * random.uniform(0.5, 1))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--template", required=True, help="the discovery response, with the zone's place")
    arguments.add_argument("--into", required=True, help="the file that Envoy reads")
    arguments.add_argument("--every", type=float, default=LOOK_S, help="seconds between two looks")
    arguments.add_argument("url", nargs="+", help="where a watch of the fleet serves the zone")
    given = arguments.parse_args()
    LOOK_S = given.every
    Follower(given.template, given.into, given.url).follow()
