"""The dictionary is made of the project's files alone, and leaves no column without a description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ipcredit.cli import app
from ipcredit.contracts import load_contracts
from ipcredit.release import published_tables
from ipcredit.settings import get_settings


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    """A home without a server, as in a fresh clone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPCREDIT_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("IPCREDIT_DATABASE_URL", raising=False)
        get_settings.cache_clear()
        done = CliRunner().invoke(app, ["docs"])
        assert done.exit_code == 0, done.output
        assert done.output.strip().endswith("dictionary.html")
        yield get_settings().home


@pytest.fixture(scope="module")
def manifest(home) -> dict[str, Any]:
    return json.loads((home / "dbt" / "dictionary" / "manifest.json").read_text(encoding="utf-8"))


def undescribed(tables: list[dict[str, Any]]) -> list[str]:
    bare = [table["name"] for table in tables if not table["description"] or not table["columns"]]
    return bare + [
        f"{table['name']}.{column['name']}"
        for table in tables
        for column in table["columns"].values()
        if not column["description"]
    ]


def test_every_published_column_is_described_and_typed(manifest):
    models = [node for node in manifest["nodes"].values() if node["name"].startswith("published_")]
    assert sorted(node["alias"] for node in models) == published_tables()
    assert undescribed(models) == []
    # With an enforced contract dbt refuses a model whose columns are not exactly those of its description.
    assert [node["name"] for node in models if not node["config"]["contract"]["enforced"]] == []
    assert [c for node in models for c in node["columns"].values() if not c["data_type"]] == []


def test_every_column_that_a_bureau_fills_is_described(manifest):
    tables = [source for source in manifest["sources"].values() if source["source_name"] == "raw"]
    assert sorted(source["name"] for source in tables) == sorted(load_contracts())
    assert undescribed(tables) == []


def test_the_page_holds_it_all_and_asks_nobody(home):
    page = (home / "outputs" / "dictionary.html").read_text(encoding="utf-8")
    assert "INLINE DATA" not in page
    assert "default-src 'none'" in page.split("</head>")[0]
    for text in ("数据字典", "publication.subject_grades", "企业的统一社会信用代码"):
        assert text in page
