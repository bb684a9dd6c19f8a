"""`python -m pointsman`: what a client gets, how likely it is, and why, from documents on disk.

The command `pointsman` of the same project does more; this one is here where the package is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import Document, Finding, Pointsman, PointsmanError, View


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line; the exit code is 0, 1 for a zone with errors, or 2 for what could not be done."""
    asked = _parser().parse_args(arguments)
    try:
        documents = [Document(file, _read(file)) for file in asked.zone]
        if asked.command == "check":
            findings = Pointsman().check(documents, asked.zone_name)
            _print_findings(findings, sys.stdout)
            return 1 if any(finding.severity == "error" for finding in findings) else 0
        zone = Pointsman().load(documents, asked.zone_name)
        _print_findings(zone.findings, sys.stderr)
        view = zone.health(None if asked.health is None else _read(asked.health))
        _print_findings(view.findings, sys.stderr)
        if asked.down:
            view = view.down(*asked.down)
        return _ask(asked, view)
    except (PointsmanError, OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _ask(asked: argparse.Namespace, view: View) -> int:
    query: dict[str, Any] = {"name": asked.name, "type": asked.type, "draw": asked.draw}
    client = {"country": asked.country, "subdivision": asked.subdivision, "ip": asked.ip, "ecs": asked.ecs}
    query["client"] = {fact: value for fact, value in client.items() if value is not None}
    line = json.dumps(query)
    if asked.command == "explain":
        print(view.explain(query)["text"].rstrip())
        return 0
    text = view.resolve_json(line) if asked.command == "resolve" else view.odds_json(line)
    if text.startswith('{"error"'):
        raise PointsmanError(json.loads(text)["error"])
    print(text)
    return 0


def _print_findings(findings: Sequence[Finding], to: Any) -> None:
    for finding in findings:
        print(finding, file=to)


def _read(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    about = "Amazon Route 53's routing rules, asked offline."
    parser = argparse.ArgumentParser(prog="python -m pointsman", description=about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    zone = argparse.ArgumentParser(add_help=False)
    zone.add_argument("--zone-name", help="the zone's name, where no document says it")
    check = commands.add_parser("check", parents=[zone], help="everything that is wrong with a zone")
    check.add_argument("zone", nargs="+", metavar="FILE", help="the documents of one zone, as the AWS CLI prints them")

    ask = argparse.ArgumentParser(add_help=False, parents=[zone])
    ask.add_argument("name", metavar="NAME")
    ask.add_argument("type", metavar="TYPE")
    ask.add_argument("-z", "--zone", action="append", required=True, metavar="FILE", help="a document of the zone")
    ask.add_argument("-H", "--health", metavar="FILE", help="a health report")
    ask.add_argument("--down", action="append", default=[], metavar="ID", help="a health check, alias target or Region")
    ask.add_argument("--country", help="where the client is, such as SG")
    ask.add_argument("--subdivision", help="where the client is, such as US-WA")
    ask.add_argument("--ip", help="the address that asks")
    ask.add_argument("--ecs", help="the client's network, as EDNS client subnet has it")
    ask.add_argument("--draw", default="0", help="the number that stands for chance")
    commands.add_parser("resolve", parents=[ask], help="the answer, as a line of JSON")
    commands.add_parser("odds", parents=[ask], help="every possible answer with its probability, as a line of JSON")
    commands.add_parser("explain", parents=[ask], help="the answer with its reasons")
    return parser


if __name__ == "__main__":
    sys.exit(main())
