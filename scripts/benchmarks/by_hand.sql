-- Grades and scorecards by hand: what somebody writes who wants these two results of this day from these seven
-- datasets, and nothing else. No history, no issues told, no lists, no reasons, no increment.
--
-- Taken from the policy tables: points, caps, windows and bands of LN-IPCREDIT in force, general classes, tiers and
-- rank bands. Written down here as constants of 2022: who gets onto the dishonest list and for how long (with the list
-- begun on 2022-04-13, nobody's year has run out before 2023-04-13, so the rule that prolongs a stay makes no
-- difference yet), the assessment's windows and the scoring of its rules; labels of codes; which cells make a row
-- unacceptable.
--
-- The same text runs on PostgreSQL and DuckDB; by_hand_postgres.sql and by_hand_duckdb.sql define to_day, is_code,
-- is_patent_no, months_later and disclosure_points. :as_of is the day judged.

create unlogged table by_hand.submissions as
select
    submission_id,
    bureau_code,
    period,
    valid_from,
    cast(received_at as date) as arrived_on
from intake.submissions
where valid_from is not null and valid_to is null;
analyze by_hand.submissions;

-- One table per dataset: rows that are acceptable, of each key the one told last.

create unlogged table by_hand.classes as
select distinct on (uscc, classified_on)
    uscc,
    classified_on,
    case
        when risk_class in ('A类', 'A级', 'A（低）', '信用风险低', '低风险', 'A') then 'A'
        when risk_class in ('B类', 'B级', 'B（一般）', '信用风险一般', '一般风险', 'B') then 'B'
        when risk_class in ('C类', 'C级', 'C（较高）', '信用风险较高', '较高风险', 'C') then 'C'
        when risk_class in ('D类', 'D级', 'D（高）', '信用风险高', '高风险', 'D') then 'D'
    end as general_class
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, enterprise_name, risk_class, to_day(classified_on) as classified_on
    from raw.general_risk_class
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    is_code(uscc)
    and enterprise_name is not null
    and risk_class in (
        'A类', 'A级', 'A（低）', '信用风险低', '低风险', 'A', 'B类', 'B级', 'B（一般）', '信用风险一般', '一般风险', 'B',
        'C类', 'C级', 'C（较高）', '信用风险较高', '较高风险', 'C', 'D类', 'D级', 'D（高）', '信用风险高', '高风险', 'D'
    )
    and classified_on between date '1949-10-01' and arrived_on
order by uscc, classified_on, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.certificates as
select distinct on (uscc, certificate_no)
    uscc,
    certified_on,
    least(
        valid_until,
        case when certificate_status in ('撤销', '已撤销', '注销', '已注销') then status_changed_on end
    ) as valid_to
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, enterprise_name, management_standard, certificate_no, certification_body,
        to_day(certified_on) as certified_on, to_day(valid_until) as valid_until,
        certificate_status, to_day(status_changed_on) as status_changed_on
    from raw.standard_certifications
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    is_code(uscc)
    and enterprise_name is not null
    and certificate_no is not null
    and certification_body is not null
    and management_standard in (
        'GB/T 29490', 'GB/T 29490-2013', '企业知识产权管理规范', '企业知识产权管理规范 GB/T 29490',
        'GB/T 33250', 'GB/T 33250-2016', '科研组织知识产权管理规范', '科研组织知识产权管理规范 GB/T 33250',
        'GB/T 33251', 'GB/T 33251-2016', '高等学校知识产权管理规范', '高等学校知识产权管理规范 GB/T 33251'
    )
    and coalesce(certificate_status, '有效') in (
        '有效', '正常', '暂停', '撤销', '已撤销', '注销', '已注销', '过期', '到期', '已过期', '失效'
    )
    and certified_on between date '1949-10-01' and arrived_on
    and valid_until >= certified_on
    and (status_changed_on is null or status_changed_on >= certified_on)
    and (
        coalesce(certificate_status, '有效') not in ('撤销', '已撤销', '注销', '已注销') or status_changed_on is not null
    )
