-- What is exchanged with other authorities: each package with its content, who approved it, when it was sent, what the
-- receiver answered. A draft is replaced by the next one; from its approval on a package is kept unchangeable.

create schema exchange;

create table exchange.packages (
    package_id text primary key,
    partner_code text not null,
    partner_name text not null,
    feed text not null,
    sequence integer not null check (sequence > 0),
    mode text not null check (mode in ('full', 'delta')),
    base_sequence integer check (base_sequence < sequence),
    release_id text not null references release_store.releases,
    as_of date not null,
    rule_version integer not null,
    rule_status text not null,
    source_clause text not null,
    upserts integer not null,
    withdrawals integer not null,
    deletes integer not null,
    sha256 text not null,
    content bytea not null,
    prepared_at timestamptz not null default now(),
    unique (partner_code, feed, sequence),
    check ((mode = 'full') = (base_sequence is null)),
    check (sha256 = encode(sha256(content), 'hex'))
);
comment on table exchange.packages is '交换数据包：一行一个，内容即文件字节；未经批准的是草稿，可被下一份草稿替换，批准后不再改';

create table exchange.package_items (
    package_id text not null references exchange.packages on delete cascade,
    item_key text not null,
    operation text not null check (operation in ('upsert', 'withdraw', 'delete')),
    item_hash text,
    primary key (package_id, item_key)
);
comment on table exchange.package_items is '数据包中的各项：操作和内容的校验值（删去的没有），用以推算对方已有什么';

create table exchange.approvals (
    package_id text primary key references exchange.packages,
    approved_by text not null check (approved_by <> ''),
    document_no text not null check (document_no <> ''),
    decided_on date not null,
    approved_at timestamptz not null default now()
);
comment on table exchange.approvals is '数据包的批准：岗位、文件、日期';

create table exchange.dispatches (
    package_id text not null references exchange.approvals,
    sent_at timestamptz not null default clock_timestamp(),
    primary key (package_id, sent_at)
);
comment on table exchange.dispatches is '数据包的发出，重发另成一行';

create table exchange.acknowledgements (
    package_id text primary key references exchange.approvals,
    result text not null check (result in ('accepted', 'rejected')),
    reason text,
    rejected_items integer not null,
    sha256 text not null,
    received_at timestamptz not null default now()
);
comment on table exchange.acknowledgements is '对方的回执，一个数据包一份：accepted 已处理（个别数据可能未采用）；rejected 整包退回';

create table exchange.rejected_items (
    package_id text not null references exchange.acknowledgements,
    item_key text not null,
    code text not null,
    reason text,
    primary key (package_id, item_key),
    foreign key (package_id, item_key) references exchange.package_items
);
comment on table exchange.rejected_items is '对方未采用的数据及原因代码';

create table exchange.received (
    partner_code text not null,
    feed text not null,
    sequence integer not null check (sequence > 0),
    sha256 text not null,
    files integer not null,
    received_at timestamptz not null default now(),
    primary key (partner_code, feed, sequence)
);
comment on table exchange.received is '收到的数据包：校验后其数据文件放入报送单位的投递目录';

create function exchange.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception '%: what was exchanged is kept as it was', tg_table_name;
end;
$$;

create function exchange.refuse_change_of_approved() returns trigger
language plpgsql
as $$
begin
    if exists (select from exchange.approvals as a where a.package_id in (old.package_id, new.package_id)) then
        raise exception '%: an approved package is kept as it was', tg_table_name;
    end if;
    return coalesce(new, old);
end;
$$;

create trigger kept_once_approved before update or delete on exchange.packages
for each row execute function exchange.refuse_change_of_approved();
create trigger kept_once_approved before insert or update or delete on exchange.package_items
for each row execute function exchange.refuse_change_of_approved();
create trigger never_emptied before truncate on exchange.packages
for each statement execute function exchange.refuse_change();
create trigger never_emptied before truncate on exchange.package_items
for each statement execute function exchange.refuse_change();
create trigger kept before update or delete or truncate on exchange.approvals
for each statement execute function exchange.refuse_change();
create trigger kept before update or delete or truncate on exchange.dispatches
for each statement execute function exchange.refuse_change();
create trigger kept before update or delete or truncate on exchange.acknowledgements
for each statement execute function exchange.refuse_change();
create trigger kept before update or delete or truncate on exchange.rejected_items
for each statement execute function exchange.refuse_change();
create trigger kept before update or delete or truncate on exchange.received
for each statement execute function exchange.refuse_change();

