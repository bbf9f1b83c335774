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

    dbt reads every dataset's table, also before anything was submitted for it. On a database with the extension Citus
    they are distributed, rows and all if there are some. The caller commits.
    """
    _add_missing(connection)
    _distribute(connection)


def _add_missing(connection: psycopg.Connection) -> None:
    present: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
    ):
        present.setdefault(table, set()).add(column)
    missing = [
        (contract, {name: text for name, text in _comments(contract).items() if name not in present.get(dataset, ())})
        for dataset, contract in load_contracts().items()
    ]
    if not any(comments for _, comments in missing):
        return
    # `if not exists` alone does not save two sessions that create the same table at once.
    connection.execute("select pg_advisory_xact_lock(hashtextextended('ipcredit:raw tables', 0))")
    for contract, comments in missing:
        table = sql.Identifier("raw", contract.dataset)
        connection.execute(
            sql.SQL(
                """create table if not exists {} (submission_id bigint not null, row_number integer not null,
                   unknown_columns jsonb, primary key (submission_id, row_number))"""
            ).format(table)
        )
        connection.execute(sql.SQL("comment on table {} is {}").format(table, f"{contract.title}：报送的原始内容"))
        for name, comment in comments.items():
            column = sql.Identifier(name)
            if name in raw_columns(contract):
                connection.execute(sql.SQL("alter table {} add column if not exists {} text").format(table, column))
            connection.execute(sql.SQL("comment on column {}.{} is {}").format(table, column, comment))


def _distribute(connection: psycopg.Connection) -> None:
    """With Citus: rows by submission, like the staging models that judge them. The ledger is small and stays local."""
    if connection.execute("select to_regproc('create_distributed_table')").fetchone() == (None,):
        return
    connection.execute(
        """select create_distributed_table(c.oid::regclass, 'submission_id') from pg_class as c
           where c.relnamespace = 'raw'::regnamespace and c.relkind = 'r'
               and not exists (select from pg_dist_partition as d where d.logicalrelid = c.oid)"""
    )


def _comments(contract: Contract) -> dict[str, str]:
    """Every column of the raw table with its description."""
    comments = {"submission_id": "所属报送，见 intake.submissions", "row_number": "在报送的表中的行号"}
    for column in contract.columns:
        as_given = "原样" if column.personal == "never" else "自然人的为加密值"
        comments[column.name] = f"{column.header}（{as_given}）"
        if column.type == "amount":
            comments[f"{column.name}_unit"] = f"{column.header}的单位：yuan 元，wan_yuan 万元，按所用列名"
    return comments | {"unknown_columns": "未识别的列，按报送的列名"}
