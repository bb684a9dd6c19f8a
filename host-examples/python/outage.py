"""A Region goes down and comes back: which endpoint clients in four countries get before, during and after, and why."""

import sys
from pathlib import Path

from pointsman import Document, Pointsman, View

ROOT = Path(__file__).parents[2]
ZONES = ROOT / "host-examples" / "zones"
NAME = "app.example.com"
COUNTRIES = ("US", "BR", "DE", "SG")


def main() -> None:
    component = sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "wasm" / "pointsman.component.wasm"
    documents = [Document(name, read(name)) for name in ("active-active.json", "latency.json")]
    zone = Pointsman(component).load(documents)

    print(f"{NAME} A: latency routing over us-east-1 (192.0.2.10) and eu-west-1 (198.51.100.10)\n")
    print(f"{'client in':22}{''.join(f'{country:15}' for country in COUNTRIES)}".rstrip())
    before = zone.health(read("all-healthy.json"))
    show("before", before)
    during = before.updated(read("us-east-1-down.json"))
    show("us-east-1 is down", during)
    show("after", during.updated(read("all-healthy.json")))

    print("\nwhy, for the client in US while us-east-1 is down:\n")
    print(during.explain(query("US"))["text"].rstrip())


def show(when: str, view: View) -> None:
    answers = (f"{' '.join(view.resolve(query(country))['values']):15}" for country in COUNTRIES)
    print(f"{when:22}{''.join(answers)}".rstrip())


def query(country: str) -> dict[str, object]:
    return {"name": NAME, "type": "A", "client": {"country": country}, "draw": 0}


def read(name: str) -> str:
    return (ZONES / name).read_text()


if __name__ == "__main__":
    main()
