{{ config(materialized='ephemeral') }}
-- What of a case counts for which metric, on which day. Case figures go by the day of closing, and disclosure counts when it has
-- happened by the day judged. Cases handled (办理) count in the year of filing, and in that of closing if it is another: closed after
-- the window they have been handled in it all the same. 附件 14 to 16, 31(1), 40, 41, 46(3).
with cases as (
    select
        given.*,
        limits.severe_on
    from {{ recorded_rows('cases') }} as given
    left join lateral (
        -- the day on which the time limit is exceeded by so much
        select given.filed_on + ceil(rules.days * (1 + rules.overdue_ratio))::integer as severe_on
        from {{ ref('case_time_limits') }} as rules
        where
            rules.case_type = given.case_type
            and rules.stage = 'close'
            and rules.recorded_on <= {{ known_day() }}
            and given.filed_on between rules.effective_from and coalesce(rules.effective_to, 'infinity')
        order by rules.effective_from desc, rules.version desc
        limit 1
    ) as limits on true
),

kinds (case_type, prefix) as (
    values
    ('patent_infringement', 'patent_adjudication'),
    ('counterfeit_patent', 'fake_patent'),
    ('trademark', 'trademark'),
    ('geographical_indication', 'gi'),
    ('copyright', 'copyright')
)

select
    {{ counted_columns('cases') }},
    counted.metric_code,
    counted.counted_on,
    counted.quantity
from cases
left join kinds on cases.case_type = kinds.case_type
cross join
    lateral (
        values
        (kinds.prefix || '_closed_cnt', cases.closed_on, 1),
        (kinds.prefix || '_publishable_cnt', cases.closed_on, cases.is_publishable::integer),
        (
            kinds.prefix || '_disclosed_cnt', cases.closed_on,
            (cases.is_publishable and cases.published_on <= {{ as_of() }})::integer
        ),
        (
            'patent_infringement_closed_by_adjudication_cnt', cases.closed_on,
            (cases.case_type = 'patent_infringement' and cases.closing_mode = 'adjudication')::integer
        ),
        (
            'patent_dispute_closed_by_mediation_cnt', cases.closed_on,
            (cases.case_type in ('patent_infringement', 'other_patent_dispute') and cases.closing_mode = 'mediation')::integer
        ),
        ('case_report_cnt', cases.system_reported_on, 1),
        -- late, or still not reported when its last day is over
        (
            'case_report_late_cnt', cases.system_report_due_on,
            (coalesce(cases.system_reported_on, {{ as_of() }}) > cases.system_report_due_on)::integer
        ),
        ('case_report_returned_cnt', cases.returned_on, cases.returned_count),
        (
            'case_severely_overdue_cnt', cases.severe_on,
            (
                coalesce(cases.closed_on, {{ as_of() }}) >= cases.severe_on
                and cases.case_state <> 'suspended' and not coalesce(cases.is_extended, false)
            )::integer
        )
    ) as counted (metric_code, counted_on, quantity)
where counted.metric_code is not null and counted.counted_on is not null and counted.quantity > 0
union all
select
    {{ counted_columns('cases') }},
    counted.metric_code,
    days.handled_on as counted_on,
    1 as quantity
from cases
cross join
    lateral (
        values
        (cases.filed_on),
        (case when extract(year from cases.closed_on) > extract(year from cases.filed_on) then cases.closed_on end)
    ) as days (handled_on)
cross join
    lateral (
        values
        ('technical_investigator_case_cnt', cases.has_technical_investigator),
        ('trade_secret_case_cnt', cases.case_type = 'trade_secret'),
        ('official_mark_case_cnt', cases.case_type = 'official_mark')
    ) as counted (metric_code, counts)
where counted.counts and days.handled_on is not null
