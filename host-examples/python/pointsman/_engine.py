"""The two engines behind one face: the component in wasmtime, and the native extension of the extra `native`."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal, Protocol, cast

from ._types import Document, Finding, PointsmanError

EngineName = Literal["native", "component"]
"""Which engine answers: the answers are the same."""


class Held(Protocol):
    """Something that an engine holds for its object."""

    def findings(self) -> Sequence[Finding]: ...
    def close(self) -> None: ...


class HeldView(Held, Protocol):
    """A view; queries are lines of JSON."""

    def resolve(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer, or `None` for a query that has to go as a line of JSON."""

    def resolve_json(self, line: str) -> str: ...
    def odds_json(self, line: str) -> str: ...
    def explain(self, line: str) -> tuple[str, str]:
        """A query that `resolve_json` has answered: the explanation as JSON, and as a tree."""

    def without_data(self) -> Sequence[str]: ...
    def updated(self, changes: str) -> HeldView: ...
    def down(self, what: Sequence[str]) -> HeldView: ...
    def without(self, record_sets: Sequence[str]) -> HeldView: ...


class HeldZone(Held, Protocol):
    """A zone."""

    def name(self) -> str: ...
    def health(self, report: str | None) -> HeldView: ...


class Engine(Protocol):
    """What answers; its errors are those of `pointsman`."""

    def check(self, documents: Sequence[Document], zone_name: str | None) -> Sequence[Finding]: ...
    def apply(self, documents: Sequence[Document], batch: Document, zone_name: str | None) -> str: ...
    def load(self, documents: Sequence[Document], zone_name: str | None) -> HeldZone: ...


def choose(path: str | os.PathLike[str] | None, memory_bytes: int, wanted: EngineName | None) -> tuple[EngineName, Engine]:
    """The engine that is wanted: the native one where it is installed, unless something is asked that the component alone has."""
    for_component = path is not None or memory_bytes != -1
    if wanted not in (None, "native", "component"):
        raise ValueError(f"there is no engine {wanted!r}: it is 'native', 'component' or None")
    if wanted == "native" and for_component:
        raise ValueError("path and memory_bytes are for the engine 'component'")
    if wanted == "component" or wanted is None and (for_component or find_spec("pointsman_native") is None):
        from ._wasmtime import Component

        return "component", Component(path, memory_bytes)
    try:
        native = importlib.import_module("pointsman_native")
    except ImportError as error:
        raise PointsmanError(f"the native engine cannot be loaded (pip install 'pointsman[native]'): {error}") from error
    # Its errors and findings are those of this package, which it does not import.
    return "native", cast(Engine, native.Engine(Finding, PointsmanError))
