{# Whether the milestone a row names is one of the submitting unit's division: its own, a county's of it, or every city's. #}
{% macro milestone_is_own(row) -%}
exists (
                select 1
                from {{ ref('plan_milestones') }} as milestones
                inner join {{ ref('organisations') }} as units on units.organisation_code = {{ row }}.bureau_code
                left join {{ ref('divisions') }} as regions on milestones.region_code = regions.division_code
                where
                    milestones.milestone_code = {{ row }}.milestone_code
                    and case
                        when milestones.applies_to = 'every_city' then units.role = 'bureau'
                        else units.division_code in (
                            regions.division_code, case when regions.level = 'county' then regions.parent_code end
                        )
                    end
            )
{%- endmacro %}
