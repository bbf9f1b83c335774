-- Which version of each seed is in its table. Reading a CSV file costs dbt more than all else it does with it, so a seed
-- that has not changed is left alone (dbt_project/macros/seeds.sql).

create table intake.applied_seeds (
    seed text primary key,
    seed_table oid not null,
    mark text not null
);
comment on table intake.applied_seeds is 'What each table of a seed was made of; written in the transaction that makes it';
comment on column intake.applied_seeds.seed is 'Schema and table';
comment on column intake.applied_seeds.seed_table is 'The table itself: one made by anybody else is another';
comment on column intake.applied_seeds.mark is 'Digest of the file, the types and the descriptions of its columns';

alter table release_store.releases add column seeds_digest text;
comment on column release_store.releases.seeds_digest is
'Digest of the seed files, their types and the tests on them: a build that dbt ended well has tested them, and later builds need not';
