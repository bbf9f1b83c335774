-- Who had a credit report made, of whom and for what. A use is on record before its report is handed out, is never changed,
-- and goes only when its term has ended.

create schema reports;

create table reports.uses (
    report_no text primary key check (report_no = 'XYBG-' || year || '-' || lpad(serial::text, 6, '0')),
    year integer not null,
    serial integer not null check (serial between 1 and 999999),
    subject_id text not null,
    release_id text not null references release_store.releases,
    reader text not null,
    asked_by text not null check (btrim(asked_by) <> ''),
    reason text not null check (btrim(reason) <> ''),
    purpose text check (btrim(purpose) <> ''),
    asked_at timestamptz not null default now(),
    word_sha256 text not null check (word_sha256 ~ '^[0-9a-f]{64}$'),
    html_sha256 text not null check (html_sha256 ~ '^[0-9a-f]{64}$'),
    kept_until date not null,
    policy_id text not null,
    policy_version integer not null,
    unique (year, serial)
);
create index uses_by_subject on reports.uses (subject_id, asked_at);
create index uses_by_term on reports.uses (kept_until);
comment on table reports.uses is '信用报告使用记录：一次使用一行，先登记、后出报告，写成后不再改，期满才删';
comment on column reports.uses.report_no is '报告编号：XYBG-年-当年序号';
comment on column reports.uses.year is '使用之年';
comment on column reports.uses.serial is '当年序号';
comment on column reports.uses.subject_id is '主体标识，见 publication.subjects';
comment on column reports.uses.release_id is '依据的发布';
comment on column reports.uses.reader is '按谁可见的范围：analyst 全省；analyst_区划 该地；supervisor 监管人员';
comment on column reports.uses.asked_by is '使用单位或岗位';
comment on column reports.uses.reason is '事由';
comment on column reports.uses.purpose is '用途；没有写明的为空';
comment on column reports.uses.asked_at is '使用时间';
comment on column reports.uses.word_sha256 is 'Word 文件的 SHA-256';
comment on column reports.uses.html_sha256 is 'HTML 文件的 SHA-256';
comment on column reports.uses.kept_until is '记录保存至何日（含）';
comment on column reports.uses.policy_id is '保存年限所依的规则，见 policy.report_rules';
comment on column reports.uses.policy_version is '规则版本';

create function reports.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception '%: a use of a credit report stays on record as it was', tg_table_name;
end;
$$;
create trigger kept_as_used before update or truncate on reports.uses
for each statement execute function reports.refuse_change();
create trigger kept_for_its_term before delete on reports.uses
for each row when (old.kept_until >= current_date) execute function reports.refuse_change();

create view reports.log with (security_barrier) as
select
    u.report_no,
    u.subject_id,
    u.release_id,
    u.reader,
    u.asked_by,
    u.reason,
    u.purpose,
    u.asked_at,
    u.word_sha256,
    u.html_sha256,
    u.kept_until
from reports.uses as u;
comment on view reports.log is '信用报告使用记录，供监管人员（角色 supervisor）查阅；各列见 reports.uses';