order by uscc, certificate_no, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.honours as
select distinct on (uscc, event_type, honour_year)
    uscc,
    event_type,
    awarded_on,
    least(valid_until, cancelled_on) as valid_to
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, enterprise_name, honour_year, review_result,
        case
            when honour_type in ('国家知识产权示范企业', '国家级知识产权示范企业', '国家示范企业', '示范企业')
                then 'national_demonstration'
            when honour_type in ('国家知识产权优势企业', '国家级知识产权优势企业', '国家优势企业')
                then 'national_advantage'
            when honour_type in ('省级知识产权优势企业', '辽宁省知识产权优势企业', '省级优势企业')
                then 'provincial_advantage'
        end as event_type,
        to_day(awarded_on) as awarded_on, valid_until as valid_until_given, to_day(valid_until) as valid_until,
        to_day(cancelled_on) as cancelled_on
    from raw.honours
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    is_code(uscc)
    and enterprise_name is not null
    and event_type is not null
    and honour_year between '2008' and '2099'
    and awarded_on between date '1949-10-01' and arrived_on
    and (valid_until_given is null or valid_until >= awarded_on)
    and (cancelled_on is null or cancelled_on >= awarded_on)
    and (coalesce(review_result, '') not in ('复核未通过', '未通过', '不合格') or cancelled_on is not null)
order by uscc, event_type, honour_year, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.penalties as
select distinct on (document_no, party_name)
    uscc,
    decided_on,
    case
        when penalty_status in ('撤销', '1', '已撤销') then 'penalty_annulled'
        when penalty_kind in (
            '吊销许可证件', '吊销许可证', '吊销执照', '吊销营业执照', '吊销执业许可证'
        ) then 'licence_revoked'
        when penalty_kind in ('责令停产停业', '停产停业', '责令停止承接新业务', '停止承接新业务') then 'business_suspended'
        when penalty_kind in ('限制开展生产经营活动', '限制从业', '降低资质等级') then 'ip_penalty_restricting'
        when penalty_kind in ('责令关闭', '暂扣许可证件', '行政拘留') then 'ip_penalty_heavier'
        when penalty_kind in ('警告', '通报批评') then 'penalty_warning'
        else 'ip_penalty_ordinary'
    end as event_type,
    coalesce(penalty_status, '正常') not in ('撤销', '1', '已撤销') and violation_type in (
        '无资质专利代理', '以不正当手段招揽业务', '违法从事专利、商标代理', '违法代理', '非正常专利申请', '恶意商标注册申请',
        '提交虚假材料'
    ) as is_dishonest
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, party_name, document_no, violation_type, penalty_kind, penalty_status,
        to_day(decided_on) as decided_on, to_day(publish_until) as publish_until
    from raw.penalties
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    (uscc is null or is_code(uscc))
    and party_name is not null
    and document_no is not null
    and (violation_type is null or violation_type in (
        '无资质专利代理', '以不正当手段招揽业务', '专利侵权', '假冒专利', '商标侵权', '地理标志侵权', '著作权侵权',
        '违法从事专利、商标代理', '违法代理', '非正常专利申请', '恶意商标注册申请', '提交虚假材料', '侵犯商业秘密',
        '其他知识产权违法行为', '其他'
    ))
    and penalty_kind in (
        '警告', '通报批评', '罚款', '没收违法所得', '没收非法财物', '警告、罚款', '罚款、没收违法所得', '限制开展生产经营活动',
        '责令停产停业', '停产停业', '责令停止承接新业务', '停止承接新业务', '责令关闭', '限制从业', '降低资质等级', '暂扣许可证件',
        '吊销许可证件', '吊销许可证', '吊销执照', '吊销营业执照', '吊销执业许可证', '行政拘留', '其他行政处罚', '其他'
    )
    and decided_on between date '1949-10-01' and arrived_on
    and (publish_until is null or publish_until >= decided_on)
order by document_no, party_name, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.patents as
select distinct on (notice_batch, application_no)
    uscc,
    bureau_code,
    county_name,
    notified_on,
    case
        when correction_state in ('申诉成立', '申诉通过', '不再认定') then 'annulled'
        when correction_state in ('已撤回', '主动撤回', '撤回', '已主动撤回') then 'withdrawn'
        when correction_state in ('已整改', '整改完成', '已纠正', '是') then 'corrected'
        else 'uncorrected'
    end as state
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, applicant_name, notice_batch, application_no, correction_state, county_name,
        to_day(notified_on) as notified_on, to_day(corrected_on) as corrected_on, to_day(filed_on) as filed_on
    from raw.abnormal_patents
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    (uscc is null or is_code(uscc))
    and applicant_name is not null
    and notice_batch is not null
    and is_patent_no(application_no)
    and correction_state in (
        '申诉成立', '申诉通过', '不再认定', '已撤回', '主动撤回', '撤回', '已主动撤回', '已整改', '整改完成', '已纠正', '是',
        '未撤回未整改', '未整改', '未撤回', '未处理', '拒不撤回', '否', '申诉中', '正在申诉', '已申诉'
    )
    and notified_on between date '1949-10-01' and arrived_on
    and (filed_on is null or filed_on <= notified_on)
    and (corrected_on is null or corrected_on >= notified_on)
    and (
        correction_state not in ('已撤回', '主动撤回', '撤回', '已主动撤回', '已整改', '整改完成', '已纠正', '是')
        or corrected_on is not null
    )
