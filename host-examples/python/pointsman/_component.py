"""The component, run by wasmtime.

Queries and answers are dictionaries with the words of the command line's JSON. They cross as one line each: the typed
functions of the component say the same, but wasmtime's package takes every record apart in Python, field by field,
which takes five times as long.

Everything may be used from several threads; the component is entered by one at a time.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from wasmtime import Engine, Store, WasmtimeError
from wasmtime.component import Component, Func, Linker, Record, ResourceAny, Variant

_INTERFACE = "pointsman:routing/routing@0.1.0"
_BUNDLED = Path(__file__).with_name("pointsman.component.wasm")


def draw_of(key: str) -> int:
    """The draw of a key, such as a client's address: one key has one draw, so that its answers stick.

    The draws of many keys are spread evenly over all 64 bits. FNV-1a, then the finalizer of SplitMix64; the same on every
    host. It is no secret: who chooses keys can choose draws.
    """
    mask, number = 0xFFFF_FFFF_FFFF_FFFF, 0xCBF2_9CE4_8422_2325
    for byte in key.encode():
        number = (number ^ byte) * 0x100_0000_01B3 & mask
    number = (number ^ number >> 30) * 0xBF58_476D_1CE4_E5B9 & mask
    number = (number ^ number >> 27) * 0x94D0_49BB_1331_11EB & mask
    return number ^ number >> 31


def random_draw() -> int:
    """A draw at random, as a resolver's cache sees it: by the system's secure source."""
    return secrets.randbits(64)


class Document(NamedTuple):
    """A document as the AWS CLI prints it."""

    name: str
    """What findings call it; a file name, usually."""
    text: str
    """JSON."""
    cidr_collection: str | None = None
    """For the output of list-cidr-blocks, which does not say it: the id of the collection that the blocks are of."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what to do, and what Route 53 would say."""

    code: str
    severity: str
    class_: str
    """Who objects: `cannot-be-evaluated`, `refused-by-api` or `lint`."""
    message: str
    help: str
    route53_error: str | None
    route53_message: str | None
    document: str | None
    path: str | None
    line: int | None
    column: int | None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.document, self.line, self.column) if part is not None)
        text = f"{place}: " if place else ""
        text += f"{self.severity}: {self.message}"
        return f"{text} ({self.help})" if self.help else text


class PointsmanError(Exception):
    """What could not be done, and why; `findings` has the documents' faults, where it is theirs."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


def _documents_refused(findings: Sequence[Finding]) -> PointsmanError:
    return PointsmanError("\n".join(str(finding) for finding in findings), findings)


class Pointsman:
    """The component, compiled and ready. `memory_bytes` limits what it may use for zones and views.

    The package brings the component along; `path` is for another one.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, memory_bytes: int = -1) -> None:
        if path is None and not _BUNDLED.is_file():
            raise PointsmanError(f"{_BUNDLED} is not there: this is not an installed package, so give the component's path")
        self._engine = Engine()
        self._component = Component.from_file(self._engine, os.fspath(_BUNDLED if path is None else path))
        self._memory_bytes = memory_bytes
        self._lock = threading.RLock()
        # Handles whose objects are gone. A destructor may run in any thread at any time, so the next call frees them.
        self._gone: deque[ResourceAny] = deque()
        self._instantiate()

    def _instantiate(self) -> None:
        self._store = Store(self._engine)
        self._store.set_limits(memory_size=self._memory_bytes)
        # The component imports nothing, so the linker has nothing to give.
        self._instance = Linker(self._engine).instantiate(self._store, self._component)
        self._functions: dict[str, Func] = {}
        self._gone.clear()

    def _call(self, function: str, *arguments: Any) -> Any:
        with self._lock:
            func = self._functions.get(function)
            if func is None:
                func = self._functions[function] = self._find(function)
            while self._gone:
                self._gone.popleft().drop(self._store)
            try:
                return func(self._store, *arguments)
            except WasmtimeError as error:
                # A trap leaves the instance in no state to go on. What was loaded is gone; what is loaded next works.
                self._instantiate()
                needs = "the component stopped, for want of memory as a rule; load every zone again"
                raise PointsmanError(f"{needs} ({str(error).splitlines()[0]})") from error
            except UnicodeEncodeError as error:
                raise ValueError(f"a text holds half a character (a lone surrogate) at index {error.start}") from error

    def _find(self, function: str) -> Func:
        interface = self._instance.get_export_index(self._store, _INTERFACE)
        index = interface and self._instance.get_export_index(self._store, function, interface)
        func = index and self._instance.get_func(self._store, index)
        if not func:
            raise PointsmanError(f"the component has no {function} of {_INTERFACE}: it is another version, or another one")
        return func

    def check(self, documents: Iterable[Document], zone_name: str | None = None) -> list[Finding]:
        """Every finding about the documents of one zone, errors and warnings."""
        return _findings(self._call("check", _documents(documents), _record(zone_name=zone_name)))

    def apply(self, documents: Iterable[Document], batch: Document, zone_name: str | None = None) -> str:
        """The documents after a change batch, as one JSON document; `PointsmanError` where Route 53 would refuse it."""
        applied = self._call("apply", _documents(documents), _document(batch), _record(zone_name=zone_name))
        if isinstance(applied, list):
            raise _documents_refused(_findings(applied))
        return str(applied)

    def load(self, documents: Iterable[Document], zone_name: str | None = None, draws: str = "optional") -> Zone:
        """A zone from its documents, in any order; `PointsmanError` with every finding if it cannot be answered from.

        `draws="required"`: a query without a draw is refused, where a forgotten one would send everybody the same way.
        """
        if draws not in ("optional", "required"):
            raise ValueError(f"draws is 'optional' or 'required', not {draws!r}")
        loaded = self._call("[static]zone.load", _documents(documents), _record(zone_name=zone_name))
        if isinstance(loaded, list):
            raise _documents_refused(_findings(loaded))
        return Zone(self, loaded, draws == "required")


