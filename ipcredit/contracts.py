"""Reads the dataset contracts, `models/staging/<group>/sources.yml` of the dbt project, and refuses mistaken ones.

A dataset is a table of the source `raw`; what the project adds to dbt's own keys stands under `config.meta`:

- source: `code_lists` = {list: {code: [label shown in templates, alias…]}}, shared by the datasets of the file.
- table: see `_TABLE_KEYS`. `subject` says whose record a row is: columns `key` (统一社会信用代码) and `name`, `kind`
  enterprise, agency, attorney or party (whoever it may be: the row tells nothing of its kind), `person_key`, the column
  of a natural person's number (alone for attorneys), and `registration_no`, a former registration number by which a
  row without code may be matched; `required: false` lets rows name nobody. Without `subject` a row is work done, not a
  credit record of somebody. `record` says which column gives each attribute of a record; null where there is none, and
  of several columns the first that is filled. `business_line` is the line of business (放管服 …).
  A dataset of cycle `as_needed` has a year for its period, and nothing of it ever falls due.
- column: see `_COLUMN_KEYS`. `unit` is the unit of the header and of plain aliases of an amount (default yuan);
  an alias of another unit is written {alias: 罚款（万元）, unit: wan_yuan}. `min` and `max` of an amount are yuan.
  A `long_text` is a text of paragraphs: its line breaks stay.
  A `number` has up to four decimals and no unit of its own; 93.5% is 0.935. `sha256` is no text, in which a run of
  digits would be taken for a telephone number and masked.
  `personal: unless_organisation` marks a name that may be a natural person's: it stays in clear where it reads like an
  organisation's; the subject's name also beside its code or its former registration number.
  `own_division: true` says that a place is where the submitting unit acts: another unit's is refused, not remarked on.

dbt reads the same files with YAML 1.1, and so does this module: text that looks like a number or a date is quoted.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from yaml import MarkedYAMLError

from ipcredit import yaml_lines
from ipcredit.settings import DBT_PROJECT

PERSONAL_TYPES = frozenset({"person_name", "id_number"})
NUMBER_TYPES = frozenset({"amount", "number", "integer", "year"})
COLUMN_TYPES = PERSONAL_TYPES | NUMBER_TYPES | {
    "text", "long_text", "uscc", "org_code", "registration_no", "patent_application_no", "patent_no", "trademark_no",
    "agency_code",
    "date", "code", "boolean", "division", "document_no", "sha256",
}  # fmt: skip
UNITS = ("yuan", "wan_yuan")
BOOLEAN_LABELS = ("是", "否")
SUBMITTING_ROLES = ("bureau", "provincial_source", "provincial_office", "certifying_office")
"""Roles in `seeds/reference/organisations.csv` whose organisations have a drop folder."""
SUBMITTERS = (*SUBMITTING_ROLES, "bureau|provincial_office")
"""Who may submit a dataset: one role, or several with `|` between them."""

# The staging table's own columns; a contract column of such a name would collide with them.
RESERVED_COLUMNS = frozenset({
    "submission_id", "row_number", "unknown_columns", "bureau_code", "dataset", "period", "contract_hash",
    "natural_key", "subject_id", "subject_name", "claimed_registration_no", "event_type", "behaviour_code", "ended_on",
    "issues", "is_accepted",
    "received_at", "home_division_code", "field_issues", "row_issues",
})  # fmt: skip

_PERIODS = {
    "annual": re.compile(r"[12]\d{3}"),
    "quarterly": re.compile(r"[12]\d{3}Q[1-4]"),
    "monthly": re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])"),
    "as_needed": re.compile(r"[12]\d{3}"),
}
_TEXT, _INTEGER, _BOOLEAN = "text (quote it)", "a whole number", "true or false"
_LIST, _MAPPING = "a list, not empty", "a mapping, not empty"
# Key: (must it be there, what it holds); a tuple is the closed set of its values, None is checked on its own.
_TABLE_KEYS: dict[str, tuple[bool, Any]] = {
    "title": (True, _TEXT),
    "catalogue_code": (True, _TEXT),
    "responsible_office": (True, _TEXT),
    "submitters": (True, SUBMITTERS),
    "update_cycle": (True, tuple(_PERIODS)),
    "due_working_days": (True, _INTEGER),
    "disclosure": (True, ("public", "restricted", "internal")),
    "sharing": (True, ("无条件共享", "有条件共享", "不予共享")),
    "legal_basis": (True, _TEXT),
    "requirements": (True, _LIST),
    "mode": (True, ("full", "incremental")),
    "natural_key": (True, _LIST),
    "subject": (False, _MAPPING),
    "record": (True, _MAPPING),
    "business_line": (False, ("deregulation", "agency_supervision", "case_handling")),
    "retention_years": (True, _INTEGER),
}
_COLUMN_KEYS: dict[str, tuple[bool, Any]] = {
    "header": (True, _TEXT),
    "aliases": (False, _LIST),
    "type": (True, tuple(sorted(COLUMN_TYPES))),
    "required": (False, _BOOLEAN),
    "code_list": (False, _TEXT),
    "unit": (False, UNITS),
    "min": (False, _INTEGER),
    "max": (False, _INTEGER),
    "example": (False, _TEXT),
    "note": (False, _TEXT),
    "personal": (False, ("unless_organisation",)),
    "own_division": (False, _BOOLEAN),
}
_SUBJECT_KEYS: dict[str, tuple[bool, Any]] = {
    "key": (False, _TEXT),
    "name": (True, _TEXT),
    "kind": (True, ("enterprise", "agency", "attorney", "party")),
    "person_key": (False, _TEXT),
    "registration_no": (False, _TEXT),
    "required": (False, _BOOLEAN),
}
# Attribute of a credit record: the type its column must have, None for any.
_RECORD_TYPES = {
    "event_date": "date",
    "valid_from": "date",
    "valid_to": "date",
    "document_no": None,
    "authority": None,
    "amount_yuan": "amount",
    "event_value": None,
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")  # leaves room for `_unit` in PostgreSQL's 63 bytes


class ContractError(ValueError):
    """The contracts hold mistakes; `mistakes` has all of them, each `path:line: what is wrong`."""

    def __init__(self, mistakes: list[str]):
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class Alias:
    """Another header of a column; `unit` only for amounts."""

    text: str
    unit: str | None = None


@dataclass(frozen=True)
class Column:
    """One field of a dataset."""

    name: str
    description: str
    header: str
    aliases: tuple[Alias, ...]
    type: str
    required: bool
    code_list: str | None
    unit: str | None
    """Unit of `header`: yuan or wan_yuan; None unless an amount."""
    minimum: int | None
    maximum: int | None
    example: str | None
    note: str | None
    personal: Literal["always", "unless_organisation", "never"]
    """Whether loading replaces the value by a keyed hash: always, unless it names an organisation, or never."""

    @property
    def is_personal(self) -> bool:
        return self.personal == "always"


@dataclass(frozen=True)
class Subject:
    """Columns that say whose record a row is."""

    key: str | None
    name: str
    kind: str
    person_key: str | None
    registration_no: str | None
    required: bool
    """Whether a row must name a subject."""


@dataclass(frozen=True)
class Contract:
    """One dataset as its group's sources.yml declares it."""

    dataset: str
    group: str
    file: Path
    line: int
    description: str
    title: str
    catalogue_code: str
    responsible_office: str
    submitters: str
    update_cycle: str
    due_working_days: int
    disclosure: str
    sharing: str
    legal_basis: str
    requirements: tuple[str, ...]
    mode: str
    natural_key: tuple[str, ...]
    subject: Subject | None
    record: dict[str, str | list[str] | None]
    business_line: str | None
    retention_years: int
    code_lists: dict[str, dict[str, tuple[str, ...]]]
    """List -> code -> (label, aliases…); the lists this dataset uses."""
    columns: tuple[Column, ...]

    @property
    def submitting_roles(self) -> list[str]:
        """Roles whose organisations submit it."""
        return self.submitters.split("|")

    @cached_property
    def headers(self) -> dict[str, tuple[Column, str | None]]:
        """By header or alias, as `normalise_header` writes it: the column, and its unit for an amount."""
        return {normalise_header(text): (c, unit) for c in self.columns for text, unit in _headers_of(c)}

    def match_header(self, text: str) -> tuple[Column, str | None] | None:
        """The column that a header cell means, with its unit for an amount (yuan or wan_yuan); None if unknown."""
        return self.headers.get(normalise_header(text))

    def column(self, name: str) -> Column:
        """The column of this name; KeyError if there is none."""
        return {c.name: c for c in self.columns}[name]


