{# The last day of a step's time, counted in working days from the day after it began; null where the calendar of working
   days ends: unknown, not guessed. To be used lateral. #}
{% macro due_by_clock(process, step, began_on) -%}
(
    select due.day as due_on
    from {{ policy_in_force('clocks', on_date=began_on) }} as clocks
    inner join {{ ref('working_days') }} as began on began.day = {{ began_on }}
    inner join {{ ref('working_days') }} as due
        on began.working_day_no + clocks.days = due.working_day_no and due.is_working_day
    where clocks.process = '{{ process }}' and clocks.step = '{{ step }}'
)
{%- endmacro %}

{# Whether a step is late: done after its last day, or still not done when that is over. #}
{% macro is_overdue(due_on, done_on) -%}
coalesce(coalesce(least({{ done_on }}, {{ as_of() }}), {{ as_of() }}) > {{ due_on }}, false)
{%- endmacro %}

{# The last day of a number of working days that some other policy row gives, counted likewise. To be used lateral. #}
{% macro due_in_working_days(began_on, days) -%}
(
    select due.day as due_on
    from {{ ref('working_days') }} as began
    inner join {{ ref('working_days') }} as due
        on began.working_day_no + {{ days }} = due.working_day_no and due.is_working_day
    where began.day = {{ began_on }}
)
{%- endmacro %}
