"""The catalogue as a page: what must be collected, from whom, by when, on what basis, who may see it, how long it is
kept, and how completely it has come in. Drawn from one release, like the dashboard; wording is in the template.
"""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import namedtuple_row

from ipcredit.database import connect
from ipcredit.outputs.pages import Release, read_release, render, write_page

_QUERIES = {
    "province": "select d.name from reference.divisions as d where d.level = 'province'",
    "items": """
        select i.*, u.bureau_count, coalesce(u.office_names, '{}') as office_names
        from release_store.catalogue_items as i
        cross join lateral (
            select count(*) filter (where o.role = 'bureau') as bureau_count,
                array_agg(o.name order by o.organisation_code) filter (where o.role <> 'bureau') as office_names
            from reference.organisations as o where o.role = any(string_to_array(i.submitters, '|'))
        ) as u
        where i.release_id = %(release)s order by i.catalogue_code""",
    "fields": """
        select f.* from release_store.catalogue_fields as f
        where f.release_id = %(release)s order by f.catalogue_code, f.field_no""",
    "versions": """
        select v.*, i.title from release_store.catalogue_item_versions as v
        inner join release_store.catalogue_items as i on v.release_id = i.release_id and v.dataset = i.dataset
        where v.release_id = %(release)s
        order by v.scope_division_code nulls first, v.catalogue_code, v.effective_from, v.version""",
    "units": """
        select o.organisation_code as code, o.name, o.role,
            case when o.role = 'bureau' then d.name else split_part(o.aliases, '|', 1) end as short_name
        from reference.organisations as o
        left join reference.divisions as d on o.division_code = d.division_code
        where exists (
            select from release_store.catalogue_coverage as c
            where c.release_id = %(release)s and c.bureau_code = o.organisation_code
        )
        order by o.role, o.organisation_code""",
    # The periods of the year judged, and of earlier ones those in which something is missing.
    "periods": """
        select c.dataset, i.title, c.period, min(c.due_on) as first_due_on, max(c.due_on) as last_due_on
        from release_store.catalogue_coverage as c
        inner join release_store.catalogue_items as i on c.release_id = i.release_id and c.dataset = i.dataset
        where c.release_id = %(release)s
        group by i.catalogue_code, c.dataset, i.title, c.period
        having bool_or(c.completeness = 'missing')
            or left(c.period, 4) = extract(year from %(as_of)s::date)::text
        order by i.catalogue_code, c.period""",
    "cells": """
        select c.bureau_code, c.dataset, c.period, c.completeness, c.late_working_days, c.state
        from release_store.catalogue_coverage as c where c.release_id = %(release)s""",
    "organisations": """
        select o.level, o.role, array_agg(o.name order by o.organisation_code) as names
        from reference.organisations as o
        group by o.level, o.role
        order by array_position(array['national', 'province', 'city', 'county'], o.level), o.role""",
}


def write_catalogue(release_id: str | None = None) -> Path:
    """Draw the catalogue of a published release into `<outputs>/<release_id>/catalogue.html`, replacing it at once.

    Args:
        release_id: default: the current release.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    with connect() as connection:
        release = read_release(connection, release_id)
        page = render("catalogue.html.j2", release=release, **_content(connection, release))
    return write_page(release.release_id, "catalogue.html", page)


def _content(connection: Connection, release: Release) -> dict[str, Any]:
    parameters = {"release": release.release_id, "as_of": release.as_of}
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows: dict[str, Any] = {name: cursor.execute(query, parameters).fetchall() for name, query in _QUERIES.items()}
    rows["province"] = rows["province"][0]
    rows["cells"] = {(cell.bureau_code, cell.dataset, cell.period): cell for cell in rows["cells"]}
    return rows
