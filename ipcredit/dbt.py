"""dbt's own command line: `python -m ipcredit.dbt build …` is `dbt build …`, with a garbage collector that fits it.

What dbt has read of the project, some million objects, lives until it ends. At Python's own settings the collector goes
through all of them again and again, for a sixth of dbt's time.
"""

import gc

if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 20)
    from dbt.cli.main import cli

    cli(prog_name="dbt")
