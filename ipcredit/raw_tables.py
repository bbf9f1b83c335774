"""Raw tables: one per dataset, text as received, made from the contracts. Columns are only ever added."""

import psycopg
from psycopg import sql

from ipcredit.contracts import Contract, load_contracts


def raw_columns(contract: Contract) -> list[str]:
    """Text columns of `raw.<dataset>`: the contract's, each amount followed by the unit its header told."""
    return [
        name
        for column in contract.columns
        for name in ([column.name, f"{column.name}_unit"] if column.type == "amount" else [column.name])
    ]


def ensure_raw_tables(connection: psycopg.Connection) -> None:
    """Create the raw table of every contract that has none, and add the columns that contracts have gained.

    dbt reads every dataset's table, also before anything was submitted for it. The caller commits.
    """
    present: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
    ):
        present.setdefault(table, set()).add(column)
    for contract in load_contracts().values():
        table = sql.Identifier("raw", contract.dataset)
        if contract.dataset not in present:
            connection.execute(
                sql.SQL(
                    """create table if not exists {} (submission_id bigint not null, row_number integer not null,
                       unknown_columns jsonb, primary key (submission_id, row_number))"""
                ).format(table)
            )
        for name in raw_columns(contract):
            if name not in present.get(contract.dataset, ()):
                connection.execute(
                    sql.SQL("alter table {} add column if not exists {} text").format(table, sql.Identifier(name))
                )
