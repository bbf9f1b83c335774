{% call judged_rows('insurance_policies') %}
    select
        typed.*,
        'ip_insured' as event_type,
        null::text as behaviour_code,
        terminated_on as ended_on,
        array[
            case when expires_on < effective_on then 'expires_on:dates_out_of_order' end,
            case when terminated_on < signed_on then 'terminated_on:dates_out_of_order' end,
            case
                when not signed_on between {{ period_start('period') }} and {{ period_end('period') }}
                    then 'signed_on:outside_period'
            end
        ] as row_issues
    from typed
{% endcall %}
