-- Editions of the public lists, as a named role approved them: content, files and hash, what each made public and what it
-- took down. Kept for good and never changed; a draft is nothing but files, made from a release again at any time.

create schema lists;

create table lists.editions (
    edition_id text primary key,
    list_code text not null,
    edition_no integer not null check (edition_no > 0),
    release_id text not null references release_store.releases,
    as_of date not null,
    previous_edition_id text references lists.editions,
    content jsonb not null,
    -- of the JSON file, byte for byte
    sha256 text not null check (sha256 = encode(sha256(convert_to(jsonb_pretty(content) || E'\n', 'UTF8')), 'hex')),
    approved_by text not null check (approved_by <> ''),
    document_no text not null check (document_no <> ''),
    approved_on date not null check (approved_on >= as_of),
    approved_at timestamptz not null default now(),
    unique (list_code, edition_no),
    unique (list_code, release_id)
);
comment on table lists.editions is '名单公示的各期：经批准的一期一行，写成后不再改';

create table lists.edition_files (
    edition_id text not null references lists.editions,
    file_name text not null check (file_name ~ '^[a-z0-9_]+\.(csv|json|xlsx)$'),
    content bytea not null,
    sha256 text not null check (sha256 = encode(sha256(content), 'hex')),
    primary key (edition_id, file_name)
);
comment on table lists.edition_files is '各期的文件，逐字节留存';

create table lists.edition_entries (
    edition_id text not null references lists.editions,
    line_no integer not null,
    entry_id text not null,
    subject_id text not null,
    division_code text,
    public_name text not null,
    publish_from date not null,
    publish_to date,
    primary key (edition_id, line_no),
    unique (edition_id, entry_id)
);
comment on table lists.edition_entries is '公示日志：每一期公示的条目';

create table lists.edition_withdrawals (
    edition_id text not null references lists.editions,
    previous_line_no integer not null,
    entry_id text not null,
    subject_id text not null,
    division_code text,
    reason text not null,
    withdrawn_from date not null,
    due_on date,
    document_no text,
    authority text,
    primary key (edition_id, entry_id)
);
comment on table lists.edition_withdrawals is '撤下日志：每一期较上一期撤下的条目';

-- Who approves may add, and nobody may change: not even by mistake.
create function lists.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception '%: an approved edition is kept as it was approved', tg_table_name;
end;
$$;
create trigger kept_as_approved before update or delete or truncate on lists.editions
for each statement execute function lists.refuse_change();
create trigger kept_as_approved before update or delete or truncate on lists.edition_files
for each statement execute function lists.refuse_change();
create trigger kept_as_approved before update or delete or truncate on lists.edition_entries
for each statement execute function lists.refuse_change();
create trigger kept_as_approved before update or delete or truncate on lists.edition_withdrawals
for each statement execute function lists.refuse_change();

create view publication.list_editions with (security_barrier) as
select
    e.edition_id,
    e.list_code,
    e.edition_no,
    case when e.edition_no = max(e.edition_no) over (partition by e.list_code) then 'current' else 'superseded' end as state,
    e.release_id,
    e.as_of,
    e.previous_edition_id,
    jsonb_array_length(e.content -> 'entries') as entries,
    jsonb_array_length(e.content -> 'withdrawn') as withdrawn,
    e.sha256,
    e.approved_by,
    e.document_no,
    e.approved_on,
    e.approved_at
from lists.editions as e;

create view publication.list_edition_entries with (security_barrier) as
select
    l.edition_id,
    l.line_no,
    l.entry_id,
    l.subject_id,
    l.division_code,
    l.public_name,
    l.publish_from,
    l.publish_to
from lists.edition_entries as l
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or l.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );

create view publication.list_edition_withdrawals with (security_barrier) as
select
    w.edition_id,
    w.previous_line_no,
    w.entry_id,
    w.subject_id,
    w.division_code,
    w.reason,
    w.withdrawn_from,
    w.due_on,
    w.document_no,
    w.authority,
    e.approved_on > w.due_on as is_late
from lists.edition_withdrawals as w
inner join lists.editions as e on w.edition_id = e.edition_id
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or w.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );

comment on view publication.list_editions is '名单公示的各期：经批准的一期一行，内容、文件和校验值一经批准不再改';
comment on column publication.list_editions.edition_id is '编号：名单代码和发布编号';
comment on column publication.list_editions.list_code is '名单：red、dishonest';
comment on column publication.list_editions.edition_no is '期号，同一名单逐期加一';
comment on column publication.list_editions.state is 'current 现行；superseded 已有后一期';
comment on column publication.list_editions.release_id is '取自哪次发布';
comment on column publication.list_editions.as_of is '该发布的评价基准日';
comment on column publication.list_editions.previous_edition_id is '上一期的编号；第一期没有';
comment on column publication.list_editions.entries is '公示条目数';
comment on column publication.list_editions.withdrawn is '较上一期撤下的条目数';
comment on column publication.list_editions.sha256 is '内容（JSON 文件）的 SHA-256';
comment on column publication.list_editions.approved_by is '批准岗位';
comment on column publication.list_editions.document_no is '批准文号';
comment on column publication.list_editions.approved_on is '批准日期';
comment on column publication.list_editions.approved_at is '登记批准的时间';
comment on view publication.list_edition_entries is '公示日志：每一期公示了哪些条目，公示的名称和起止日期';
comment on column publication.list_edition_entries.edition_id is '哪一期，见 list_editions';
comment on column publication.list_edition_entries.line_no is '该期中的序号';
comment on column publication.list_edition_entries.entry_id is '名单条目，见 list_entries';
comment on column publication.list_edition_entries.subject_id is '主体标识，见 subjects';
comment on column publication.list_edition_entries.division_code is '主体所属行政区划代码';
comment on column publication.list_edition_entries.public_name is '公示的名称';
comment on column publication.list_edition_entries.publish_from is '公示起';
comment on column publication.list_edition_entries.publish_to is '公示止（含）；没有期限为空';
comment on view publication.list_edition_withdrawals is '撤下日志：每一期较上一期撤下了哪些条目，自何日起、为何、据何决定、应于何日前';
comment on column publication.list_edition_withdrawals.edition_id is '自哪一期起不再列出，见 list_editions';
comment on column publication.list_edition_withdrawals.previous_line_no is '上一期中的序号';
comment on column publication.list_edition_withdrawals.entry_id is '名单条目';
comment on column publication.list_edition_withdrawals.subject_id is '主体标识，见 subjects';
comment on column publication.list_edition_withdrawals.division_code is '主体所属行政区划代码';
comment on column publication.list_edition_withdrawals.reason is '事由，见 list_publications；annulled 依据已变更或撤销，条目已不存在';
comment on column publication.list_edition_withdrawals.withdrawn_from is '自何日起不应公示；依据已变更或撤销的为发现的评价基准日';
comment on column publication.list_edition_withdrawals.due_on is '应于何日前撤下；工作日历未公布的为空';
comment on column publication.list_edition_withdrawals.document_no is '据以撤下的决定文号';
comment on column publication.list_edition_withdrawals.authority is '作出该决定的机关';
comment on column publication.list_edition_withdrawals.is_late is '该期批准时是否已过撤下期限；期限不明的为空';
