"""The figures of a summary: each has a key, is made by SQL from one release, and opens to the rows it was made of.

`ipcredit/figures/<topic>.sql` holds the SQL: for each key one query whose rows *are* the figure. A figure is the number
of its rows, or the sum of their `quantity`; what a query gives besides is there to be looked at. Special columns:

    division_code    whose row it is                       part        a part of the figure with a key of its own
    quantity         how much the row counts; else 1       part_label  its name, where `wording.PARTS` has none
    is_provisional   rests on a rule no document gives     missing_reason  why there is no quantity

Lines above a query say the rest: `label`, `unit`; `from`, the datasets it rests on; `each: division`, a value of each
division that cannot be added up; `each: province`, one value for everybody; `ratio: KEY / KEY` instead of a query.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection, Cursor, errors, sql

from ipcredit.outputs import OutputError
from ipcredit.outputs.labels import Column
from ipcredit.outputs.wording import PARTS

TOPICS = Path(__file__).resolve().parent.parent / "figures"
OWN = "own"
"""Stands for a division: what the offices of the province itself report, part of the province's figures."""
ROWS_SHOWN = 500

CELLS = """
select c.dataset, c.division_code, bool_or(c.completeness in ('received', 'late', 'nil_return')),
    bool_or(c.completeness = 'missing')
from catalogue_coverage as c where left(c.period, 4) = %(year)s group by c.dataset, c.division_code
"""


class Definition(NamedTuple):
    """A figure as its file declares it."""

    key: str
    topic: str
    label: str
    unit: str
    datasets: tuple[str, ...]
    each: str
    ratio: tuple[str, ...]
    query: str


class Figure(NamedTuple):
    """One number of one division, or why there is none."""

    key: str
    division: str
    label: str
    unit: str
    value: Decimal | None
    rows: int
    is_provisional: bool = False
    missing: str | None = None
    lacking: tuple[str, ...] = ()
    """Divisions that have not reported all that was due of what the figure rests on: the number is not whole."""


class Figures:
    """All figures of a release and a year, by key and division; the province's are the sums of its divisions'."""

    def __init__(self, definitions: dict[str, Definition], province: str) -> None:
        self.definitions = definitions
        self.province = province
        self.found: dict[tuple[str, str], Figure] = {}
        self._parts: dict[str, dict[str, str]] = {key: {} for key in definitions}

    def add(self, definition: Definition, part: str | None, part_label: str | None, figure: Figure) -> None:
        if part is not None:
            self._parts[definition.key][part] = part_label or part_name(part)
        self.found[figure.key, figure.division] = figure

    def get(self, key: str, division: str | None = None) -> Figure:
        """The figure of a division, default the province; nothing found is 0, or missing if nobody reported.

        Raises:
            KeyError: no file declares this key.
        """
        division = division or self.province
        definition = self.definition(key)
        if definition.each == "province":
            division = self.province
        return self.found.get((key, division)) or self._none(definition, key, division)

    def parts(self, key: str) -> dict[str, str]:
        """The parts of a figure that occur in the province, with their names, in the order in which they are told."""
        order = {code: at for at, code in enumerate(PARTS)}
        return dict(sorted(self._parts[key].items(), key=lambda part: (order.get(part[0], len(order)), part[0])))

    def definition(self, key: str) -> Definition:
        """That of the key, or of the figure the key is a part of."""
        while key not in self.definitions:
            key, dot, _ = key.rpartition(".")
            if not dot:
                raise KeyError(key)
        return self.definitions[key]

    def _part_label(self, definition: Definition, part: str) -> str:
        """The name of a part that a figure does not have: what another figure of its topic calls it."""
        kin = [key for key, other in self.definitions.items() if other.topic == definition.topic]
        known = (self._parts[key].get(part) for key in (definition.key, *kin))
        return next((name for name in known if name), part_name(part))

    def _none(self, definition: Definition, key: str, division: str) -> Figure:
        label, part = definition.label, key.removeprefix(definition.key).removeprefix(".")
        if part:
            label += f"：{self._part_label(definition, part)}"
        whole = self.found.get((definition.key, division))
        missing = whole.missing if whole else None
        is_value = definition.each == "division" or definition.ratio
        if not missing and is_value:
            missing = "没有可比的基数" if definition.ratio else "没有数据"
        value = None if missing else Decimal(0)
        lacking = whole.lacking if whole else ()
        return Figure(key, division, label, _unit(definition, part), value, 0, False, missing, lacking)


