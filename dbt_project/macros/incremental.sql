{# How the catalogue follows the ledger: a build does again what is touched, and nothing else.

     submission_states    what stands now, as of known_at
     applied_submissions  the same, as the last build that came to its end used it; written last
     touched_submissions  where the two differ, in whatever direction
     touched_keys         natural keys of rows of those, as they were and as they are
     touched_subjects     whose records that concerns, as they were and as they are

   Each table deletes what is touched and appends it anew, in one transaction. The touched_… tables only grow until
   applied_submissions empties them: what an interrupted build has begun, the next one does again. #}

{# A table as the last build left it, for models that run before the one that makes it. #}
{% macro as_left(name) -%}
{{ this.incorporate(path={'identifier': name}, type='table') }}
{%- endmacro %}

{# A pre-hook: take away what the model is about to append anew. `columns` name the rows in both tables. #}
{% macro delete_touched(touched, columns) -%}
{%- if execute and is_incremental() -%}
delete from {{ this }} as old using {{ touched }} as touched
where {% for column in columns %}old.{{ column }} = touched.{{ column }}{{ " and " if not loop.last }}{% endfor %}
{%- endif -%}
{%- endmacro %}

{# What is read over several connections cannot be followed by DDL (ANALYZE counts as such) in the same transaction. #}
{% macro sequentially() -%}
{%- if can_distribute() -%} set local citus.multi_shard_modify_mode = sequential; {% endif -%}
{%- endmacro %}

{# A pre-hook of known_names: also the subjects that touched records have now. #}
{% macro note_named_subjects(touched, keys, records) -%}
{%- if execute and is_incremental() -%}
{{ sequentially() }}
insert into {{ touched }} (subject_id)
select records.subject_id
from {{ records }} as records
inner join {{ keys }} as keys on records.record_id = keys.record_id
where records.subject_id is not null
except
select subject_id from {{ touched }}
{%- endif -%}
{%- endmacro %}

{# A pre-hook of subjects, which come after the names: also those who have, lost or gained a link. #}
{% macro note_linked_subjects(touched, keys, links, applied_links) -%}
{%- if execute and is_incremental() -%}
{{ sequentially() }}
insert into {{ touched }} (subject_id)
select links.subject_id
from {{ links }} as links
inner join {{ keys }} as keys on links.record_id = keys.record_id
union
select subject_id
from (select record_id, subject_id from {{ links }} except select record_id, subject_id from {{ applied_links }}) as gained
union
select subject_id
from (select record_id, subject_id from {{ applied_links }} except select record_id, subject_id from {{ links }}) as lost
except
select subject_id from {{ touched }}
{%- endif -%}
{%- endmacro %}

{# What a record is known by. #}
{% macro record_id(relation) -%}
md5({{ relation }}.dataset || '|' || {{ relation }}.natural_key)
{%- endmacro %}

{# A post-hook: the next model is planned at once, before autovacuum has looked at this one. Few rows more change no plan, and
   of what is made anew with every build a third of the usual sample tells enough. #}
{% macro analyze_if_grown() -%}
{%- if execute and (config.get('materialized') != 'view' or (config.get('meta', {}).get('distribute_by') and can_distribute())) -%}
    {%- set written = load_result('main').response.rows_affected -%}
    {%- if not is_incremental() or written * 20 > run_query(
        "select reltuples from pg_class where oid = '" ~ this ~ "'::regclass"
    ).columns[0].values()[0] -%}
{%- if config.get('materialized') != 'incremental' %}set local default_statistics_target = 30;{% endif %}
analyze {{ this }}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}

{# Code, contracts and seeds that incremental tables are made by, as one mark; ipcredit/build.py reads the files. #}
{% macro definitions() -%}
{{ run_parameter('IPCREDIT_DEFINITIONS', '') }}
{%- endmacro %}

{# Before a build of the catalogue: its incremental tables stay if all are there, a build with them came to its end, and
   they are what the present definitions would make. Otherwise all of them are made anew, but what says `full_refresh: false`. #}
{% macro drop_outgrown_catalogue() %}
{%- if execute and flags.WHICH in ('build', 'run') and 'model.ipcredit.applied_submissions' in selected_resources -%}
{%- set present = [] -%}
{%- set keep = namespace(yes=true, applied=none) -%}
{%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema.endswith('catalogue')
        and (node.config.materialized == 'incremental' or node.name in ('applied_submissions', 'applied_links'))
        and node.config.full_refresh is not false -%}
    {%- set relation = adapter.get_relation(target.database, node.schema, node.name) -%}
    {%- if relation -%}
        {%- do present.append(relation) -%}
        {%- if node.name == 'applied_submissions' -%}{%- set keep.applied = relation -%}{%- endif -%}
    {%- else -%}
        {%- set keep.yes = false -%}
    {%- endif -%}
{%- endfor -%}
{%- if keep.yes and keep.applied -%}
    {%- set found = run_query("select distinct definitions from " ~ keep.applied).columns[0].values() | list -%}
    {%- set keep.yes = found == [definitions()] and definitions() != '' -%}
{%- endif -%}
{%- if present and not (keep.yes and keep.applied) -%}
    {%- do log("The catalogue is made anew: its definitions have changed, or no build of it has come to its end.", info=true) -%}
    {#- what was judged by them is outgrown as well -#}
    {%- for relation in present + (judged_relations() | select | list) -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endfor -%}
{%- endif -%}
{%- endif -%}
{% endmacro %}
