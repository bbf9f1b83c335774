-- Why a grade is what it is, for readers: made of published views only, so that what they do not show (the internal general
-- class) cannot be told from it either. What an analyst may not see of a record reported elsewhere stays empty.
create view publication.grade_explanations with (security_barrier) as
select
    g.release_id,
    g.subject_id,
    g.division_code,
    g.track,
    g.as_of,
    g.grade,
    i.item_no,
    i.item_kind,
    i.rule_code,
    i.rule_name,
    i.points,
    i.policy_id,
    i.policy_version,
    i.policy_status,
    i.source_clause,
    i.event_type,
    i.event_date,
    i.counts_to,
    i.counts_to + 1 as lapses_on,
    case when i.is_repairable and p.is_repairable then greatest(
        (i.event_date + make_interval(months => p.min_months))::date,
        (l.repaired_on + make_interval(months => p.min_months_between))::date
    ) + 1 end as repairable_from,
    i.record_id,
    r.dataset,
    r.document_no,
    r.authority,
    r.bureau_code,
    r.submission_id,
    r.row_number,
    i.rule_name || case i.item_kind
        when 'base' then ' ' || i.points
        when 'cap' then '：合计达到上限，调整 ' || to_char(i.points, 'FMSG990.00') || ' 分'
        else '：' || to_char(i.points, 'FMSG990.00') || ' 分'
    end
    || coalesce('，依据 ' || r.document_no, '')
    || coalesce('，计至 ' || i.counts_to, '') as explanation
from publication.subject_grades as g
inner join publication.grade_items as i on g.subject_id = i.subject_id and g.track = i.track
left join publication.credit_records as r on i.record_id = r.record_id
left join publication.repair_rules as p on i.event_type = p.event_type
left join (
    select s.subject_id, max(s.decided_on) as repaired_on
    from publication.repairs as s where s.repair_result = 'granted' group by s.subject_id
) as l on g.subject_id = l.subject_id
union all
select
    g.release_id,
    g.subject_id,
    g.division_code,
    g.track,
    g.as_of,
    g.grade,
    null as item_no,
    'override' as item_kind,
    g.override_code as rule_code,
    o.condition_title as rule_name,
    null as points,
    g.policy_id,
    g.policy_version,
    o.policy_status,
    o.source_clause,
    case when o.condition_kind = 'event' then o.condition_code end as event_type,
    null as event_date,
    null as counts_to,
    null as lapses_on,
    null as repairable_from,
    null as record_id,
    null as dataset,
    null as document_no,
    null as authority,
    null as bureau_code,
    null as submission_id,
    null as row_number,
    case o.condition_kind when 'list' then '在' || o.condition_title || '上' else '有' || o.condition_title || '的记录' end
    || coalesce('，直接定为 ' || o.force_grade, '，不高于 ' || o.max_grade) as explanation
from publication.subject_grades as g
inner join publication.override_rules as o on g.policy_id = o.policy_id and g.override_code = o.override_code;
comment on view publication.grade_explanations is
'等级的说明：每个主体每条评价轨道的每一个可以公布的计分项一行，限定等级的规则另成一行';
comment on column publication.grade_explanations.release_id is '发布编号';
comment on column publication.grade_explanations.subject_id is '主体标识，见 subjects';
comment on column publication.grade_explanations.division_code is '主体所属行政区划代码';
comment on column publication.grade_explanations.track is '评价轨道，见 subject_grades';
comment on column publication.grade_explanations.as_of is '评价基准日';
comment on column publication.grade_explanations.grade is '等级';
comment on column publication.grade_explanations.item_no is '计分项序号，见 grade_items；限定等级的规则为空';
comment on column publication.grade_explanations.item_kind is
'base 基础分；event 扣分；bonus 加分；cap 上限调整；override 限定等级的规则';
comment on column publication.grade_explanations.rule_code is '计分项或限定规则代码';
comment on column publication.grade_explanations.rule_name is '计分项名称，或限定所依据的名单、事项';
comment on column publication.grade_explanations.points is '分值';
comment on column publication.grade_explanations.policy_id is '评价办法';
comment on column publication.grade_explanations.policy_version is '评价办法版本';
comment on column publication.grade_explanations.policy_status is 'enacted 文件规定；provisional 文件未给出、系统暂定';
comment on column publication.grade_explanations.source_clause is '依据的文件和条款';
comment on column publication.grade_explanations.event_type is '事项类型';
comment on column publication.grade_explanations.event_date is '自何日起计';
comment on column publication.grade_explanations.counts_to is '计至何日（含）';
comment on column publication.grade_explanations.lapses_on is '自何日起不再计';
comment on column publication.grade_explanations.repairable_from is
'最早可申请信用修复之日：满最短期限，且距上次准予修复满间隔；在严重违法失信名单内的另有限制（见 repair_rules）；不能修复的为空';
comment on column publication.grade_explanations.record_id is '来源记录，见 credit_records';
comment on column publication.grade_explanations.dataset is '数据集';
comment on column publication.grade_explanations.document_no is '文号';
comment on column publication.grade_explanations.authority is '认定或决定机关';
comment on column publication.grade_explanations.bureau_code is '报送单位代码';
comment on column publication.grade_explanations.submission_id is '报送件编号（即回执编号），见 submissions';
comment on column publication.grade_explanations.row_number is '在报送件中的行号（报送单位看到的行号）';
comment on column publication.grade_explanations.explanation is '说明';
