"""What both engines take and give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


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
