-- Schemas and the tables that Python writes. Everything else is built by dbt.

create schema raw;
create schema intake;
create schema quality;
create schema release_store;
create schema publication;

create table intake.submissions (
    submission_id bigint generated always as identity primary key,
    bureau_code text not null,
    dataset text,
    period text,
    mode text check (mode in ('full', 'incremental')),
    state text not null check (state in ('loaded', 'held', 'nil_return', 'withdrawal', 'refused')),
    file_name text not null,
    sheet_name text not null default '',
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    file_bytes bigint not null,
    received_at timestamptz not null,
    valid_from timestamptz,
    valid_to timestamptz,
    supersedes bigint [] not null default '{}',
    rows_received integer not null default 0 check (rows_received >= 0),
    refusal_code text,
    file_notes jsonb not null default '{}',
    confirmed_by text,
    confirmed_reason text,
    receipt_path text,
    check (state = 'refused' or (dataset is not null and period is not null and mode is not null)),
    check ((state = 'refused') = (refusal_code is not null)),
    check (state not in ('held', 'refused') or valid_from is null),
    check (state in ('held', 'refused') or valid_from is not null),
    check (valid_to > valid_from)
);

comment on table intake.submissions is
'报送台账：一张表（或一个 CSV）一次报送一行；撤回和本期无数据也各记一行，任何一行都不删除';
comment on column intake.submissions.bureau_code is '报送单位代码（投递目录名）';
comment on column intake.submissions.dataset is '数据集；文件无法识别时为空';
comment on column intake.submissions.period is '报送期间：2022、2022Q3 或 2022-11';
comment on column intake.submissions.mode is 'full 全量替换本期；incremental 按自然键增量更新';
comment on column intake.submissions.state is
'loaded 已入库；held 待确认；nil_return 本期无数据；withdrawal 撤回；refused 退回';
comment on column intake.submissions.file_name is '投递时的文件名';
comment on column intake.submissions.sheet_name is '工作表名；CSV 为空';
comment on column intake.submissions.sha256 is '文件字节的 SHA-256，即归档中的名字';
comment on column intake.submissions.file_bytes is '文件字节数';
comment on column intake.submissions.received_at is '收到时间，入库时记下；迁移和补报时可指定';
comment on column intake.submissions.valid_from is '自何时起有效；待确认和退回的没有';
comment on column intake.submissions.valid_to is '自何时起被取代；现行有效的没有';
comment on column intake.submissions.supersedes is '所取代的各次报送';
comment on column intake.submissions.rows_received is '读到的数据行数（不含表头、示例、说明行）';
comment on column intake.submissions.refusal_code is '退回原因代码，见问题类型表';
comment on column intake.submissions.file_notes is '文件层面的情况：未识别的列、未作为数据的行、编码等';
comment on column intake.submissions.confirmed_by is '确认待确认报送的岗位';
comment on column intake.submissions.confirmed_reason is '确认理由';
comment on column intake.submissions.receipt_path is '回执文件，相对于投递根目录';

-- At most one submission in force replaces a period in full; increments stand beside it.
create unique index submissions_in_force on intake.submissions (bureau_code, dataset, period)
where valid_to is null and valid_from is not null and mode = 'full';
-- A file that was refused once is refused once, however often it is scanned.
create unique index submissions_refused_once on intake.submissions (bureau_code, file_name, sheet_name, sha256, refusal_code)
where state = 'refused';
create index submissions_by_key on intake.submissions (bureau_code, dataset, period, received_at);

create table quality.gate_results (
    run_id text not null,
    release_id text not null,
    suite text not null,
    expectation_id text not null,
    title text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    success boolean not null,
    waived boolean not null default false,
    observed text,
    unexpected_count bigint,
    details jsonb not null default '{}',
    checked_at timestamptz not null default now(),
    primary key (run_id, expectation_id)
);
comment on table quality.gate_results is '发布前检查结果，每次运行追加，永不覆盖';

create table quality.gate_waivers (
    release_id text not null,
    expectation_id text not null,
    waived_by text not null,
    reason text not null check (length(reason) >= 4),
    waived_at timestamptz not null default now(),
    primary key (release_id, expectation_id)
);
comment on table quality.gate_waivers is '对某一次发布的某一项检查的放行：谁、为什么；只对该次发布有效';

create sequence release_store.release_number;

create table release_store.releases (
    release_id text primary key check (release_id ~ '^r[0-9]{8}_[0-9]{4,}$'),
    as_of date not null,
    known_at timestamptz not null,
    code_commit text not null,
    state text not null check (state in ('candidate', 'published', 'failed', 'dropped')),
    previous_release_id text references release_store.releases,
    built_at timestamptz not null default now(),
    published_at timestamptz,
    pinned_by text,
    pinned_reason text,
    row_counts jsonb not null default '{}'
);
comment on table release_store.releases is '发布台账：候选、已发布、未通过、已清除';

create table release_store.current_release (
    only_row boolean primary key default true check (only_row),
    release_id text references release_store.releases
);
comment on table release_store.current_release is '指向现行发布的一行';
insert into release_store.current_release default values;

create table release_store.pointer_history (
    moved_at timestamptz not null default now(),
    from_release_id text,
    to_release_id text not null,
    action text not null check (action in ('publish', 'rollback')),
    moved_by text not null,
    reason text
);
comment on table release_store.pointer_history is '现行发布的每一次切换';
