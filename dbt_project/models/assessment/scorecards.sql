-- One card per region and year: base, bonus and deductions apart, never rescaled; the total may be negative, and may pass 100.
-- The ranked cities are compared by their unrounded totals.
with summed as (
    select
        assessment_year,
        region_code,
        city_code,
        policy_id,
        policy_version,
        coalesce(sum(points) filter (where section_kind = 'base'), 0) as base_points,
        coalesce(sum(points) filter (where section_kind = 'bonus'), 0) as bonus_points,
        coalesce(sum(points) filter (where section_kind = 'deduction'), 0) as deduction_points,
        coalesce(sum(points), 0) as total_points,
        coalesce(sum(max_points) filter (where section_kind = 'base' and is_awardable), 0) as base_awardable,
        coalesce(sum(max_points) filter (where section_kind = 'bonus' and is_awardable), 0) as bonus_awardable,
        count(*) filter (where state = 'scored') as scored_rules,
        count(*) filter (where state = 'awaiting') as awaiting_rules,
        coalesce(sum(max_points) filter (where state = 'awaiting'), 0) as awaiting_points,
        count(*) filter (where state = 'not_evaluable') as not_evaluable_rules,
        coalesce(sum(max_points) filter (where state = 'not_evaluable'), 0) as not_evaluable_points,
        count(*) filter (where state = 'not_applicable') as not_applicable_rules,
        -- a city that owes reports itself, or whose time is not over; not one whose rank waits for others
        bool_or(not is_complete) as is_awaited,
        string_agg(change_reason, '；' order by rule_no) filter (where change_reason is not null) as change_reasons
    from {{ ref('rule_results') }}
    group by assessment_year, region_code, city_code, policy_id, policy_version
),

ranked as (
    select
        summed.assessment_year,
        summed.region_code,
        case years.tie_method when 'dense' then dense_rank() over province else rank() over province end as rank,
        count(*) filter (where summed.is_awaited) over (partition by summed.assessment_year) as unreported_regions
    from summed
    inner join {{ ref('assessment_regions') }} as regions on summed.region_code = regions.region_code
    inner join {{ ref('assessment_years') }} as years on summed.assessment_year = years.assessment_year
    where regions.is_ranked
    window province as (partition by summed.assessment_year order by summed.total_points desc)
)

select
    summed.assessment_year,
    summed.region_code,
    regions.region_name,
    regions.region_level,
    summed.city_code,
    summed.policy_id,
    summed.policy_version,
    summed.base_points,
    summed.bonus_points,
    summed.deduction_points,
    summed.total_points,
    summed.base_awardable,
    years.base_declared,
    summed.bonus_awardable,
    summed.scored_rules::integer as scored_rules,
    summed.awaiting_rules::integer as awaiting_rules,
    summed.awaiting_points,
    summed.not_evaluable_rules::integer as not_evaluable_rules,
    summed.not_evaluable_points,
    summed.not_applicable_rules::integer as not_applicable_rules,
    ranked.rank::integer as rank,
    case when ranked.rank is not null then not years.is_closed or ranked.unreported_regions > 0 end as is_rank_provisional,
    (
        select max(others.unreported_regions) from ranked as others
        where others.assessment_year = summed.assessment_year
    )::integer as unreported_regions,
    case
        when signoffs.signed_points <> summed.total_points then 'changed_after_signoff'
        when signoffs.signed_points is not null then 'signed_off'
        when years.is_closed then 'final'
        else 'provisional'
    end as card_state,
    signoffs.signed_by_unit,
    signoffs.signed_on,
    signoffs.signed_points,
    refused.signed_by_unit as refused_signoff_by,
    summed.total_points - signoffs.signed_points as points_since_signoff,
    case when signoffs.signed_on is not null then concat_ws('；', signoffs.change_reason, summed.change_reasons) end
        as change_reasons,
    years.closes_on as window_closes_on
from summed
inner join {{ ref('assessment_regions') }} as regions on summed.region_code = regions.region_code
inner join {{ ref('assessment_years') }} as years on summed.assessment_year = years.assessment_year
left join ranked on summed.assessment_year = ranked.assessment_year and summed.region_code = ranked.region_code
left join {{ ref('signoffs') }} as signoffs
    on
        summed.assessment_year = signoffs.assessment_year
        and summed.region_code = signoffs.region_code
        and signoffs.is_by_second_role
left join {{ ref('signoffs') }} as refused
    on
        summed.assessment_year = refused.assessment_year
        and summed.region_code = refused.region_code
        and not refused.is_by_second_role
