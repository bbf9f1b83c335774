{# Judges the rows of one dataset by its contract; the body of every stg_<dataset>.sql:

     {% call judged_rows('honours') %}
         select
             typed.*,
             … as event_type,
             … as behaviour_code,  -- null unless the row reports a behaviour
             … as ended_on,  -- day it ended early (cancelled, removed), or null
             array[case when … then 'column:issue_code' end] as row_issues
         from typed
     {% endcall %}

   `typed` has the contract's columns under their own names, typed (amounts in yuan), with submission_id, row_number,
   bureau_code, dataset, period, received_at and field_issues. The block adds the dataset's cross-field rules.
   Submissions are judged once; `contract_hash` covers the whole generated statement and the seeds it reads, so a changed
   contract, macro, rule, severity or division alias re-judges, and so does a submission's new content_version; nothing else
   does. `policies` are further seeds that the dataset's own rules read. #}
{% macro judged_rows(dataset, policies=[]) %}
{%- set contract = contract_of(dataset) -%}
{%- set relations = {
    'raw': source('raw', dataset), 'submissions': source('intake', 'submissions'), 'issue_types': ref('issue_types'),
    'divisions': ref('divisions'), 'organisations': ref('organisations'),
} -%}
{%- set rules = caller() -%}
{%- if execute -%}
{%- set passes = judging_passes(contract, relations, rules) -%}
with rule_version as (
    select md5(
        '{{ local_md5(passes) }}'
        || (select string_agg(issue_types::text, ' ' order by code) from {{ relations.issue_types }} as issue_types)
        || (select string_agg(divisions::text, ' ' order by division_code) from {{ relations.divisions }} as divisions)
        || (select string_agg(organisations::text, ' ' order by organisation_code) from {{ relations.organisations }} as organisations)
        {%- for policy in policies %}
        || (select coalesce(string_agg(policy::text, ' ' order by policy::text), '') from {{ policy }} as policy)
        {%- endfor %}
    ) as contract_hash
),

chosen as materialized (
    select
        submissions.submission_id,
        submissions.bureau_code,
        submissions.dataset,
        submissions.period,
        submissions.received_at,
        rule_version.contract_hash || ':' || submissions.content_version as contract_hash,
        case when organisations.role = 'bureau' then organisations.division_code end as home_division_code
    from {{ relations.submissions }} as submissions
    cross join rule_version
    left join {{ relations.organisations }} as organisations on submissions.bureau_code = organisations.organisation_code
    where
        submissions.dataset = '{{ dataset }}'
        and submissions.state in ('loaded', 'held')
        {%- if is_incremental() %}
        and rule_version.contract_hash || ':' || submissions.content_version
        is distinct from {{ judged_by(this, 'submissions.submission_id') }}
        {%- endif %}
),

{{ passes }}
{%- endif -%}
{% endmacro %}

{# By what the rows of a submission were judged: all carry one hash, and the first tells, found by the key. Of a distributed
   table a single row cannot be looked up from within a statement. #}
{% macro judged_by(staged, submission_id) -%}
(
    {%- if can_distribute() %}
    with judged as materialized (
        select
            submission_id,
            min(contract_hash) as contract_hash
        from {{ staged }}
        group by submission_id
    )

    select judged.contract_hash
    from judged
    where judged.submission_id = {{ submission_id }}
    {%- else %}
    select judged.contract_hash
    from {{ staged }} as judged
    where judged.submission_id = {{ submission_id }}
    order by judged.row_number
    limit 1
    {%- endif %}
)
{%- endmacro %}

{# The passes after the choice of submissions, as text: what is hashed is what runs. `offset 0` keeps them apart, so that no
   cell is worked on twice, without writing any of them down. #}
{% macro judging_passes(contract, relations, rules) %}
{%- set columns = contract.columns -%}
{%- set with_shape = ['amount', 'number', 'patent_application_no', 'patent_no'] -%}
{%- set frame = ['submission_id', 'row_number', 'bureau_code', 'dataset', 'period', 'received_at', 'contract_hash', 'home_division_code'] -%}
{# One table per list: of a part of one the planner would expect a single row, and go through it for every row. -#}
{%- for code_list in code_lists(contract) -%}
{{ code_list }}_keys as materialized (
    select distinct on (code_key)
        code_key,
        code
    from (
        values
        {{ code_list_values(contract.code_lists[code_list]) }}
    ) as declared (code, label)
    cross join lateral (select {{ clean_code("declared.label") }} as code_key) as cleaned_label
    order by code_key, code
),

{% endfor -%}
division_keys as materialized (
    select distinct on (division_key)
        division_key,
        divisions.division_code,
        divisions.parent_code
    from {{ relations.divisions }} as divisions
    left join {{ relations.divisions }} as parents on divisions.parent_code = parents.division_code
    cross join lateral unnest(
        array[divisions.division_code, divisions.name, parents.name || divisions.name] || string_to_array(divisions.aliases, '|')
    ) as known (label)
    cross join lateral (select {{ clean_code("known.label") }} as division_key) as cleaned_label
    where division_key is not null
    order by division_key, divisions.division_code
),

cleaned as (
    select
        {% for name in frame -%}
        {{ "given" if name == "row_number" else "chosen" }}.{{ name }},
        {% endfor -%}
        {% for column in columns -%}
        {{ cleaned_value(column) }} as {{ column.name }}
        {%- if column.type == 'amount' %},
        given.{{ column.name }}_unit
        {%- endif %}{{ "," if not loop.last }}
        {% endfor %}
    from chosen
    -- one submission after the other, by the key: rows of those not chosen are not read
    cross join lateral (
        select received.*
        from {{ relations.raw }} as received
        where received.submission_id = chosen.submission_id
        order by received.row_number
    ) as given
    offset 0
),

shaped as (
    select
        {% for name in frame -%}
        cleaned.{{ name }},
        {% endfor -%}
        {% for column in columns -%}
        cleaned.{{ column.name }} as {{ column.name }}__given,
        {{ shaped_value(column) }} as {{ column.name }}
        {%- if column.type == 'amount' %},
        cleaned.{{ column.name }}_unit
        {%- elif column.type == 'division' %},
        {{ column.name }}__divisions.parent_code as {{ column.name }}__parent
        {%- endif %}{{ "," if not loop.last }}
        {% endfor %}
    from cleaned
    {%- for column in columns if column.type == 'code' %}
    left join {{ column.code_list }}_keys as {{ column.name }}__codes on cleaned.{{ column.name }} = {{ column.name }}__codes.code_key
    {%- endfor %}
    {%- for column in columns if column.type == 'division' %}
    left join division_keys as {{ column.name }}__divisions on cleaned.{{ column.name }} = {{ column.name }}__divisions.division_key
    {%- endfor %}
    offset 0
),

parsed as (
    select
        {% for name in frame -%}
        shaped.{{ name }},
        {% endfor -%}
        {% for column in columns -%}
        shaped.{{ column.name }}__given,
        {{ typed_value(column, contract) }} as {{ column.name }}
        {%- if column.type in with_shape %},
        shaped.{{ column.name }} as {{ column.name }}__shape
        {%- elif column.type == 'division' %},
        shaped.{{ column.name }}__parent
        {%- endif %}{{ "," if not loop.last }}
        {% endfor %}
    from shaped
    offset 0
),

typed as (
    select
        {% for name in frame[:-1] -%}
        parsed.{{ name }},
        {% endfor -%}
        {% for column in columns -%}
        {{ kept_value(column) }} as {{ column.name }},
        {% endfor -%}
        array[
        {%- for column in columns %}
        {{ field_issue(column, contract) }}{{ "," if not loop.last }}
        {%- endfor %}
        ]::text [] as field_issues
    from parsed
    offset 0
),

ruled as (
    {{ rules | trim }}
),

found as (
    select
        ruled.*,
        {{ natural_key(contract) }} as natural_key,
        {{ subject_id(contract, 'ruled') }} as subject_id,
        {{ subject_name(contract, 'ruled') }} as subject_name,
        {{ claimed_registration_no(contract, 'ruled') }} as claimed_registration_no,
        array_remove(ruled.field_issues || ruled.row_issues || array[{{ subject_issues(contract) | trim }}]::text [], null) as found_issues
    from ruled
    offset 0
),

weighed as (
    select
        found.*,
        found_issues = '{}' or not exists (
            select 1
            from unnest(found.found_issues) as issue
            left join {{ relations.issue_types }} as issue_types on issue_types.code = split_part(issue, ':', 2)
            where issue_types.severity is distinct from 'warning'
        ) as is_sound
    from found
),

-- Of the sound rows with one natural key in one file the last counts, the others are repetitions.
compared as (
    select
        weighed.*,
        is_sound and natural_key is not null and row_number() over (
            partition by submission_id, natural_key, is_sound
            order by weighed.row_number desc
        ) > 1 as is_repeated
    from weighed
)

select
    submission_id,
    row_number,
    bureau_code,
    dataset,
    period,
    contract_hash,
    natural_key,
    subject_id,
    subject_name,
    claimed_registration_no,
    event_type,
    behaviour_code,
    ended_on,
    {% for column in columns -%}
    {{ column.name }},
    {% endfor -%}
    case when is_repeated then found_issues || '*:duplicate_in_file'::text else found_issues end as issues,
    is_sound and not (
        is_repeated
        and exists (select 1 from {{ relations.issue_types }} where code = 'duplicate_in_file' and severity = 'blocking')
    ) as is_accepted
from compared
{% endmacro %}

{% macro code_lists(contract) -%}
{{ return(contract.columns | selectattr('type', 'equalto', 'code') | map(attribute='code_list') | unique | list) }}
{%- endmacro %}

{# Labels, aliases and the codes themselves, one VALUES row each. #}
{% macro code_list_values(code_list) -%}
{%- set rows = [] -%}
{%- for code, labels in code_list.items() -%}
{%- for label in [code] + labels -%}
{%- do rows.append("('" ~ code ~ "', '" ~ (label | string | replace("'", "''")) ~ "')") -%}
{%- endfor -%}
{%- endfor -%}
{{ rows | join(",\n        ") }}
{%- endmacro %}

{# Parts joined by '|', texts without white space, width and case: （ and ( name the same party. Null while a part is missing. #}
{% macro natural_key(contract) -%}
{%- set parts = [] -%}
{%- for name in contract.natural_key -%}
{%- set column = contract.columns | selectattr('name', 'equalto', name) | first -%}
{%- do parts.append(clean_code("ruled." ~ name) if column.type == 'text' else "ruled." ~ name ~ "::text") -%}
{%- endfor -%}
{{ parts | join(" || '|' || ") }}
{%- endmacro %}

{# For a dataset's own rules: a column that is required under a condition. A cell that was given but could not be read has
   its issue already. #}
{% macro required_where(column, condition) -%}
{%- set unreadable = [
    'bad_date', 'bad_number', 'number_out_of_range', 'bad_boolean', 'bad_patent_no', 'bad_trademark_no', 'bad_sha256',
    'unknown_code', 'digits_lost', 'cell_error',
] -%}
case
                when
                    {{ column }} is null and {{ condition }}
                    and not field_issues && array[{% for code in unreadable -%}
                    '{{ column }}:{{ code }}'{{ ", " if not loop.last }}
                    {%- endfor %}]
                    then '{{ column }}:missing_required'
            end
{%- endmacro %}

{# For a dataset's own rules: a day that should lie in the period reported. #}
{% macro outside_period(column) -%}
case
                when {{ column }} < {{ period_start('period') }} or {{ column }} > {{ period_end('period') }}
                    then '{{ column }}:outside_period'
            end
{%- endmacro %}

{# Legal persons by their code, natural persons by the keyed hash that stands for their number. #}
{% macro subject_id(contract, relation) -%}
{%- set subject = contract.get('subject', {}) -%}
{%- set person = "'P:' || " ~ relation ~ "." ~ subject.person_key if subject.person_key is defined else none -%}
{%- if subject.key is defined and person -%}
coalesce({{ relation }}.{{ subject.key }}, {{ person }})
{%- elif subject.key is defined -%}
{{ relation }}.{{ subject.key }}
{%- else -%}
{{ person or "null::text" }}
{%- endif -%}
{%- endmacro %}

{# As the row gives it. A natural person has no name here; a name that was hashed while
   loading, or erased since, is none either. #}
{% macro subject_name(contract, relation) -%}
{%- if contract.subject is defined -%}
case
            when {{ subject_id(contract, relation) }} like 'P:%' then '自然人'
            when {{ relation }}.{{ contract.subject.name }} not like 'hmac:%' and {{ relation }}.{{ contract.subject.name }} not like 'erased:%' then {{ relation }}.{{ contract.subject.name }}
        end
{%- else -%}
null::text
{%- endif -%}
{%- endmacro %}

{# A former registration number, by which a row without a code may be matched to its subject. #}
{% macro claimed_registration_no(contract, relation) -%}
{{ relation ~ "." ~ contract.subject.registration_no if contract.subject is defined and contract.subject.registration_no is defined else "null::text" }}
{%- endmacro %}

{# A row that names nobody is no credit record; one that names somebody without a code waits for its match; a code without
   a name cannot be cross-checked. #}
{% macro subject_issues(contract) %}
{%- if contract.subject is defined -%}
{%- set key = contract.subject.get('key', contract.subject.person_key) -%}
{%- set name = contract.subject.name -%}
{%- set named = "coalesce(" ~ subject_name(contract, 'ruled') ~ ", " ~ claimed_registration_no(contract, 'ruled') ~ ") is not null" %}
        case
            when {{ subject_id(contract, 'ruled') }} is not null or exists (
                select 1 from unnest(ruled.field_issues) as issue where issue like '{{ key }}:%'
            ) then null
            {%- if contract.subject.key is defined %}
            when {{ named }} then '{{ key }}:subject_to_be_matched'
            {%- endif %}
            {%- if contract.subject.get('required', true) %}
            else '{{ key }}:code_missing_for_name'
            {%- endif %}
        end
        {%- if contract.subject.key is defined %},
        case
            when ruled.{{ key }} is not null and ruled.{{ name }} is null and not exists (
                select 1 from unnest(ruled.field_issues) as issue where issue like '{{ name }}:%'
            ) then '{{ name }}:name_missing_for_code'
        end
        {%- endif %}
{%- endif -%}
{% endmacro %}
