"""What a query costs with each engine, side by side in one run: `python cost.py`, with both engines installed."""

import sys
import timeit
from pathlib import Path

from pointsman import Document, Pointsman, View

ROOT = Path(__file__).parents[2]
ZONES = ROOT / "host-examples" / "zones"
COMPONENT = ROOT / "target" / "wasm" / "pointsman.component.wasm"
ROUNDS = 7


def view(pointsman: Pointsman) -> View:
    documents = [Document(name, (ZONES / name).read_text()) for name in ("active-active.json", "latency.json")]
    return pointsman.load(documents).health((ZONES / "all-healthy.json").read_text())


def microseconds(pointsman: Pointsman, queries: int) -> float:
    """The cost of one `View.resolve`, in the best of some rounds."""
    asked = view(pointsman)
    query = {"name": "app.example.com", "type": "A", "client": {"country": "DE"}, "draw": 7}
    return min(timeit.repeat(lambda: asked.resolve(query), number=queries, repeat=ROUNDS)) / queries * 1e6


def both(queries: int = 2000) -> tuple[float, float]:
    """Microseconds a query with the component and with the native engine."""
    return microseconds(Pointsman(COMPONENT), queries), microseconds(Pointsman(engine="native"), 10 * queries)


if __name__ == "__main__":
    component, native = both(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(f"component {component:.1f} µs a query, native {native:.2f} µs: {component / native:.0f} times as quick")