order by notice_batch, application_no, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.trademarks as
select distinct on (trademark_no, trademark_class)
    uscc,
    decided_on
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        uscc, applicant_name, trademark_no, trademark_class, malicious_circumstance,
        authority, to_day(decided_on) as decided_on, to_day(applied_on) as applied_on
    from raw.malicious_trademarks
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    (uscc is null or is_code(uscc))
    and applicant_name is not null
    and authority is not null
    and trademark_no is not null
    and trademark_class is not null
    and malicious_circumstance in (
        '囤积注册', '大量囤积', '不以使用为目的', '抢注他人商标', '抢注', '复制摹仿驰名商标', '抢注公共资源', '以欺骗或者其他不正当手段取得注册',
        '其他恶意情形', '其他'
    )
    and decided_on between date '1949-10-01' and arrived_on
    and (applied_on is null or applied_on <= decided_on)
order by trademark_no, trademark_class, period desc, valid_from desc, submission_id desc, row_number desc;

create unlogged table by_hand.cases as
select distinct on (case_no)
    case_no,
    uscc,
    bureau_code,
    county_name,
    case
        when case_type in ('专利侵权纠纷行政裁决', '专利侵权纠纷', '行政裁决', '专利侵权') then 'patent'
        when case_type in ('其他专利纠纷行政调解', '专利纠纷行政调解', '其他专利纠纷') then 'other_dispute'
        when case_type in ('假冒专利', '假冒专利案件', '查处假冒专利') then 'fake'
        when case_type in ('商标违法', '商标', '商标侵权') then 'trademark'
        when case_type in ('地理标志', '地理标志案件') then 'gi'
        when case_type in ('版权', '著作权', '版权案件') then 'copyright'
        when case_type in ('商业秘密', '侵犯商业秘密') then 'secret'
        when case_type in ('奥林匹克等官方标志', '官方标志') then 'mark'
    end as kind,
    filed_on,
    closed_on,
    closing_mode,
    case_state,
    is_extended = '是' as is_extended,
    has_technical_investigator = '是' as has_investigator,
    is_publishable = '是' as is_publishable,
    published_on,
    due_on,
    reported_on,
    cast(returned_count as integer) as returned_count,
    returned_on
from (
    select
        submission_id, row_number, bureau_code, period, valid_from, arrived_on,
        case_no, uscc, county_name, case_type, closing_mode, case_state, is_extended,
        has_technical_investigator, is_publishable, nondisclosure_reason, returned_count, authority,
        to_day(received_on) as received_on, to_day(filed_on) as filed_on, to_day(closed_on) as closed_on,
        to_day(published_on) as published_on, to_day(system_report_due_on) as due_on,
        to_day(system_reported_on) as reported_on, to_day(returned_on) as returned_on
    from raw.cases
    inner join by_hand.submissions using (submission_id)
    offset 0  -- so that each date is read once
) as r
where
    case_no is not null
    and authority is not null
    and (uscc is null or is_code(uscc))
    and case_type in (
        '专利侵权纠纷行政裁决', '专利侵权纠纷', '行政裁决', '专利侵权', '其他专利纠纷行政调解', '专利纠纷行政调解', '其他专利纠纷',
        '假冒专利', '假冒专利案件', '查处假冒专利', '商标违法', '商标', '商标侵权', '地理标志', '地理标志案件', '版权', '著作权', '版权案件',
        '商业秘密', '侵犯商业秘密', '奥林匹克等官方标志', '官方标志', '其他知识产权案件', '其他'
    )
    and case_state in ('办理中', '中止', '已结案')
    and filed_on between date '1949-10-01' and arrived_on
    and (received_on is null or received_on <= filed_on)
    and (closed_on is null or closed_on >= filed_on)
    and (published_on is null or published_on >= closed_on)
    and (due_on is null or due_on >= filed_on)
    and (reported_on is null or (reported_on >= filed_on and due_on is not null))
    and (returned_on is null or returned_on >= reported_on)
    and (
        case_state <> '已结案'
        or (closed_on is not null and closing_mode is not null and is_publishable is not null)
    )
    and (coalesce(is_publishable, '是') <> '否' or (nondisclosure_reason is not null and published_on is null))