class _Held:
    """Something inside the component, freed with its object, or by `close`, or at the end of a `with`."""

    def __init__(self, pointsman: Pointsman, handle: ResourceAny, is_draw_required: bool) -> None:
        self._pointsman = pointsman
        self._is_draw_required = is_draw_required
        self._store = pointsman._store
        self._handle: ResourceAny | None = handle
        self._finalizer = weakref.finalize(self, _let_go, pointsman, pointsman._store, handle)
        self._finalizer.atexit = False

    def _method(self, function: str, *arguments: Any) -> Any:
        with self._pointsman._lock:
            if self._handle is None:
                raise PointsmanError(f"the {type(self).__name__.lower()} was closed; make another")
            if self._store is not self._pointsman._store:
                raise PointsmanError(f"the {type(self).__name__.lower()} is gone with the component that stopped; load it again")
            return self._pointsman._call(f"[method]{type(self).__name__.lower()}.{function}", self._handle, *arguments)

    def _view(self, function: str, argument: Any) -> View:
        made = self._method(function, argument)
        if isinstance(made, list):
            raise _documents_refused(_findings(made))
        if isinstance(made, Record):
            raise PointsmanError("; ".join(_plain(made).values()))
        return View(self._pointsman, made, self._is_draw_required)

    def close(self) -> None:
        """Frees it at once."""
        self._handle = None
        self._finalizer()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _let_go(pointsman: Pointsman, store: Store, handle: ResourceAny) -> None:
    # What belonged to an instance that stopped went with it.
    if store is pointsman._store:
        pointsman._gone.append(handle)


class Zone(_Held):
    """A hosted zone, checked and indexed."""

    @property
    def name(self) -> str:
        """The zone's name, with its final dot."""
        return str(self._method("name"))

    @property
    def findings(self) -> list[Finding]:
        """What loading had to say, although it did not fail."""
        return _findings(self._method("findings"))

    def health(self, report: str | None = None) -> View:
        """The zone under a health report; without one, no check has data yet."""
        return self._view("health", None if report is None else _report(report))


