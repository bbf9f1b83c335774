-- What the rows of each dataset were judged by. dbt spends a tenth of a second on every staging model only to find that
-- nothing is new: those that have nothing to do are not asked (ipcredit/build.py).

create table intake.judged_datasets (
    dataset text primary key,
    staged oid not null,
    files text not null,
    submissions text not null
);
comment on table intake.judged_datasets is
'What stands in each staging table since dbt last ended well; when anything of it differs, dbt looks at the dataset again';
comment on column intake.judged_datasets.dataset is 'Dataset';
comment on column intake.judged_datasets.staged is 'The staging table itself: one that was restored or made anew is another';
comment on column intake.judged_datasets.files is 'Digest of contracts, rules and seeds';
comment on column intake.judged_datasets.submissions is 'Digest of the numbers and content versions of the submissions judged';