order by case_no, period desc, valid_from desc, submission_id desc, row_number desc;

-- Grades.

create unlogged table by_hand.events as
select uscc, 'standard_certified' as event_type, certified_on as happened_on, valid_to from by_hand.certificates
union all
select uscc, event_type, awarded_on, valid_to from by_hand.honours
union all
select uscc, event_type, decided_on, null from by_hand.penalties where uscc is not null
union all
select
    uscc,
    case state
        when 'annulled' then 'abnormal_patent_annulled'
        when 'uncorrected' then 'abnormal_patent_uncorrected'
        else 'abnormal_patent_corrected'
    end,
    notified_on,
    null
from by_hand.patents
where uscc is not null
union all
select uscc, 'malicious_trademark', decided_on, null from by_hand.trademarks where uscc is not null;
analyze by_hand.events;

create unlogged table by_hand.scores as
with rules as (
    select rule_code, event_type, points, cap, window_months, is_bonus
    from policy.scoring_rules
    where
        policy_id = 'LN-IPCREDIT'
        and :as_of between effective_from and coalesce(effective_to, date '9999-12-31')
),

summed as (
    select
        events.uscc,
        rules.rule_code,
        sum(rules.points) as points,
        min(rules.cap) as cap
    from by_hand.events as events
    inner join rules on events.event_type = rules.event_type
    where
        events.happened_on <= :as_of
        and months_later(events.happened_on, rules.window_months) >= :as_of
        and (not rules.is_bonus or events.valid_to is null or events.valid_to >= :as_of)
    group by events.uscc, rules.rule_code
)

select
    uscc,
    sum(case when abs(points) > abs(cap) then cap else points end) as points
from summed
group by uscc;
analyze by_hand.scores;

create unlogged table by_hand.dishonest as
select uscc from by_hand.penalties
where
    is_dishonest and uscc is not null and decided_on between date '2022-04-13' and :as_of
    and months_later(decided_on, 12) >= :as_of
union
select uscc from by_hand.patents
where
    state = 'uncorrected' and uscc is not null and notified_on between date '2022-04-13' and :as_of
    and months_later(notified_on, 12) >= :as_of
union
select uscc from by_hand.trademarks
where
    uscc is not null and decided_on between date '2022-04-13' and :as_of
    and months_later(decided_on, 12) >= :as_of;
analyze by_hand.dishonest;

create table by_hand.grades as
with subjects as (
    select uscc from by_hand.events
    union
    select uscc from by_hand.classes
    union
    select uscc from by_hand.cases where uscc is not null
),

latest_class as (
    select distinct on (uscc) uscc, general_class
    from by_hand.classes
    where classified_on <= :as_of
    order by uscc, classified_on desc
),

revoked as (
    select distinct uscc from by_hand.events
    where event_type = 'licence_revoked' and happened_on <= :as_of and months_later(happened_on, 36) >= :as_of
),

scored as (
    select
        subjects.uscc,
        latest_class.general_class,
        100 + coalesce(adjustments.points, 0) + coalesce(scores.points, 0) as score,
        revoked.uscc is not null as is_revoked,
        dishonest.uscc is not null as is_dishonest
    from subjects
    left join latest_class on subjects.uscc = latest_class.uscc
    left join policy.general_class_adjustments as adjustments
        on
            latest_class.general_class = adjustments.general_class
            and adjustments.policy_id = 'LN-IPCREDIT'
            and :as_of between adjustments.effective_from and coalesce(adjustments.effective_to, date '9999-12-31')
    left join by_hand.scores as scores on subjects.uscc = scores.uscc
    left join revoked on subjects.uscc = revoked.uscc
    left join by_hand.dishonest as dishonest on subjects.uscc = dishonest.uscc
)