class View(_Held):
    """A zone under one state of its health checks. It stays usable when its zone is closed."""

    @property
    def findings(self) -> list[Finding]:
        """What the report had to say, although it did not fail."""
        return _findings(self._method("findings"))

    @property
    def without_data(self) -> list[str]:
        """The health checks that no report gave data for; they count as healthy."""
        return list(self._method("without-data"))

    def resolve(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `{"name": ..., "type": ..., "client": {...}, "draw": ...}`.

        The draw is an integer up to 2**64 - 1 or a decimal string; use `draw_of(key)` or `random_draw()`.
        """
        return _answer(self.resolve_json(_line(query)))

    def odds(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The exact distribution of the answer; the query's draw plays no part."""
        return _answer(self.odds_json(_line(query)))

    def resolve_json(self, line: str) -> str:
        """A line of JSON for a line of JSON, the same bytes as every other host's."""
        if self._is_draw_required and _lacks_draw(line):
            return '{"error":"draw: is missing, and draws are required here; give draw_of(key) or random_draw()"}'
        return str(self._method("resolve-json", line))

    def odds_json(self, line: str) -> str:
        """The same for odds."""
        return str(self._method("odds-json", line))

    def explain(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with its reasons: `question`, `steps`, `summary`, `answer`, and all of it as a tree in `text`.

        Steps have the members that `pointsman explain --json` prints: `verdict`, `health`, and a `reason` with a stable
        `code` and its parameters, which docs/explanations.md lists; `text` is the sentence.
        """
        # Whatever is wrong with the query, this says, in the words that resolve has for it.
        answer = self.resolve(query)
        explained = self._method("explain", _query(query))
        payload = explained.payload
        steps = [_step(step) for step in payload.steps]
        return {"question": payload.question, "steps": steps, "summary": payload.summary, "answer": answer, "text": payload.text}

    def updated(self, changes: str) -> View:
        """The view after some checks or alias targets changed; what the report does not name stays as it is."""
        return self._view("updated", _report(changes))

    def down(self, *what: str) -> View:
        """The view in which health checks, alias targets, Regions or record sets (`NAME/TYPE/SetIdentifier`) are down."""
        return self._view("down", list(what))

    def without(self, *record_sets: str) -> View:
        """The view in which these record sets count as unhealthy, so that the answer is the next choice."""
        return self._view("without", list(record_sets))


# ---- between Python's values and the component's -------------------------------------------------------------------


def _record(**fields: Any) -> Record:
    record = Record()
    for name, value in fields.items():
        setattr(record, name.replace("_", "-"), value)
    return record


def _plain(value: Any) -> Any:
    """Records as dictionaries, with the words that JSON has."""
    if isinstance(value, Record):
        return {name.replace("-", "_"): _plain(field) for name, field in vars(value).items()}
    if isinstance(value, Variant):
        return {value.tag: _plain(value.payload)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _step(record: Record) -> dict[str, Any]:
    """A step as JSON has it: what a step of its kind does not have is left out."""
    step = {name.replace("-", "_"): value for name, value in vars(record).items()}
    group, because = step.pop("group"), step.pop("health_reason")
    plain = {name: step[name] for name in ("parent", "kind", "subject", "part", "verdict", "health")}
    if not plain["part"]:
        del plain["part"]
    if plain["health"] is None:
        del plain["health"]
    if group is not None:
        plain.update(_plain(group))
    plain["reason"] = _reason(step["reason"])
    if because is not None:
        plain["health_reason"] = _reason(because)
    return {**plain, "text": step["text"]}


def _reason(record: Record) -> dict[str, Any]:
    reason: dict[str, Any] = {"code": record.code}
    for parameter in record.parameters:
        value = parameter.value.payload if isinstance(parameter.value, Variant) else parameter.value
        is_whole = isinstance(value, float) and value.is_integer()
        reason[parameter.name] = int(value) if is_whole else value
    return reason


def _documents(documents: Iterable[Document]) -> list[Record]:
    return [_document(document) for document in documents]


def _document(document: Document) -> Record:
    return _record(**Document(*document)._asdict())


def _report(text: str) -> Record:
    return _document(Document("health report", text))


def _findings(records: list[Record]) -> list[Finding]:
    plain = ({**_plain(record)} for record in records)
    return [Finding(class_=fields.pop("class"), **fields) for fields in plain]


def _lacks_draw(line: str) -> bool:
    """Whether a line is a query that says no draw; what is no query is refused elsewhere."""
    try:
        query = json.loads(line)
    except ValueError:
        return False
    return isinstance(query, dict) and query.get("draw") is None


def _line(query: Mapping[str, Any]) -> str:
    try:
        draw = query.get("draw")
        if isinstance(draw, int) and not isinstance(draw, bool):
            # An integer of JSON has 53 bits.
            query = {**query, "draw": str(draw)}
        return json.dumps(query, ensure_ascii=False)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"the query cannot be written as JSON: {error}") from error


def _answer(line: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise PointsmanError(answer["error"])
    return answer


def _query(query: Mapping[str, Any]) -> Record:
    """A query that `resolve` has answered, typed."""
    client = query.get("client") or {}
    place = {name: float(client[name]) for name in ("latitude", "longitude") if client.get(name) is not None}
    latencies = (client.get("latency_ms") or {}).items()
    facts = ("ip", "ecs", "country", "continent", "subdivision", "vpc_region")
    return _record(
        name=query["name"],
        type=query["type"],
        draw=int(query.get("draw") or 0),
        client=_record(
            **{fact: client.get(fact) for fact in facts},
            location=_record(**place) if place else None,
            latency=[_record(region=region, milliseconds=float(milliseconds)) for region, milliseconds in latencies],
        ),
    )
