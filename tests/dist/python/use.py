"""A program that decides once."""

from pathlib import Path

from pointsman import Document, Pointsman, PointsmanError, View


def view() -> View:
    zone = Pointsman().load([Document("zone.json", Path("zone.json").read_text())])
    return zone.health(Path("report.json").read_text())


def main() -> None:
    query = {"name": "www.example.com", "type": "A"}
    values: list[str] = view().resolve(query)["values"]
    print(" ".join(values))
    try:
        Pointsman().load([Document("broken.json", "{")])
    except PointsmanError as error:
        assert error.findings[0].document == "broken.json" and error.findings[0].line == 1
    else:
        raise AssertionError("half a document was loaded")


if __name__ == "__main__":
    main()
