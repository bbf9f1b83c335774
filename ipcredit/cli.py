"""`ipcredit …`: the same functions that the DAGs call, for a person at a terminal."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
