"""Pointsman, zones and views, whichever engine answers.

Queries and answers are dictionaries with the words of the command line's JSON. Everything may be used from several threads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, cast

from ._engine import EngineName, Held, HeldView, HeldZone, choose
from ._types import Document, Finding, PointsmanError


_DRAW_MISSING = '{"error":"draw: is missing, and draws are required here; give draw_of(key) or random_draw()"}'


class Pointsman:
    """An engine, ready to load zones.

    `engine` says which: `"native"`, where the extra `native` is installed, or `"component"`, the WebAssembly component in
    wasmtime, which is sandboxed. Without it, the native one is taken where it is installed, unless `path` or `memory_bytes` is
    given, which are for the component: another one than the package brings, and a limit of what it may use for zones and views.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        memory_bytes: int = -1,
        *,
        engine: EngineName | None = None,
    ) -> None:
        self._name, self._engine = choose(path, memory_bytes, engine)

    @property
    def engine(self) -> EngineName:
        """Which engine answers."""
        return self._name

    def check(self, documents: Iterable[Document], zone_name: str | None = None) -> list[Finding]:
        """Every finding about the documents of one zone, errors and warnings."""
        return list(self._engine.check(_documents(documents), zone_name))

    def apply(self, documents: Iterable[Document], batch: Document, zone_name: str | None = None) -> str:
        """The documents after a change batch, as one JSON document; `PointsmanError` where Route 53 would refuse it."""
        return self._engine.apply(_documents(documents), Document(*batch), zone_name)

    def load(self, documents: Iterable[Document], zone_name: str | None = None, draws: str = "optional") -> Zone:
        """A zone from its documents, in any order; `PointsmanError` with every finding if it cannot be answered from.

        `draws="required"`: a query without a draw is refused, where a forgotten one would send everybody the same way.
        """
        if draws not in ("optional", "required"):
            raise ValueError(f"draws is 'optional' or 'required', not {draws!r}")
        return Zone(self._engine.load(_documents(documents), zone_name), draws == "required")


class _Object:
    """Something that an engine holds, freed with its object, or by `close`, or at the end of a `with`."""

    _held: Held

    @property
    def findings(self) -> list[Finding]:
        """What making it had to say, although it did not fail."""
        return list(self._held.findings())

    def close(self) -> None:
        """Frees it at once."""
        held, self._held = self._held, cast(Held, _Closed(type(self).__name__.lower()))
        held.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Closed:
    """What stands in the place of something that was closed."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def close(self) -> None:
        """Once more makes no difference."""

    def __getattr__(self, _: str) -> NoReturn:
        raise PointsmanError(f"the {self._kind} was closed; make another")


class Zone(_Object):
    """A hosted zone, checked and indexed."""

    def __init__(self, held: HeldZone, is_draw_required: bool) -> None:
        self._held: HeldZone = held
        self._is_draw_required = is_draw_required

    @property
    def name(self) -> str:
        """The zone's name, with its final dot."""
        return self._held.name()

    def health(self, report: str | None = None) -> View:
        """The zone under a health report; without one, no check has data yet."""
        return View(self._held.health(report), self._is_draw_required)


class View(_Object):
    """A zone under one state of its health checks. It stays usable when its zone is closed."""

    def __init__(self, held: HeldView, is_draw_required: bool) -> None:
        self._held: HeldView = held
        self._is_draw_required = is_draw_required

    @property
    def without_data(self) -> list[str]:
        """The health checks that no report gave data for; they count as healthy."""
        return list(self._held.without_data())

    def resolve(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `{"name": ..., "type": ..., "client": {...}, "draw": ...}`.

        The draw is an integer up to 2**64 - 1 or a decimal string; use `draw_of(key)` or `random_draw()`.
        """
        is_draw_missing = self._is_draw_required and isinstance(query, Mapping) and query.get("draw") is None
        answer = None if is_draw_missing else self._held.resolve(query)
        if answer is not None:
            return answer
        return _answer(_DRAW_MISSING if is_draw_missing else self._held.resolve_json(_line(query)))

    def odds(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The exact distribution of the answer; the query's draw plays no part."""
        return _answer(self.odds_json(_line(query)))

    def resolve_json(self, line: str) -> str:
        """A line of JSON for a line of JSON, the same bytes as every other host's."""
        if self._is_draw_required and _lacks_draw(line):
            return _DRAW_MISSING
        return self._held.resolve_json(line)

    def odds_json(self, line: str) -> str:
        """The same for odds."""
        return self._held.odds_json(line)

    def explain(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with its reasons: `question`, `steps`, `summary`, `answer`, and all of it as a tree in `text`.

        Steps have the members that `pointsman explain --json` prints: `verdict`, `health`, and a `reason` with a stable
        `code` and its parameters, which docs/explanations.md lists; `text` is the sentence.
        """
        # Whatever is wrong with the query, this says, in the words that resolve has for it.
        answer = self.resolve(query)
        said, text = self._held.explain(_line(query))
        explained = json.loads(said)
        question, steps, summary = explained["question"], explained["steps"], explained["summary"]
        return {"question": question, "steps": steps, "summary": summary, "answer": answer, "text": text}

    def updated(self, changes: str) -> View:
        """The view after some checks or alias targets changed; what the report does not name stays as it is."""
        return View(self._held.updated(changes), self._is_draw_required)

    def down(self, *what: str) -> View:
        """The view in which health checks, alias targets, Regions or record sets (`NAME/TYPE/SetIdentifier`) are down."""
        return View(self._held.down(what), self._is_draw_required)

    def without(self, *record_sets: str) -> View:
        """The view in which these record sets count as unhealthy, so that the answer is the next choice."""
        return View(self._held.without(record_sets), self._is_draw_required)


def _documents(documents: Iterable[Document]) -> Sequence[Document]:
    return [Document(*document) for document in documents]


def _lacks_draw(line: str) -> bool:
    """Whether a line is a query that says no draw; what is no query is refused elsewhere."""
    try:
        query = json.loads(line)
    except ValueError:
        return False
    return isinstance(query, dict) and query.get("draw") is None


def _line(query: Mapping[str, Any]) -> str:
    try:
        # What is no mapping goes as it is, and is refused in core's words.
        draw = query.get("draw") if isinstance(query, Mapping) else None
        if isinstance(draw, int) and not isinstance(draw, bool):
            # An integer of JSON has 53 bits.
            query = {**query, "draw": str(draw)}
        return json.dumps(query, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"the query cannot be written as JSON: {error}") from error


def _answer(line: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise PointsmanError(answer["error"])
    return answer
