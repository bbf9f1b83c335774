-- Where PostgreSQL itself keeps a key, nobody need count what it has told already.
create function quality.has_key(relation text, columns text [])
returns boolean
language sql stable
begin atomic
    select exists (
        select
        from pg_catalog.pg_index as i
        where
            i.indrelid = pg_catalog.to_regclass(has_key.relation)
            and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
            and not exists (
                select
                from pg_catalog.pg_attribute as a
                where
                    a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                    and (a.attname <> all(has_key.columns) or not a.attnotnull)
            )
    );
end;
comment on function quality.has_key is '该表是否有唯一键，且键的列都在所给的列之中、都不为空：如有，则不会有两行在这些列上相同';
