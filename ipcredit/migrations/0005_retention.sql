-- What was erased because its term had ended, and the archived files that went with it.

-- Rows of a submission that are not what they were: whatever was made from them is made again.
alter table intake.submissions add column if not exists content_version integer not null default 1;

create table intake.erasures (
    submission_id bigint not null,
    row_number integer not null,
    dataset text not null,
    columns text [] not null check (columns <> '{}'),
    term_ended_on date not null,
    retention_years integer not null,
    retention_basis text not null,
    as_of date not null check (as_of > term_ended_on),
    erased_at timestamptz not null default now(),
    primary key (submission_id, row_number)
);
comment on table intake.erasures is '个人信息的删除记录：哪一行的哪些栏目，因保存期满，于何时删除；内容不记';
comment on column intake.erasures.submission_id is '报送编号';
comment on column intake.erasures.row_number is '行号';
comment on column intake.erasures.dataset is '数据集';
comment on column intake.erasures.columns is '被删除的栏目；原值为加密散列，现以 erased: 开头的占位代替';
comment on column intake.erasures.term_ended_on is '保存期的最后一天';
comment on column intake.erasures.retention_years is '所依目录版本的保存年限';
comment on column intake.erasures.retention_basis is '保存年限的依据';
comment on column intake.erasures.as_of is '按哪一天判断期满';
comment on column intake.erasures.erased_at is '删除时间';

create table intake.erased_files (
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    term_ended_on date not null,
    as_of date not null check (as_of > term_ended_on),
    erased_at timestamptz not null default now(),
    primary key (sha256, as_of)
);
comment on table intake.erased_files is '从归档中删除的文件：其中每一行的保存期都已届满';
comment on column intake.erased_files.sha256 is '文件字节的 SHA-256，即归档中的名字';
comment on column intake.erased_files.term_ended_on is '文件中最后一行保存期的最后一天';
comment on column intake.erased_files.as_of is '按哪一天判断期满';
comment on column intake.erased_files.erased_at is '删除时间';
