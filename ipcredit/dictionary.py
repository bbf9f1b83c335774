"""The data dictionary: dbt's documentation page of this checkout, in one file that needs no server and no network."""

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

from ipcredit.build import run_dbt
from ipcredit.files import write_whole
from ipcredit.settings import get_settings

# dbt's page would tell its makers who reads it, if it was asked to; it never is, and this bars the way out for good.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
# A description cut short is none.
_STYLE = "<style>tr.column-row td, tr.column-row td span { white-space: normal; overflow: visible }</style>"


def write_dictionary() -> Path:
    """Write `<outputs>/dictionary.html`, replacing the page at once.

    A dictionary needs no data: only the project's files are read, so it is the same before the first build. What a
    catalogue of the database would add, types and comments, stands in the models' contracts.

    Raises:
        BuildError: the project cannot be parsed.
    """
    target = get_settings().home.absolute() / "dbt" / "dictionary"
    # A target of its own: another connection than the builds' would make each parse everything anew.
    run_dbt("parse", environment=os.environ | {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target / "logs")})
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    page = resources.files("dbt.task.docs").joinpath("index.html").read_text(encoding="utf-8")
    for place, content in (
        ("<head>", f"<head>{_POLICY}{_STYLE}"),
        ('"MANIFEST.JSON INLINE DATA"', _script(manifest)),
        ('"CATALOG.JSON INLINE DATA"', _script(_catalogue(manifest))),
    ):
        if place not in page:
            raise RuntimeError(f"dbt's documentation page has no {place} any more: see ipcredit/dictionary.py.")
        page = page.replace(place, content, 1)
    return write_whole(get_settings().outputs / "dictionary.html", page.encode())


def _script(content: Any) -> str:
    """JSON that may stand within a script element: no text of it can end the element."""
    return json.dumps(content, ensure_ascii=False).replace("</", "<\\/")


def _catalogue(manifest: dict[str, Any]) -> dict[str, Any]:
    """What dbt would have asked the database for, as far as contracts say it: the types of the columns."""
    return {
        "metadata": {},
        "nodes": {key: _table(node) for key, node in manifest["nodes"].items() if node["columns"]},
        "sources": {key: _table(source) for key, source in manifest["sources"].items()},
        "errors": None,
    }


def _table(node: dict[str, Any]) -> dict[str, Any]:
    columns = {
        column["name"]: {
            "name": column["name"],
            "index": index,
            "type": column["data_type"] or column["config"].get("meta", {}).get("type", ""),
            "comment": column["description"],
        }
        for index, column in enumerate(node["columns"].values(), 1)
    }
    about = {
        "type": node.get("config", {}).get("materialized", "table"),
        "schema": node["schema"],
        "name": node["name"],
    }
    return {"unique_id": node["unique_id"], "metadata": about, "columns": columns, "stats": {}}
