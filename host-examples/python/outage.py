"""A Region goes down and comes back: what clients in four countries are answered, and why."""

import sys
from pathlib import Path

from pointsman import Document, Pointsman, View

ROOT = Path(__file__).parents[2]
ZONES = ROOT / "host-examples" / "zones"


def main() -> None:
    component = sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "wasm" / "pointsman.component.wasm"
    documents = [Document(name, (ZONES / name).read_text()) for name in ("active-active.json", "latency.json")]
    zone = Pointsman(component).load(documents)
    before = zone.health((ZONES / "all-healthy.json").read_text())
    during = before.down("us-east-1")
    show("before", before)
    show("us-east-1 is down", during)
    print()
    print(during.explain(query("US"))["text"])


def show(when: str, view: View) -> None:
    answers = (f"{country} {' '.join(view.resolve(query(country))['values']):15}" for country in ("US", "BR", "DE", "SG"))
    print(f"{when:19} {' '.join(answers)}".rstrip())


def query(country: str) -> dict[str, object]:
    return {"name": "app.example.com", "type": "A", "client": {"country": country}, "draw": 0}


if __name__ == "__main__":
    main()
