-- Who signed which total of a card, last. Who scored does not sign: a sign-off by a role that gave any of the card's points has no
-- effect, and is named.
select distinct on (signed.assessment_year, regions.region_code)
    signed.assessment_year,
    regions.region_code,
    signed.signed_points,
    signed.signed_by_role,
    signed.signed_by_unit,
    signed.signed_on,
    signed.document_no,
    signed.change_reason,
    not exists (
        select 1
        from {{ recorded_rows('indicator_judgements') }} as judged
        where
            judged.assessment_year = signed.assessment_year
            and judged.scorer_role = signed.signed_by_role
            and {{ is_region('judged', 'regions') }}
    ) as is_by_second_role
from {{ recorded_rows('scorecard_signoffs') }} as signed
inner join {{ ref('assessment_regions') }} as regions on {{ is_region('signed', 'regions') }}
where signed.signed_on <= {{ as_of() }}
order by
    signed.assessment_year asc, regions.region_code asc,
    signed.signed_on desc, signed.submission_id desc, signed.row_number desc
