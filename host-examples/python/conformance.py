"""The conformance hosts `python` and, where POINTSMAN_ENGINE says so, `python-native`: a request and a reply are a line of JSON each, on the standard streams.

Each answer is made in every way that the module has, and they have to be the same bytes. See tests/src/lines.rs.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from pointsman import Document, Finding, Pointsman, PointsmanError, View

COMPONENT = Path(__file__).parents[2] / "target" / "wasm" / "pointsman.component.wasm"


def documents(texts: list[str]) -> list[Document]:
    return [Document(f"document {number}", text) for number, text in enumerate(texts)]


def refusals(findings: tuple[Finding, ...] | list[Finding]) -> list[dict[str, str | None]]:
    words = ("code", "message", "route53_error", "route53_message")
    return [{word: getattr(finding, word) for word in words} for finding in findings if finding.severity == "error"]


def resolve(view: View, line: str) -> str:
    text = view.resolve_json(line)
    if text.startswith('{"error"'):
        return text
    query = json.loads(line)
    for way, answer in (("resolve", view.resolve(query)), ("the answer of explain", view.explain(query)["answer"])):
        said = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        if said != text:
            raise AssertionError(f"{way} gives {said}, and resolve_json {text}")
    return text


class Session:
    def __init__(self) -> None:
        is_native = os.environ.get("POINTSMAN_ENGINE") == "native"
        self.pointsman = Pointsman(engine="native") if is_native else Pointsman(COMPONENT)
        self.view: View | None = None

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["operation"]:
            case "check":
                return {"refusals": refusals(self.pointsman.check(documents(request["documents"])))}
            case "apply":
                texts = request["documents"]
                batch = Document(f"document {len(texts)}", request["batch"])
                try:
                    return {"text": self.pointsman.apply(documents(texts), batch)}
                except PointsmanError as error:
                    return {"refusals": refusals(error.findings)}
            case "load":
                with self.pointsman.load(documents(request["documents"])) as zone:
                    self.view = zone.health(request["report"])
                return {}
            case operation:
                assert self.view is not None, "nothing is loaded"
                line = request["line"]
                return {"text": resolve(self.view, line) if operation == "resolve" else self.view.odds_json(line)}


def main() -> None:
    session = Session()
    for line in sys.stdin:
        try:
            reply = session.handle(json.loads(line))
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