select
    scored.uscc as subject_id,
    'enterprise' as track,
    cast(scored.score as numeric(7, 2)) as score,
    case
        when scored.is_revoked then 'D'
        when scored.general_class is null then 'U'
        when scored.is_dishonest and scored.score >= bounds.lowest_c then 'C'
        when scored.score >= bounds.lowest_a then 'A'
        when scored.score >= bounds.lowest_b then 'B'
        when scored.score >= bounds.lowest_c then 'C'
        else 'D'
    end as grade
from scored
cross join (
    select
        max(case when grade = 'A' then min_score end) as lowest_a,
        max(case when grade = 'B' then min_score end) as lowest_b,
        max(case when grade = 'C' then min_score end) as lowest_c
    from policy.grade_bands
    where
        policy_id = 'LN-IPCREDIT'
        and :as_of between effective_from and coalesce(effective_to, date '9999-12-31')
) as bounds;

-- Scorecards of 2022: 营西政发〔2022〕12号. Cases count to the end of November, everything else to the end of the year.

create unlogged table by_hand.regions as
select
    division_code as region_code,
    name,
    level = 'county' as is_county,
    case when level = 'county' then parent_code else division_code end as city_code,
    coalesce(is_ranked, false) and level = 'city' as is_ranked
from reference.divisions
where level in ('city', 'area', 'county');

create unlogged table by_hand.case_counts as
with counted as (
    select
        *,
        closed_on between date '2022-01-01' and least(date '2022-11-30', :as_of) as is_closed,
        -- handled in the year of filing, and in that of closing if it is another
        case when filed_on < date '2022-01-01' then closed_on else filed_on end
        between date '2022-01-01' and least(date '2022-11-30', :as_of) as is_of_cases,
        case when filed_on < date '2022-01-01' then closed_on else filed_on end
        between date '2022-01-01' and least(date '2022-12-31', :as_of) as is_of_year,
        published_on <= :as_of as is_published,
        -- ninety days and half as many again, for cases that end in a penalty
        case
            when kind in ('fake', 'trademark', 'gi', 'copyright', 'secret', 'mark') and filed_on >= date '2021-07-15'
                then filed_on + 135
        end as severe_on
    from by_hand.cases
)

select
    regions.region_code,
    count(*) filter (where kind = 'patent' and is_closed) as patent_closed,
    count(*) filter (where kind = 'patent' and is_closed and closing_mode in ('行政裁决', '裁决')) as adjudicated,
    count(*) filter (
        where kind in ('patent', 'other_dispute') and is_closed and closing_mode in ('行政调解', '调解')
    ) as mediated,
    count(*) filter (where kind = 'fake' and is_closed) as fake_closed,
    count(*) filter (where kind = 'trademark' and is_closed) as trademark_closed,
    count(*) filter (where kind = 'gi' and is_closed) as gi_closed,
    count(*) filter (where kind = 'copyright' and is_closed) as copyright_closed,
    count(*) filter (where kind = 'trademark' and is_closed and is_publishable) as trademark_publishable,
    count(*) filter (where kind = 'fake' and is_closed and is_publishable) as fake_publishable,
    count(*) filter (where kind = 'gi' and is_closed and is_publishable) as gi_publishable,
    count(*) filter (where kind = 'patent' and is_closed and is_publishable) as patent_publishable,
    count(*) filter (where kind = 'copyright' and is_closed and is_publishable) as copyright_publishable,
    count(*) filter (where kind = 'trademark' and is_closed and is_publishable and is_published) as trademark_disclosed,
    count(*) filter (where kind = 'fake' and is_closed and is_publishable and is_published) as fake_disclosed,
    count(*) filter (where kind = 'gi' and is_closed and is_publishable and is_published) as gi_disclosed,
    count(*) filter (where kind = 'patent' and is_closed and is_publishable and is_published) as patent_disclosed,
    count(*) filter (where kind = 'copyright' and is_closed and is_publishable and is_published) as copyright_disclosed,
    count(*) filter (where reported_on between date '2022-01-01' and least(date '2022-11-30', :as_of)) as reported,
    count(*) filter (
        where due_on between date '2022-01-01' and least(date '2022-11-30', :as_of)
        and coalesce(reported_on, :as_of) > due_on
    ) as late,
    coalesce(sum(returned_count) filter (
        where returned_on between date '2022-01-01' and least(date '2022-11-30', :as_of)
    ), 0) as returned,
    count(*) filter (where has_investigator and is_of_year) as investigated,
    count(*) filter (where kind = 'secret' and is_of_cases) as secret_cases,
    count(*) filter (where kind = 'mark' and is_of_cases) as mark_cases,
    count(*) filter (
        where
        severe_on between date '2022-01-01' and least(date '2022-12-31', :as_of)
        and coalesce(closed_on, :as_of) >= severe_on
        and case_state <> '中止' and not coalesce(is_extended, false)
    ) as overdue