def read_definitions(folder: Path = TOPICS) -> dict[str, Definition]:
    """Every figure that the files of a folder declare, by key, in the order of files and lines."""
    found = {}
    for file in sorted(folder.glob("*.sql")):
        _, *blocks = re.split(r"^-- key: ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for block in blocks:
            key, _, rest = block.partition("\n")
            told = dict(re.findall(r"^-- (label|unit|from|each|ratio): (.*)$", rest, re.MULTILINE))
            query = re.sub(r"^-- (label|unit|from|each|ratio): .*\n", "", rest, flags=re.MULTILINE).strip()
            ratio = tuple(told.get("ratio", "").split(" / ")) if "ratio" in told else ()
            found[key.strip()] = Definition(
                key.strip(), file.stem, told["label"], told.get("unit", "%"), tuple(told.get("from", "").split()),
                told.get("each", ""), ratio, query,
            )  # fmt: skip
    return found


def read_figures(connection: Connection, release_id: str, given: dict[str, Any], *, folder: Path = TOPICS,
                 schema: str | None = None) -> Figures:  # fmt: skip
    """All figures of a release, read within the transaction that `read_release` began.

    Args:
        given: what the queries are asked with, see `parameters`; `province` is the code of the whole.
        schema: where the tables are; default that of the release. Analysts' views are in `publication`.

    Raises:
        OutputError: the release was made before a table that is needed.
    """
    figures = Figures(read_definitions(folder), given["province"])
    # Nothing else in the path: a table that an old release lacks must not be taken from the current one.
    connection.execute("select set_config('search_path', %s, true)", (schema or f"release_{release_id}",))
    try:
        with connection.transaction():  # a savepoint: what is read after a failure is still of the same moment
            cells = _cells(connection, given)
            for definition in figures.definitions.values():
                if definition.query:
                    _count(connection, definition, given, cells, figures)
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        told = error.diag.message_primary
        raise OutputError(f"发布 {release_id} 里没有年终总结所需的表或列（{told}）；请用较新的发布。") from None
    for definition in figures.definitions.values():
        if definition.ratio:
            _divide(definition, figures)
    return figures


def parameters(as_of: date, year: int, province: str) -> dict[str, Any]:
    """What the queries are asked with."""
    return {"year": str(year), "as_of": as_of, "province": province}


def rows_behind(connection: Connection, definition: Definition, given: dict[str, Any],
                division: str | None) -> tuple[list[Column], list[tuple[Any, ...]], int]:  # fmt: skip
    """Columns and rows of what a figure was made of, `ROWS_SHOWN` at most, and how many there are."""
    of = sql.SQL("select r.* from ({}) as r where %(division)s::text is null or r.division_code = %(division)s").format(
        sql.SQL(definition.query)
    )
    given = given | {"division": division, "limit": ROWS_SHOWN}
    counted = connection.execute(sql.SQL("select count(*) from ({}) as c").format(of), given).fetchone()
    cursor = connection.execute(
        sql.SQL("select c.* from ({}) as c order by c.division_code, c::text limit %(limit)s").format(of), given
    )
    columns = _columns(connection, cursor)
    return columns, cursor.fetchall(), counted[0] if counted else 0


def _columns(connection: Connection, cursor: Cursor) -> list[Column]:
    """The columns of a result with the descriptions of those they were taken from, as the server tells these."""
    result = cursor.pgresult
    assert result is not None  # noqa: S101 - the query has been executed
    found = []
    for at, column in enumerate(cursor.description or ()):
        told = connection.execute("select col_description(%s, %s)", (result.ftable(at), result.ftablecol(at)))
        found.append(Column(column.name, (told.fetchone() or (None,))[0]))
    return found


def part_name(part: str) -> str:
    """The name of a part from the words for its codes: enterprise.A → 企业A级."""
    return "".join(PARTS.get(code, code) for code in part.split("."))


def _unit(definition: Definition, part: str | None) -> str:
    """The unit of a figure or of a part of it: attorneys are people, not 户."""
    is_of_people = (part or "").split(".")[0] == "attorney"
    return {"户": "人", "户次": "人次"}.get(definition.unit, definition.unit) if is_of_people else definition.unit


def _cells(connection: Connection, given: dict[str, Any]) -> dict[str, dict[str, tuple[bool, bool]]]:
    """Per dataset and division: whether anything of the year came in, and whether anything due did not."""
    found: dict[str, dict[str, tuple[bool, bool]]] = {}
    for dataset, division, came, lacks in connection.execute(CELLS, given):
        found.setdefault(dataset, {})[division] = (came, lacks)
    return found


def _count(connection: Connection, definition: Definition, given: dict[str, Any],
           cells: dict[str, dict[str, tuple[bool, bool]]], figures: Figures) -> None:  # fmt: skip
    body = sql.SQL(definition.query)
    empty = connection.execute(sql.SQL("select * from ({}) as r limit 0").format(body), given)
    columns = {column.name for column in empty.description or ()}

    def column(name: str, without: str) -> sql.Composable:
        return sql.Identifier("r", name) if name in columns else sql.SQL(without)

    counted = connection.execute(
        sql.SQL("""
            select c.part, max(c.part_label), c.division_code, grouping(c.division_code), sum(c.quantity), count(*),
                bool_or(c.is_provisional), max(c.missing_reason)
            from (
                select r.division_code, {part}::text as part, {label}::text as part_label, {quantity} as quantity,
                    {provisional} as is_provisional, {missing}::text as missing_reason
                from ({body}) as r
            ) as c
            group by grouping sets ((c.part, c.division_code), (c.part), (c.division_code), ())""").format(
            body=body,
            part=column("part", "null"),
            label=column("part_label", "null"),
            quantity=column("quantity", "1"),
            provisional=column("is_provisional", "false"),
            missing=column("missing_reason", "null"),
        ),
        given,
    ).fetchall()
    # Without parts the same sums come twice: those of the part "none" are those of the whole.
    for part, part_label, division, is_total, quantity, count, provisional, why in counted:
        if definition.each == "division" and is_total:
            continue
        at = figures.province if is_total or definition.each else division
        if not is_total and not definition.each and at == figures.province:
            at = OWN
        key = f"{definition.key}.{part}" if part is not None else definition.key
        label = definition.label + (f"：{part_label or part_name(part)}" if part is not None else "")
        if definition.each == "division":
            at = division
        value = Decimal(quantity) if quantity is not None else None if definition.each else Decimal(0)
        missing = None if value is not None else why or "没有数据"
        figure = Figure(key, at, label, _unit(definition, part), value, count, bool(provisional), missing)
        figures.add(definition, part, part_label, figure)
    _mark_unreported(definition, cells, figures)


def _mark_unreported(definition: Definition, cells: dict[str, dict[str, tuple[bool, bool]]], figures: Figures) -> None:
    """Say of a figure that nobody reported what it rests on, or not everybody."""
    if not definition.datasets:
        return
    reported = [cells.get(dataset, {}) for dataset in definition.datasets]
    divisions = {division for found in cells.values() for division in found} | {figures.province}
    divisions |= {division for key, division in figures.found if figures.definition(key).key == definition.key}
    for division in sorted(divisions - {OWN}):
        is_whole = division == figures.province
        # What the province alone submits is there for every city.
        own = [found if is_whole else _of(found, division, figures.province) for found in reported]
        came = all(any(came for came, _ in found.values()) for found in own)
        lacking = tuple(sorted({code for found in own for code, (_, lacks) in found.items() if lacks}))
        mine = [k for k, at in figures.found if at == division and figures.definition(k).key == definition.key]
        for key in mine or [definition.key]:
            figure = figures.found.get((key, division)) or figures.get(key, division)
            if not came and figure.rows == 0:
                figure = figure._replace(value=None, missing="没有报送")
            figures.found[key, division] = figure._replace(lacking=lacking)


def _of(found: dict[str, tuple[bool, bool]], division: str, province: str) -> dict[str, tuple[bool, bool]]:
    if set(found) <= {province}:
        return found
    return {division: found[division]} if division in found else {}


def _divide(definition: Definition, figures: Figures) -> None:
    over, under = definition.ratio
    for (key, division), below in list(figures.found.items()):
        if figures.definition(key).key != under:
            continue
        part = key.removeprefix(under)
        above = figures.get(over + part, division)
        missing = above.missing or below.missing or (None if below.value else "没有可比的基数")
        value = None if missing else percent(above.value or Decimal(0), below.value or Decimal(1))
        name = figures.parts(under).get(part.removeprefix(".")) if part else None
        label = definition.label + (f"：{name}" if name else "")
        lacking = tuple(sorted({*above.lacking, *below.lacking}))
        provisional = above.is_provisional or below.is_provisional
        figures.add(definition, part.removeprefix(".") or None, name, Figure(
            definition.key + part, division, label, "%", value, below.rows, provisional, missing, lacking
        ))  # fmt: skip


def percent(over: Decimal, under: Decimal) -> Decimal:
    """With two decimals; 100 and 0 only if it is all or nothing."""
    share = (over * 100 / under).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if share == 100 and over != under:
        return Decimal("99.99") if over < under else Decimal("100.01")
    return Decimal("0.01") if share == 0 and over else share


def all_figures(figures: Figures, division: str) -> Iterator[Figure]:
    """Every figure of one division, the parts behind their whole, in the order of the files."""
    for definition in figures.definitions.values():
        for part in ("", *figures.parts(definition.key)):
            key = f"{definition.key}.{part}" if part else definition.key
            yield figures.get(key, division)
