-- Who signed which total of a card, last. Who scored does not sign: a sign-off by a role that gave any of the card's points has no
-- effect and takes the place of none; it is named as long as none came after it.
with signed as (
    select
        signed.assessment_year,
        regions.region_code,
        signed.signed_points,
        signed.signed_by_unit,
        signed.signed_on,
        signed.change_reason,
        not exists (
            select 1
            from {{ ref('given_points') }} as given
            where
                given.assessment_year = signed.assessment_year
                and given.region_code = regions.region_code
                and given.scorer_role = signed.signed_by_role
        ) as is_by_second_role,
        row_number() over (
            partition by signed.assessment_year, regions.region_code
            order by signed.signed_on desc, signed.submission_id desc, signed.row_number desc
        ) as place
    from {{ recorded_rows('scorecard_signoffs') }} as signed
    inner join {{ ref('assessment_regions') }} as regions on {{ is_region('signed', 'regions') }}
    where signed.signed_on <= {{ as_of() }}
)

select distinct on (assessment_year, region_code, is_by_second_role)
    assessment_year,
    region_code,
    signed_points,
    signed_by_unit,
    signed_on,
    change_reason,
    is_by_second_role
from signed
where is_by_second_role or place = 1
order by assessment_year, region_code, is_by_second_role, place
