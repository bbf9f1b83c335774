{# What every policy seed must hold: its key is unique, every row is dated, cited and of a known status, and a version is
   one set of rows that took effect on one day. #}
{% test policy_seed(model, key) %}
select 'key not unique' as problem, count(*)::text as found
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
union all
select 'row not dated, cited or of a known status', to_jsonb(rules)::text
from {{ model }} as rules
where
    effective_from is null
    or recorded_on is null
    or effective_to < effective_from
    or coalesce(source_clause, '') = ''
    or coalesce(status, '') not in ('enacted', 'provisional', 'no_rule', 'missing_in_source')
union all
select 'version took effect on several days', policy_id || ' ' || version
from {{ model }}
group by policy_id, version
having count(distinct effective_from) > 1
{% endtest %}
