"""Envoy follows the zone of a fleet's feed: the filter's configuration comes from a file, which follow.py writes."""

import copy
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

from support import EXAMPLE, Envoy, Server, configuration, ends_with_us, eventually, free_port, manager

HOST = {"host": "shop.example.internal"}
ADDRESSES = ["127.0.0.11", "127.0.0.12"]
WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"


class ZoneFeed:
    """`/v1/zone` of a watch, which can be made to misbehave."""

    def __init__(self, document):
        self.document, self.number, self.tag, self.status, self.asked = document, 1, None, 200, []
        feed = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = feed.document.encode()
                tag = f'"{feed.tag or hashlib.sha256(body).hexdigest()}"'
                feed.asked.append(self.headers.get("if-none-match"))
                status = 304 if feed.status == 200 and feed.asked[-1] == tag else feed.status
                self.send_response(status)
                self.send_header("etag", tag)
                self.send_header("pointsman-number", str(feed.number))
                self.end_headers()
                if status == 200:
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/zone"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class FleetZone(unittest.TestCase):
    def test_a_new_version_is_taken_up_and_a_bad_one_is_not(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        folder = pathlib.Path(folder.name)
        port = free_port(ADDRESSES)
        for address, name in zip(ADDRESSES, ["active", "passive"]):
            server = Server(address, port, name).start()
            self.addCleanup(server.kill)
        config = configuration("active-passive", port)
        filters = manager(config)["http_filters"]
        wasm = copy.deepcopy(filters[0]["typed_config"])
        read = folder / "read" / "filter.json"
        read.parent.mkdir()
        filters[0] = {"name": "pointsman", "config_discovery": {"type_urls": [WASM], "config_source": {
            "resource_api_version": "V3",
            "path_config_source": {"path": str(read), "watched_directory": {"path": str(read.parent)}}}}}
        config["node"] = {"id": "test", "cluster": "test"}
        zone = wasm["config"]["configuration"]["value"]["zones"][0]["documents"][0]
        template = folder / "template.json"
        template.write_text(json.dumps({"resources": [{
            "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", "name": "pointsman",
            "typed_config": wasm}]}))

        def to(address):
            record = {"Name": "shop.example.internal.", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": address}]}
            return json.dumps({**zone, "ResourceRecordSets": [record]})

        feed = ZoneFeed(json.dumps(zone))
        self.addCleanup(feed.server.shutdown)
        errors = open(folder / "errors", "w+")
        self.addCleanup(errors.close)
        follower = subprocess.Popen([sys.executable, EXAMPLE / "follow.py", "--template", template, "--into", read,
                                     "--every", "0.1", feed.url], stderr=errors, preexec_fn=ends_with_us)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        eventually("the first version", read.exists)
        with Envoy(config) as envoy:
            answers = lambda name: lambda: envoy.get(HOST) == (200, name)
            eventually("the first version is in force", answers("active"))
            feed.document, feed.number = to("127.0.0.12"), 2
            eventually("the next version is in force", answers("passive"))
            eventually("it asks with what it has",
                       lambda: feed.asked[-1] == f'"{hashlib.sha256(feed.document.encode()).hexdigest()}"')
            said = lambda what: lambda: what in (folder / "errors").read_text()
            # What the filter does not take, Envoy does not take either.
            feed.document, feed.number = json.dumps({**zone, "ResourceRecordSets": "nonsense"}), 3
            rejected = "extension_config_discovery.http_filter.pointsman.update_rejected"
            eventually("nonsense is refused", lambda: envoy.stat(rejected) == 1)
            self.assertEqual(envoy.get(HOST), (200, "passive"))
            feed.document, feed.tag, feed.number = to("127.0.0.11"), "0" * 64, 4
            eventually("damage is seen", said("damaged"))
            feed.tag, feed.number = None, 2
            eventually("an older state is seen", said("lags behind"))
            feed.status = 503
            eventually("a watch in trouble is seen", said("answers 503"))
            self.assertEqual(envoy.get(HOST), (200, "passive"))
            feed.status, feed.number = 200, 5
            eventually("it goes on", answers("active"))


if __name__ == "__main__":
    unittest.main()
