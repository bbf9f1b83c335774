{% call judged_rows('patent_transfers') %}
    select
        typed.*,
        case
            when transfer_kind in ('patent_assignment', 'application_assignment') then 'patent_assigned'
            else 'patent_licensed'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when expires_on < recorded_on then 'expires_on:dates_out_of_order' end,
            case
                when not recorded_on between {{ period_start('period') }} and {{ period_end('period') }}
                    then 'recorded_on:outside_period'
            end
        ] as row_issues
    from typed
{% endcall %}
