-- 事前、事中、事后 of each subject on one line. It stores nothing: all of it is in published views already.
create view publication.subject_timeline with (security_barrier) as
select
    r.subject_id,
    r.division_code,
    r.event_date as happened_on,
    t.stage,
    'record' as source,
    r.event_type as event_code,
    t.title,
    t.polarity,
    r.document_no,
    r.authority,
    r.record_id,
    null::text as entry_id,
    r.submission_id,
    r.row_number
from publication.credit_records as r
inner join publication.event_types as t on r.event_type = t.event_type
union all
select
    e.subject_id,
    e.division_code,
    e.happened_on,
    'after' as stage,
    'list' as source,
    e.list_code || '_' || e.event_kind as event_code,
    case e.event_kind when 'entered' then '列入' when 'extended' then '延长' when 'left' then '移出' else '撤下公示：' end
    || case e.list_code when 'red' then '诚信红名单' when 'dishonest' then '失信主体清单' else '严重违法失信名单' end as title,
    case
        when (e.list_code = 'red') = (e.event_kind in ('entered', 'extended')) then 'positive' else 'negative'
    end as polarity,
    e.document_no,
    e.decided_by as authority,
    null as record_id,
    e.entry_id,
    null as submission_id,
    null as row_number
from publication.list_events as e
union all
select
    h.subject_id,
    h.division_code,
    h.as_of as happened_on,
    'during' as stage,
    'grade' as source,
    'grade_' || coalesce(h.grade, 'ended') as event_code,
    coalesce('信用等级 ' || case h.grade when 'U' then '未评' when 'not_evaluable' then '无规定' else h.grade end, '不再评价') as title,
    'neutral' as polarity,
    null as document_no,
    null as authority,
    null as record_id,
    null as entry_id,
    null as submission_id,
    null as row_number
from publication.grade_history as h;
comment on view publication.subject_timeline is '主体的信用时间线：事前、事中、事后的记录，名单的变动，等级的变动';
comment on column publication.subject_timeline.subject_id is '主体标识，见 subjects';
comment on column publication.subject_timeline.division_code is '所属行政区划代码';
comment on column publication.subject_timeline.happened_on is '日期；等级为评价基准日';
comment on column publication.subject_timeline.stage is 'before 事前；during 事中；after 事后';
comment on column publication.subject_timeline.source is 'record 记录；list 名单变动；grade 等级变动';
comment on column publication.subject_timeline.event_code is '事件代码';
comment on column publication.subject_timeline.title is '事件名称';
comment on column publication.subject_timeline.polarity is 'positive 良好；negative 不良；neutral 一般';
comment on column publication.subject_timeline.document_no is '决定文号';
comment on column publication.subject_timeline.authority is '机关';
comment on column publication.subject_timeline.record_id is '来源记录，见 credit_records';
comment on column publication.subject_timeline.entry_id is '名单条目，见 list_entries';
comment on column publication.subject_timeline.submission_id is '报送编号';
comment on column publication.subject_timeline.row_number is '报送中的行号';
