{% call judged_rows('external_parameters') %}
    select
        typed.*,
        case when parameter_kind = 'target' then 'target_set' else 'external_parameter' end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when parameter_code !~ '^[a-z][a-z0-9_]*$' then 'parameter_code:unknown_code' end,
            case when valid_to < valid_from then 'valid_to:dates_out_of_order' end,
            -- 93.5 written for 93.5 %
            case when value_unit = 'ratio' and parameter_value > 1 then 'parameter_value:number_out_of_range' end
        ] as row_issues
    from typed
{% endcall %}
