"""Cities, areas and their province, and the offices that write to each other: names are seeds."""

from typing import NamedTuple

from psycopg import Connection

from ipcredit.outputs import OutputError


class Place(NamedTuple):
    """Whose summary it is, and who writes to whom."""

    division: str
    name: str
    issuer: str
    addressee: str
    is_province: bool


def read_divisions(connection: Connection) -> tuple[dict[str, str], str, str]:
    """Names of the cities and areas by code, and code and name of the province."""
    found = connection.execute("select division_code, name, level from reference.divisions order by 1").fetchall()
    names = {code: name for code, name, level in found if level in ("city", "area")}
    code, name = next((code, name) for code, name, level in found if level == "province")
    return names, code, name


def read_place(connection: Connection, division: str | None) -> Place:
    """The province, or one of its cities and areas, as a writer of a summary.

    Raises:
        OutputError: no such city or area.
    """
    names, province, province_name = read_divisions(connection)
    is_province = division in (None, province)
    if not is_province and division not in names:
        raise OutputError(f"{division} 不是市或示范区的代码；可用的：{'、'.join(names)}。")
    code = province if is_province else str(division)
    # Of several offices of one role the one that is part of no other comes last, and counts.
    offices: dict[str, str] = dict(
        connection.execute(
            """select o.role, o.name from reference.organisations as o
               where (o.role = 'bureau' and o.division_code = %(division)s)
                   or (o.role = 'provincial_office' and o.division_code = %(province)s) or o.role = 'national_office'
               order by o.parent_code is null, o.organisation_code""",
            {"division": code, "province": province},
        ).fetchall()
    )
    writer, reader = ("provincial_office", "national_office") if is_province else ("bureau", "provincial_office")
    return Place(code, province_name if is_province else names[code], offices[writer], offices[reader], is_province)
