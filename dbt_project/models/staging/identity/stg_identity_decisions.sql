{% call judged_rows('identity_decisions') %}
    select
        typed.*,
        'identity_decision' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when record_id !~ '^[0-9a-fA-F]{32}$' then 'record_id:bad_record_id' end,
            {{ required_where('decided_uscc', "decision = 'confirmed'") }},
            -- without its code the decision would be one about all subjects
            case
                when
                    decision in ('rejected', 'undetermined')
                    and field_issues && array['decided_uscc:secondary_code_left_out']
                    then 'decided_uscc:bad_uscc'
            end
        ] as row_issues
    from typed
{% endcall %}