-- A person's key is kept for as long as the record, what was sent for good: it stays here. The decision's number names the
-- case to whoever holds it. The name of an individual business often is its owner's.
create function exchange.shown_id(subject_id text) returns text
language sql immutable parallel safe
return case when not starts_with(subject_id, 'P:') then subject_id end;
comment on function exchange.shown_id is '对外提供的主体标识：自然人不提供';

create function exchange.shown_name(subject_id text, subject_name text) returns text
language sql immutable parallel safe
return case
    when starts_with(subject_id, 'P:') then '自然人'
    when starts_with(subject_id, '92') then left(subject_name, 1) || '***'
    else subject_name
end;
comment on function exchange.shown_name is '对外提供的名称：自然人不写姓名，个体工商户只留首字';

create view exchange.package_states as
select
    p.package_id,
    p.partner_code,
    p.partner_name,
    p.feed,
    p.sequence,
    p.mode,
    p.base_sequence,
    p.release_id,
    p.as_of,
    case
        when k.result is not null then k.result
        when d.sent_at is not null then 'sent'
        when a.package_id is not null then 'approved'
        else 'draft'
    end as state,
    p.upserts,
    p.withdrawals,
    p.deletes,
    p.sha256,
    a.approved_by,
    a.document_no,
    a.decided_on,
    d.sent_at,
    k.received_at as answered_at,
    k.rejected_items,
    p.rule_status,
    p.source_clause
from exchange.packages as p
left join exchange.approvals as a on p.package_id = a.package_id
left join exchange.acknowledgements as k on p.package_id = k.package_id
left join (
    select s.package_id, min(s.sent_at) as sent_at from exchange.dispatches as s group by s.package_id
) as d on p.package_id = d.package_id;

create view publication.exchange_packages with (security_barrier) as
select * from exchange.package_states;
comment on view publication.exchange_packages is '与其他机关的交换：每个数据包的序号、范围、批准、发出和回执；不含内容';
comment on column publication.exchange_packages.package_id is '数据包编号';
comment on column publication.exchange_packages.partner_code is '接收方代码';
comment on column publication.exchange_packages.partner_name is '接收方';
comment on column publication.exchange_packages.feed is '数据类别';
comment on column publication.exchange_packages.sequence is '序号：同一接收方、同一类别内连续';
comment on column publication.exchange_packages.mode is 'full 全量；delta 增量';
comment on column publication.exchange_packages.base_sequence is '增量所依据的、对方最后确认的序号；全量为空';
comment on column publication.exchange_packages.release_id is '所依据的发布';
comment on column publication.exchange_packages.as_of is '该发布的评价基准日';
comment on column publication.exchange_packages.state is
'draft 草稿；approved 已批准未发出；sent 已发出未答复；accepted 对方已处理；rejected 对方整包退回';
comment on column publication.exchange_packages.upserts is '新增和更新的项数';
comment on column publication.exchange_packages.withdrawals is '因信用修复或异议成立撤下的项数';
comment on column publication.exchange_packages.deletes is '删去的项数';
comment on column publication.exchange_packages.sha256 is '文件字节的 SHA-256';
comment on column publication.exchange_packages.approved_by is '批准岗位';
comment on column publication.exchange_packages.document_no is '批准文件';
comment on column publication.exchange_packages.decided_on is '批准日期';
comment on column publication.exchange_packages.sent_at is '首次发出时间';
comment on column publication.exchange_packages.answered_at is '收到回执时间';
comment on column publication.exchange_packages.rejected_items is '对方未采用的项数';
comment on column publication.exchange_packages.rule_status is '交换约定的效力：enacted 文件规定；provisional 系统暂定';
comment on column publication.exchange_packages.source_clause is '交换的依据';
