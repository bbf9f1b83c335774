{# The day up to which policy rows count as recorded. #}
{% macro known_day() -%}
  ({{ known_at() }} at time zone 'Asia/Shanghai')::date
{%- endmacro %}

{# The rows of a policy seed in force on a day (default: the day judged), as recorded by known_at; to be used as a table.
   Rows are appended, never edited: an open row gives way to the one that took effect last, and a version is a whole set
   of rows. `key` names what one policy at a time holds for. #}
{% macro policy_in_force(relation, key='policy_id', on_date=none) -%}
(
    select *
    from (
        select
            rules.*,
            rank() over (partition by {{ key }} order by rules.effective_from desc, rules.version desc) as recency
        from {{ ref(relation) }} as rules
        where
            rules.recorded_on <= {{ known_day() }}
            {% if on_date %}and {{ on_date }} is not null{# asked once, not of each rule #}{% endif %}
            and {{ on_date or as_of() }} between rules.effective_from and coalesce(rules.effective_to, 'infinity')
    ) as candidates
    where recency = 1
)
{%- endmacro %}

{# The last day of a period of months that begins with an event. As 民法典 201 and 202 count it: the first day is not
   counted, the last is the same day of the month reached, or that month's end; it still belongs to the period. #}
{% macro last_day_of_period(event_date, months) -%}
  ({{ event_date }} + make_interval(months => {{ months }}))::date
{%- endmacro %}

{# The rows of a register seed as recorded by known_at: of a code the version recorded last; to be used as a table. #}
{% macro recorded_last(relation, code) -%}
(
    select distinct on (registered.{{ code }}) registered.*
    from {{ ref(relation) }} as registered
    where registered.recorded_on <= {{ known_day() }}
    order by registered.{{ code }} asc, registered.recorded_on desc, registered.version desc
)
{%- endmacro %}