def _headers_of(column: Column) -> Iterator[tuple[str, str | None]]:
    yield column.header, column.unit
    for alias in column.aliases:
        yield alias.text, alias.unit


@lru_cache(maxsize=10_000)  # a sheet's header is held against every dataset's
def normalise_header(text: str) -> str:
    """A header as it is compared: NFKC, no white space, no required mark (*), no trailing colon, case folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c for c in folded if not c.isspace() and c != "*" and unicodedata.category(c) != "Cf")
    return kept.rstrip(":")


def period_is_valid(period: str, update_cycle: str) -> bool:
    """Whether `period` is written as the cycle asks: annual 2022, quarterly 2022Q3, monthly 2022-11."""
    return _PERIODS[update_cycle].fullmatch(period) is not None


@lru_cache
def load_contracts(project: Path = DBT_PROJECT) -> dict[str, Contract]:
    """All contracts of a dbt project by dataset, in the order of `vars.datasets`.

    Raises:
        ContractError: naming every mistake in every file at once.
    """
    check = _Check(project)
    files = sorted(project.glob("models/staging/*/sources.yml"))
    contracts = {contract.dataset: contract for path in files for contract in _read_file(check, path)}
    datasets = _declared_datasets(check)
    _check_titles(check, list(contracts.values()))
    check.raise_if_any()
    return {dataset: contracts[dataset] for dataset in datasets}


class _Check:
    """Collects mistakes with file and line."""

    def __init__(self, project: Path):
        self.project = project
        self.found: list[tuple[str, int, str]] = []
        self.datasets: dict[str, tuple[Path, int]] = {}

    def name(self, path: Path) -> str:
        return path.relative_to(self.project.parent).as_posix()

    def say(self, path: Path, line: int, message: str) -> None:
        self.found.append((self.name(path), line, message))

    def raise_if_any(self) -> None:
        if self.found:
            raise ContractError([f"{path}:{line}: {message}" for path, line, message in sorted(set(self.found))])


def _parse(check: _Check, path: Path) -> Any:
    try:
        return yaml_lines.load(path)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        check.say(path, mark.line + 1 if mark else 1, f"not readable as YAML: {error.problem or error.context}")
        return None


def _declared_datasets(check: _Check) -> list[str]:
    """`vars.datasets` of dbt_project.yml, held against the contracts found."""
    path = check.project / "dbt_project.yml"
    document = _parse(check, path) or {}
    declared = document.get("vars", {}).get("datasets") or []
    for index, dataset in enumerate(declared):
        if dataset not in check.datasets:
            check.say(path, _item_line(declared, index), f"dataset {dataset} in vars.datasets has no contract")
        if dataset in declared[:index]:
            check.say(path, _item_line(declared, index), f"dataset {dataset} stands twice in vars.datasets")
    for dataset, (file, line) in check.datasets.items():
        if dataset not in declared:
            check.say(file, line, f"dataset {dataset} is missing in vars.datasets of dbt_project.yml")
    return list(declared)


def _check_titles(check: _Check, contracts: list[Contract]) -> None:
    """Titles name sheets and, in files, datasets: they fit a sheet name and belong to one dataset only."""
    for index, contract in enumerate(contracts):
        if len(contract.title) > 31 or re.search(r"[\[\]:*?/\\]", contract.title):
            check.say(contract.file, contract.line, f"dataset {contract.dataset}: title cannot name a sheet")
        for other in contracts[:index]:
            if contract.title == other.title or contract.catalogue_code == other.catalogue_code:
                what = f"dataset {contract.dataset}: title or catalogue_code is already that of {other.dataset}"
                check.say(contract.file, contract.line, what)


def _line(mapping: Any, key: str | None = None) -> int:
    """Line of a key, or of the mapping itself when the key is not there."""
    return int(mapping.lines[key] if key in mapping else mapping.line)


def _item_line(sequence: Any, index: int) -> int:
    return int(sequence.lines[index])


def _is_mapping(value: Any) -> bool:
    return isinstance(value, yaml_lines.Mapping)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is(kind: str, value: Any) -> bool:
    if kind == _INTEGER:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == _BOOLEAN:
        return isinstance(value, bool)
    if kind == _LIST:
        return isinstance(value, list) and bool(value)
    return bool(value) and _is_mapping(value) if kind == _MAPPING else _is_text(value)


def _check_keys(check: _Check, path: Path, mapping: Any, keys: dict[str, tuple[bool, Any]], what: str) -> bool:
    """Closed set of keys, required ones present, plain values of the right kind. True when all is well."""
    before = len(check.found)
    for key in mapping:
        if key not in keys:
            check.say(path, _line(mapping, key), f"{what}: unknown key {key}")
    for key, (is_required, kind) in keys.items():
        if key not in mapping:
            if is_required:
                check.say(path, _line(mapping), f"{what}: key {key} is missing")
            continue
        value = mapping[key]
        if isinstance(kind, tuple) and value not in kind:
            check.say(path, _line(mapping, key), f"{what}: unknown {key} {value}; allowed: {', '.join(kind)}")
        elif isinstance(kind, str) and not _is(kind, value):
            check.say(path, _line(mapping, key), f"{what}: {key} must be {kind}")
    return len(check.found) == before


_ANY_TEXT = (True, _TEXT)


def _meta(check: _Check, path: Path, node: Any, what: str) -> Any:
    """The mapping under `config.meta`, or None (reported)."""
    config = node.get("config")
    if not _is_mapping(config) or list(config) != ["meta"] or not _is_mapping(config["meta"]):
        check.say(
            path, _line(node, "config"), f"{what}: expected config: {{meta: {{…}}}} and nothing else under config"
        )
        return None
    return config["meta"]


def _read_file(check: _Check, path: Path) -> Iterator[Contract]:
    document = _parse(check, path)
    if document is None:
        return
    if not _is_mapping(document) or not _check_keys(
        check, path, document, {"version": (True, None), "sources": (True, _LIST)}, "file"
    ):
        return
    for source in document["sources"]:
        keys = {
            "name": (True, ("raw",)),
            "schema": (True, ("raw",)),
            "config": (True, _MAPPING),
            "tables": (True, _LIST),
        }
        if not _check_keys(check, path, source, keys, "source"):
            continue
        meta = _meta(check, path, source, "source")
        if meta is None or not _check_keys(check, path, meta, {"code_lists": (True, _MAPPING)}, "source"):
            continue
        code_lists = _read_code_lists(check, path, meta["code_lists"])
        used: set[str] = set()
        for table in source["tables"]:
            used |= _code_lists_named(table)
            contract = _read_table(check, path, table, code_lists)
            if contract:
                yield contract
        for name in code_lists.keys() - used:
            check.say(path, _line(meta["code_lists"], name), f"code list {name} is used by no column")


def _code_lists_named(table: Any) -> set[str]:
    columns = table.get("columns") or []
    return {(c.get("config") or {}).get("meta", {}).get("code_list") for c in columns if _is_mapping(c)} - {None}


def _read_code_lists(check: _Check, path: Path, node: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, codes in node.items():
        lists[name] = {}
        claimed: dict[str, str] = {}
        for code, labels in codes.items():
            if not isinstance(code, str) or not labels or not all(_is_text(label) for label in labels):
                check.say(
                    path,
                    _line(codes, code),
                    f"code list {name}, code {code}: code and labels must be text (quote them)",
                )
                continue
            lists[name][code] = tuple(labels)
            texts = [(_line(codes, code), code)] + [(_item_line(labels, i), label) for i, label in enumerate(labels)]
            for line, text in texts:
                owner = claimed.setdefault(normalise_header(text), code)
                if owner != code:
                    check.say(path, line, f"code list {name}: {text} is claimed by codes {owner} and {code}")
    return lists


def _read_table(
    check: _Check, path: Path, table: Any, code_lists: dict[str, dict[str, tuple[str, ...]]]
) -> Contract | None:
    dataset = str(table.get("name"))
    before = len(check.found)
    keys = {"name": _ANY_TEXT, "description": _ANY_TEXT, "config": (True, _MAPPING), "columns": (True, _LIST)}
    if not _check_keys(check, path, table, keys, f"dataset {dataset}"):
        return None
    line = _line(table, "name")
    if not _NAME.fullmatch(dataset):
        check.say(path, line, f"dataset {dataset}: a name is lower-case letters, digits and _")
    first_file, first_line = check.datasets.setdefault(dataset, (path, line))
    if (first_file, first_line) != (path, line):
        check.say(path, line, f"dataset {dataset} is already declared in {check.name(first_file)}:{first_line}")
    meta = _meta(check, path, table, f"dataset {dataset}")
    columns = [_read_column(check, path, dataset, node, code_lists) for node in table["columns"]]
    _check_columns(check, path, table["columns"], dataset, [c for c in columns if c])
    names = {str(node.get("name")): column for node, column in zip(table["columns"], columns, strict=True)}
    if meta is not None and _check_keys(check, path, meta, _TABLE_KEYS, f"dataset {dataset}"):
        _check_references(check, path, meta, dataset, names)
    if len(check.found) > before or meta is None:
        return None
    values = {key: meta.get(key) for key in _TABLE_KEYS}
    values |= {
        "requirements": tuple(meta["requirements"]),
        "natural_key": tuple(meta["natural_key"]),
        "subject": _subject(meta["subject"]) if "subject" in meta else None,
        "record": {key: meta["record"][key] for key in _RECORD_TYPES},
    }
    good = tuple(c for c in columns if c)
    return Contract(
        dataset=dataset, group=path.parent.name, file=path, line=line, description=table["description"],
        code_lists={c.code_list: code_lists[c.code_list] for c in good if c.code_list}, columns=good, **values,
    )  # fmt: skip


def _subject(node: Any) -> Subject:
    given = {key: node.get(key) for key in _SUBJECT_KEYS} | {"required": node.get("required", True)}
    return Subject(**given)


def _read_column(check: _Check, path: Path, dataset: str, node: Any, code_lists: dict[str, Any]) -> Column | None:
    before = len(check.found)
    what = f"column {dataset}.{node.get('name')}"
    if not _check_keys(
        check, path, node, {"name": _ANY_TEXT, "description": _ANY_TEXT, "config": (True, _MAPPING)}, what
    ):
        return None
    meta = _meta(check, path, node, what)
    if meta is None or not _check_keys(check, path, meta, _COLUMN_KEYS, what):
        return None
    kind, name = meta["type"], node["name"]
    if not _NAME.fullmatch(name) or name in RESERVED_COLUMNS:
        check.say(path, _line(node, "name"), f"{what}: the name is reserved or not lower-case letters, digits and _")
    if (kind == "code") != ("code_list" in meta):
        check.say(path, _line(meta, "code_list"), f"{what}: code_list belongs to type code, and to it only")
    elif kind == "code" and meta["code_list"] not in code_lists:
        check.say(path, _line(meta, "code_list"), f"{what}: unknown code list {meta['code_list']}")
    for key, allowed in (
        ("unit", {"amount"}), ("min", NUMBER_TYPES), ("max", NUMBER_TYPES), ("personal", {"text"}),
        ("own_division", {"division"}),
    ):  # fmt: skip
        if key in meta and kind not in allowed:
            check.say(path, _line(meta, key), f"{what}: {key} is not for type {kind}")
    if meta.get("min", 0) > meta.get("max", meta.get("min", 0)):
        check.say(path, _line(meta, "min"), f"{what}: min is greater than max")
    unit = meta.get("unit", "yuan") if kind == "amount" else None
    aliases = _read_aliases(check, path, meta, what, unit)
    if len(check.found) > before:
        return None
    return Column(
        name=name, description=node["description"], header=meta["header"], aliases=aliases, type=kind,
        required=meta.get("required", False), code_list=meta.get("code_list"), unit=unit, minimum=meta.get("min"),
        maximum=meta.get("max"), example=meta.get("example"), note=meta.get("note"),
        personal="always" if kind in PERSONAL_TYPES else meta.get("personal", "never"),
    )  # fmt: skip


def _read_aliases(check: _Check, path: Path, meta: Any, what: str, unit: str | None) -> tuple[Alias, ...]:
    aliases = []
    for index, item in enumerate(meta.get("aliases", [])):
        line = _item_line(meta["aliases"], index)
        if _is_text(item):
            aliases.append(Alias(item, unit))
        elif not _is_mapping(item):
            check.say(path, line, f"{what}: alias {item} must be text (quote it)")
        elif unit is None:
            check.say(path, line, f"{what}: an alias with a unit belongs to type amount only")
        elif _check_keys(check, path, item, {"alias": _ANY_TEXT, "unit": (True, UNITS)}, what):
            aliases.append(Alias(item["alias"], item["unit"]))
    return tuple(aliases)


def _check_columns(check: _Check, path: Path, nodes: Any, dataset: str, columns: list[Column]) -> None:
    """No name twice, and no header or alias (as compared) declared twice within the dataset."""
    lines = {str(node.get("name")): _line(node, "name") for node in nodes}
    for index, node in enumerate(nodes):
        if node.get("name") in [other.get("name") for other in nodes[:index]]:
            check.say(path, _line(node, "name"), f"dataset {dataset}: column {node.get('name')} is declared twice")
    claimed: dict[str, str] = {}
    for column in columns:
        for text, _ in _headers_of(column):
            owner = claimed.get(normalise_header(text))
            if owner:
                line = _header_line(nodes, column.name, text) or lines[column.name]
                check.say(
                    path,
                    line,
                    f"dataset {dataset}: header {text} of column {column.name} is already one of column {owner}",
                )
            claimed.setdefault(normalise_header(text), column.name)


def _header_line(nodes: Any, name: str, text: str) -> int | None:
    """Line on which a column writes this header or alias (the last one, should it do so twice)."""
    meta = next(node["config"]["meta"] for node in reversed(nodes) if node.get("name") == name)
    aliases = meta.get("aliases", [])
    for index in reversed(range(len(aliases))):
        if text in (aliases[index], aliases[index]["alias"] if _is_mapping(aliases[index]) else None):
            return _item_line(aliases, index)
    return _line(meta, "header")


def _check_references(check: _Check, path: Path, meta: Any, dataset: str, columns: dict[str, Column | None]) -> None:
    """Natural key, subject and record name columns that exist and suit. A mistaken column is None here."""
    what = f"dataset {dataset}"
    for index, name in enumerate(meta["natural_key"]):
        column = columns.get(name)
        if name not in columns:
            check.say(path, _item_line(meta["natural_key"], index), f"{what}: natural_key names no column: {name}")
        elif column and not column.required:
            check.say(
                path, _item_line(meta["natural_key"], index), f"{what}: natural_key column {name} must be required"
            )
    subject, record = meta.get("subject", {}), meta["record"]
    if "subject" in meta:
        _check_keys(check, path, subject, _SUBJECT_KEYS, f"{what}, subject")
        if not (subject.get("key") or subject.get("person_key")):
            check.say(path, _line(meta, "subject"), f"{what}: subject needs key or person_key")
    _check_keys(check, path, record, {key: (True, None) for key in _RECORD_TYPES}, f"{what}, record")
    types: dict[str, str | None] = {
        "key": "uscc", "name": None, "person_key": "id_number", "registration_no": "registration_no",
    }  # fmt: skip
    named = [(subject, "subject", key, types[key], subject[key]) for key in types if subject.get(key)]
    for key, kind in _RECORD_TYPES.items():
        given = record.get(key) or []
        named += [(record, "record", key, kind, name) for name in (given if isinstance(given, list) else [given])]
    for mapping, part, key, kind, name in named:
        column = columns.get(name)
        if name not in columns:
            check.say(path, _line(mapping, key), f"{what}: {part}.{key} names no column: {name}")
        elif column and kind and column.type != kind:
            check.say(
                path, _line(mapping, key), f"{what}: {part}.{key} must be a column of type {kind}, not {column.type}"
            )