from by_hand.regions as regions
inner join counted
    on
        regions.city_code = counted.bureau_code
        and (not regions.is_county or regions.name = counted.county_name)
group by regions.region_code;

create unlogged table by_hand.patent_counts as
select
    regions.region_code,
    count(*) as notified,
    count(*) filter (where patents.state = 'withdrawn') as withdrawn
from by_hand.regions as regions
inner join by_hand.patents as patents
    on
        regions.city_code = patents.bureau_code
        and (not regions.is_county or regions.name = patents.county_name)
where
    patents.notified_on between date '2022-01-01' and least(date '2022-12-31', :as_of)
    and patents.state <> 'annulled'
group by regions.region_code;

create table by_hand.scorecards as
with simple as (
    select
        counts.region_code,
        rules.rule_id,
        rules.points
    from by_hand.case_counts as counts
    left join by_hand.patent_counts as patents on counts.region_code = patents.region_code
    cross join lateral (
        values
        ('14(2)', least(0.5 * adjudicated, 3)),
        ('14(3)', least(0.5 * mediated, 1)),
        ('15(1)', disclosure_points(trademark_disclosed, trademark_publishable)),
        ('15(2)', disclosure_points(fake_disclosed, fake_publishable)),
        ('15(3)', disclosure_points(gi_disclosed, gi_publishable)),
        ('15(4)', disclosure_points(patent_disclosed, patent_publishable)),
        ('15(5)', disclosure_points(copyright_disclosed, copyright_publishable)),
        ('16', case when reported > 0 then greatest(2 - 0.4 * late - 0.4 * returned, 0) end),
        ('19', case when coalesce(notified, 0) = 0 or withdrawn >= 0.9 * notified then 1 else 0 end),
        ('31(1)', case when investigated > 0 then 1.5 else 0 end),
        ('40', case when secret_cases > 0 then 1 else 0 end),
        ('41', case when mark_cases > 0 then 1 else 0 end),
        ('46(3)', -2.0 * overdue)
    ) as rules (rule_id, points)
),

ranked as (
    select
        counts.region_code,
        rules.rule_id,
        rules.closed,
        rank() over (partition by rules.rule_id order by rules.closed desc) as place
    from by_hand.case_counts as counts
    inner join by_hand.regions as regions on counts.region_code = regions.region_code and regions.is_ranked
    cross join lateral (
        values
        ('14(4)', fake_closed), ('14(5)', trademark_closed), ('14(6)', gi_closed), ('14(7)', copyright_closed)
    ) as rules (rule_id, closed)
),

of_city as (
    select
        ranked.region_code,
        ranked.rule_id,
        case when ranked.closed = 0 then 0 else bands.points end as points
    from ranked
    inner join policy.assessment_bands as bands
        on
            ranked.rule_id = bands.rule_id
            and bands.policy_id = 'YK-IPR-ASSESS-2022'
            and ranked.place between bands.rank_from and bands.rank_to
    union all
    select
        counts.region_code,
        '14(1)',
        case
            when counts.patent_closed = 0 then 0
            when counts.patent_closed >= tiers.min_count then tiers.points
            else 1
        end
    from by_hand.case_counts as counts
    inner join policy.assessment_city_tiers as cities
        on counts.region_code = cities.division_code and cities.policy_id = 'YK-IPR-ASSESS-2022'
    inner join policy.assessment_tiers as tiers
        on cities.policy_id = tiers.policy_id and cities.tier = tiers.tier and tiers.rule_id = '14(1)'
)

select
    region_code,
    2022 as year,
    rule_id,
    cast(points as numeric) as points
from simple
where points is not null
union all
select
    regions.region_code,
    2022 as year,
    of_city.rule_id,
    cast(of_city.points as numeric) as points
from of_city
inner join by_hand.regions as regions on of_city.region_code = regions.city_code
