"""Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this health, and why?

    from pointsman import Document, Pointsman, draw_of

    zone = Pointsman().load([Document("zone.json", text)])
    view = zone.health('{"HealthChecks": {"hc-1": "unhealthy"}}')
    view.resolve({"name": "www.example.com", "type": "A", "draw": draw_of("198.51.100.7")})["values"]

`Pointsman()` once a process, `load` once a zone, `Zone.health` once a state of the health checks, `View.resolve` once a query.
Zones and views never change; a program that learns of a change makes a new view and puts it in the place of the old one.
`python -m pointsman --help` asks from a shell.
"""

from ._api import Pointsman, View, Zone
from ._draw import draw_of, random_draw
from ._types import Document, Finding, PointsmanError

__all__ = ["Document", "Finding", "Pointsman", "PointsmanError", "View", "Zone", "draw_of", "random_draw"]
