"""Write docs/licences.md: the licence of every package in the locks, from the metadata of what is installed.

python scripts/licences.py
"""

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "licences.md"
LOCKS = ("requirements.lock", "requirements-uv.lock", "requirements-benchmark.lock")
# Whose metadata say nothing, or which not every platform or only `make benchmark` installs.
STATED = {
    "async-timeout": "Apache-2.0",
    "contourpy": "BSD License",
    "cycler": "BSD License",
    "duckdb": "MIT License",
    "fonttools": "MIT",
    "kiwisolver": "BSD License",
    "matplotlib": "Python Software Foundation License",
    "pillow": "MIT-CMU",
    "pyrage": "MIT",
    "pyyaml-ft": "MIT",
    "text-unidecode": "Artistic License (chosen of two)",
    "uv": "MIT OR Apache-2.0",
}
FORBIDDEN = re.compile(r"UNKNOWN|\bA?GPL|Affero|General Public License|proprietary|commercial", re.IGNORECASE)
"""Unknown, or binding for what is built with them. The Lesser GPL is neither, for libraries that are only imported."""
LESSER = re.compile(r"LGPL\S*|(Library or )?Lesser General Public License", re.IGNORECASE)

HEAD = """# Licences

Of every package in `requirements.lock`, `requirements-uv.lock` and `requirements-benchmark.lock`; written by
`make lock`. None of them is copied into this repository. The Lesser GPL (psycopg, python-stdnum) lets a program import
the library under terms of its own.

| package | version | licence |
|---|---|---|
"""


def locked() -> dict[str, str]:
    """Version by name of every package in the locks."""
    lines = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    return dict(sorted(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", lines, flags=re.MULTILINE)))


def licence(name: str) -> str:
    """What a package is under: its SPDX expression, else its classifiers, else its own words; UNKNOWN without any."""
    if name in STATED:
        return STATED[name]
    about = metadata.metadata(name)
    classes = [c.split(" :: ")[-1] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    words = (about.get("License") or "UNKNOWN").strip().splitlines()[0]
    return about.get("License-Expression") or "; ".join(sorted(set(classes) - {"OSI Approved"})) or words


def is_forbidden(text: str) -> bool:
    """Whether a licence is one that this project cannot be built with."""
    return bool(FORBIDDEN.search(LESSER.sub("", text)))


def page() -> str:
    """The text of docs/licences.md."""
    return HEAD + "".join(f"| {name} | {version} | {licence(name)} |\n" for name, version in locked().items())


if __name__ == "__main__":
    LIST.write_text(page(), encoding="utf-8")
    if bad := {name: licence(name) for name in locked() if is_forbidden(licence(name))}:
        raise SystemExit(f"Not to be used: {bad}")
