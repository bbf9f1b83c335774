{# How grading follows the catalogue and the calendar: a build judges again who is due, and nobody else.

     unjudged_subjects  whose records have changed since
     due_subjects       those, and whose next date has come
     subject_clocks     that next date
     judged_state       by which day, knowledge and policies everybody was judged; written last

   Between two days on which no policy changes a grade depends on its subject's own records and dates alone. When the day
   goes back, or a policy row came into force, ended or was recorded in between, everybody is judged again. #}

{# In an increment: only subjects that are due. #}
{% macro join_due(relation) -%}
{% if is_incremental() -%}
inner join {{ ref('due_subjects') }} as due on {{ relation }}.subject_id = due.subject_id
{%- endif %}
{%- endmacro %}

{# Whether a record may be used on the day judged although somebody has objected to it. #}
{% macro not_suspended(relation) -%}
({{ relation }}.suspended_from is null or not daterange({{ relation }}.suspended_from, {{ relation }}.suspended_to, '[]') @> {{ as_of() }})
{%- endmacro %}

{# A post-hook. Judging apart (in schemas of its own) leaves the catalogue's notes to the build that they are meant for. #}
{% macro forget_unjudged(unjudged) -%}
{%- if execute and unjudged.schema == generate_schema_name('catalogue', none) -%}
truncate {{ unjudged }}
{%- endif -%}
{%- endmacro %}

{# Incremental tables of grading, and what they were judged by. #}
{% macro judged_relations() %}
{%- set found = [] -%}
{%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema.endswith('grading')
        and (node.config.materialized == 'incremental' or node.name == 'judged_state') -%}
    {%- do found.append(adapter.get_relation(target.database, node.schema, node.name)) -%}
{%- endfor -%}
{{ return(found) }}
{% endmacro %}

{# Before a build of grading: its incremental tables stay if all are there and a day's difference is all there is. #}
{% macro drop_outgrown_judgements() %}
{%- if execute and flags.WHICH in ('build', 'run') and 'model.ipcredit.judged_state' in selected_resources -%}
{%- set relations = judged_relations() -%}
{%- set present = relations | select | list -%}
{%- if present and (present | length < relations | length or not same_policies(present)) -%}
    {%- do log("Everybody is judged anew: the policies, the definitions or the direction of time have changed.", info=true) -%}
    {%- for relation in present -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endfor -%}
{%- endif -%}
{%- endif -%}
{% endmacro %}

{# Whether the policies that judged the tables are those of this run: seeds/policy; no grade rests on the other folders. #}
{% macro same_policies(present) %}
{%- set state = present | selectattr('identifier', 'equalto', 'judged_state') | first -%}
{%- set seeds = [] -%}
{%- for node in graph.nodes.values() if node.resource_type == 'seed' and node.schema.endswith('policy')
        and node.fqn[1] == 'policy' and 'effective_from' in node.config.column_types -%}
    {%- set relation = adapter.get_relation(target.database, node.schema, node.name) -%}
    {%- if relation -%}{%- do seeds.append(relation) -%}{%- endif -%}
{%- endfor -%}
{%- set mark = definitions() ~ '|' ~ run_parameter('IPCREDIT_JUDGEMENTS', '') -%}
{%- set same -%}
select
    count(*) = 1 and bool_and(
        state.definitions = '{{ mark }}'
        and state.as_of <= {{ as_of() }}
        {%- for seed in seeds %}
        and not exists (
            select 1 from {{ seed }} as rules
            where
                (rules.effective_from > state.as_of and rules.effective_from <= {{ as_of() }})
                or (rules.effective_to >= state.as_of and rules.effective_to < {{ as_of() }})
                or (rules.recorded_on > state.known_day) <> (rules.recorded_on > {{ known_day() }})
        )
        {%- endfor %}
    )
from {{ state }} as state
{%- endset -%}
{{ return(run_parameter('IPCREDIT_JUDGEMENTS', '') != '' and run_query(same).columns[0].values()[0]) }}
{% endmacro %}
