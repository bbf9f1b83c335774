-- 双随机: who was drawn, out of which frame, by which seed, and who inspects. Kept for good and never changed, so that anybody
-- can draw again and get the same.

create schema inspection;

-- The one thing that decides: a number nobody can foresee before the seed is known, and anybody can compute after.
create function inspection.ticket(seed text, draw_id text, subject_id text, inspector_no text default '')
returns text
language sql immutable parallel safe
return encode(sha256(convert_to(seed || '|' || draw_id || '|' || subject_id || '|' || inspector_no, 'UTF8')), 'hex');
comment on function inspection.ticket is '抽签号：sha256(种子|抽取编号|主体标识|检查人员编号) 的十六进制，小者先抽';

create table inspection.draws (
    draw_id text primary key check (draw_id ~ '^[^|]+$'),
    plan_no text not null,
    object_kind text not null,
    release_id text not null references release_store.releases,
    as_of date not null,
    seed text not null check (seed <> ''),
    seed_source text not null check (seed_source <> ''),
    policy_id text not null,
    policy_version integer not null,
    policy_status text not null,
    source_clause text not null,
    frame_size integer not null,
    drawn integer not null,
    frame_sha256 text not null,
    drawn_by text not null,
    drawn_at timestamptz not null default now(),
    inspect_by date not null
);
comment on table inspection.draws is '双随机抽取：一次抽取一行，写成后不再改';

create table inspection.draw_frame (
    draw_id text not null references inspection.draws,
    subject_id text not null,
    division_code text not null,
    grade text not null,
    ratio numeric(5, 4) not null,
    stratum_size integer not null,
    sample_size integer not null,
    ticket text not null,
    place integer not null,
    is_drawn boolean not null,
    seats integer not null,
    barred_inspectors text [] not null,
    primary key (draw_id, subject_id)
);
create index draw_frame_drawn on inspection.draw_frame (subject_id) where is_drawn;
comment on table inspection.draw_frame is '抽取的全部候选对象：分层、比例、抽签号、名次、是否抽中';

create table inspection.draw_roster (
    draw_id text not null references inspection.draws,
    division_code text not null,
    inspector_no text not null,
    avoids text [] not null,
    primary key (draw_id, division_code, inspector_no)
);
comment on table inspection.draw_roster is '抽取时的检查人员名录：编号和应回避的对象';

create table inspection.draw_inspectors (
    draw_id text not null,
    subject_id text not null,
    seat integer not null,
    inspector_no text,
    ticket text,
    gap text,
    primary key (draw_id, subject_id, seat),
    foreign key (draw_id, subject_id) references inspection.draw_frame,
    check ((inspector_no is null) <> (gap is null))
);
comment on table inspection.draw_inspectors is '每个抽中对象的检查人员（只有编号）；不够的写明原因';

-- Who draws may add, and nobody may change: not even by mistake.
create function inspection.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception '%: a draw is kept as it was drawn', tg_table_name;
end;
$$;
create trigger kept_as_drawn before update or delete or truncate on inspection.draws
for each statement execute function inspection.refuse_change();
create trigger kept_as_drawn before update or delete or truncate on inspection.draw_frame
for each statement execute function inspection.refuse_change();
create trigger kept_as_drawn before update or delete or truncate on inspection.draw_roster
for each statement execute function inspection.refuse_change();
create trigger kept_as_drawn before update or delete or truncate on inspection.draw_inspectors
for each statement execute function inspection.refuse_change();

create view publication.inspection_draws with (security_barrier) as
select
    d.draw_id,
    d.plan_no,
    d.object_kind,
    d.release_id,
    d.as_of,
    d.seed,
    d.seed_source,
    d.policy_id,
    d.policy_version,
    d.policy_status,
    d.source_clause,
    d.frame_size,
    d.drawn,
    d.frame_sha256,
    d.drawn_by,
    d.drawn_at,
    d.inspect_by
from inspection.draws as d;
comment on view publication.inspection_draws is '双随机抽取：种子、来源、比例依据和候选名册的校验值，任何人可据以重抽';
comment on column publication.inspection_draws.draw_id is '抽取编号';
comment on column publication.inspection_draws.plan_no is '抽查计划编号';
comment on column publication.inspection_draws.object_kind is '抽查对象：patent_agency、trademark_agency、enterprise';
comment on column publication.inspection_draws.release_id is '候选名册取自哪次发布';
comment on column publication.inspection_draws.as_of is '该发布的评价基准日';
comment on column publication.inspection_draws.seed is '种子';
comment on column publication.inspection_draws.seed_source is '种子的来源，抽取前公布';
comment on column publication.inspection_draws.policy_id is '比例规则代码';
comment on column publication.inspection_draws.policy_version is '比例规则版本';
comment on column publication.inspection_draws.policy_status is '比例规则状态';
comment on column publication.inspection_draws.source_clause is '比例规则依据';
comment on column publication.inspection_draws.frame_size is '候选对象数';
comment on column publication.inspection_draws.drawn is '抽中数';
comment on column publication.inspection_draws.frame_sha256 is '候选名册（主体标识、地区、等级、比例，按主体标识排序）的 SHA-256';
comment on column publication.inspection_draws.drawn_by is '抽取岗位';
comment on column publication.inspection_draws.drawn_at is '抽取时间';
comment on column publication.inspection_draws.inspect_by is '检查期限';

create view publication.inspection_objects with (security_barrier) as
select
    f.draw_id,
    f.subject_id,
    f.division_code,
    f.grade,
    f.ratio,
    f.stratum_size,
    f.sample_size,
    f.ticket,
    f.place,
    f.is_drawn,
    f.seats,
    f.barred_inspectors,
    (
        select string_agg(coalesce(i.inspector_no, '（' || i.gap || '）'), '、' order by i.seat)
        from inspection.draw_inspectors as i
        where i.draw_id = f.draw_id and i.subject_id = f.subject_id
    ) as inspectors
from inspection.draw_frame as f
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or f.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );
comment on view publication.inspection_objects is '双随机抽取的候选对象和抽中对象；检查人员只有编号';
comment on column publication.inspection_objects.draw_id is '抽取编号';
comment on column publication.inspection_objects.subject_id is '主体标识，见 subjects';
comment on column publication.inspection_objects.division_code is '主体所属行政区划代码';
comment on column publication.inspection_objects.grade is '抽取时的信用等级';
comment on column publication.inspection_objects.ratio is '该层的抽查比例';
comment on column publication.inspection_objects.stratum_size is '该层（地区、等级）的候选数';
comment on column publication.inspection_objects.sample_size is '该层应抽数：比例乘候选数，进一取整';
comment on column publication.inspection_objects.ticket is '抽签号';
comment on column publication.inspection_objects.place is '在层内按抽签号的名次';
comment on column publication.inspection_objects.is_drawn is '是否抽中';
comment on column publication.inspection_objects.seats is '应派检查人员数；未抽中的为 0';
comment on column publication.inspection_objects.barred_inspectors is '回避的检查人员编号：申报回避的，和上次检查同一对象的';
comment on column publication.inspection_objects.inspectors is '检查人员编号；不够的写明原因';

create view publication.inspection_rosters with (security_barrier) as
select
    r.draw_id,
    r.division_code,
    r.inspector_no
from inspection.draw_roster as r
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or r.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );
comment on view publication.inspection_rosters is '双随机抽取所用的检查人员名录，只有编号';
comment on column publication.inspection_rosters.draw_id is '抽取编号';
comment on column publication.inspection_rosters.division_code is '检查人员所属行政区划代码';
comment on column publication.inspection_rosters.inspector_no is '检查人员编号';
