{# Rules of points that people award and of sign-offs; for the body of judged_rows, where the row is `typed`. #}

{# The row's rule, if the policy of its year leaves it to judgement: its maximum. A version is a whole set of rules, and the
   last one of the year holds. To be used as a subquery. #}
{% macro judged_maximum() -%}
select rules.max_points
                from (
                    select
                        policies.policy_id,
                        policies.version
                    from {{ ref('assessment_policies') }} as policies
                    where policies.assessment_year = typed.assessment_year
                    order by policies.effective_from desc, policies.version desc
                    limit 1
                ) as policy
                inner join {{ ref('assessment_rules') }} as rules
                    on policy.policy_id = rules.policy_id and policy.version = rules.version
                where rules.rule_id = typed.rule_id and rules.kind = 'judged' and rules.is_awardable
{%- endmacro %}

{# A rule that the year's policy does not have, counts instead of judging, or gives no points for. #}
{% macro rule_not_judged(column) -%}
case
                when typed.assessment_year is not null and typed.{{ column }} is not null and not exists ({{ judged_maximum() }})
                    then '{{ column }}:rule_not_judged'
            end
{%- endmacro %}

{% macro points_above_maximum(column) -%}
case when typed.{{ column }} > ({{ judged_maximum() }}) then '{{ column }}:points_above_maximum' end
{%- endmacro %}

{# The organisations that a column names, fully or by an alias; to be used as a table. #}
{% macro organisations_named(column) -%}
(
                    select
                        organisations.organisation_code,
                        organisations.division_code,
                        divisions.parent_code
                    from {{ ref('organisations') }} as organisations
                    left join {{ ref('divisions') }} as divisions on organisations.division_code = divisions.division_code
                    cross join lateral unnest(
                        array[organisations.name] || string_to_array(organisations.aliases, '|')
                    ) as known (label)
                    where {{ clean_code("known.label") }} = {{ clean_code("typed." ~ column) }}
                )
{%- endmacro %}

{% macro unknown_organisation(column) -%}
case
                when typed.{{ column }} is not null and not exists (select 1 from {{ organisations_named(column) }} as named)
                    then '{{ column }}:unknown_organisation'
            end
{%- endmacro %}

{# A unit of the division judged, or of one of its counties; or the very unit whose work it is. #}
{% macro own_unit(column, judged_unit=none) -%}
case
                when exists (
                    select 1
                    from {{ organisations_named(column) }} as named
                    where
                        typed.division_code in (named.division_code, named.parent_code)
                        {%- if judged_unit %}
                        or named.organisation_code in (
                            select judged.organisation_code from {{ organisations_named(judged_unit) }} as judged
                        )
                        {%- endif %}
                )
                    then '{{ column }}:own_unit'
            end
{%- endmacro %}
