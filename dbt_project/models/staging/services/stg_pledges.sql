{% call judged_rows('pledges') %}
    select
        typed.*,
        'ip_pledged' as event_type,
        null::text as behaviour_code,
        released_on as ended_on,
        array[
            case when contract_on > registered_on then 'contract_on:dates_out_of_order' end,
            case when expires_on < registered_on then 'expires_on:dates_out_of_order' end,
            case when released_on < registered_on then 'released_on:dates_out_of_order' end,
            -- a pledge is reported twice: when it is registered, and when it is released
            case
                when
                    not registered_on between {{ period_start('period') }} and {{ period_end('period') }}
                    and coalesce(not released_on between {{ period_start('period') }} and {{ period_end('period') }}, true)
                    then 'registered_on:outside_period'
            end
        ] as row_issues
    from typed
{% endcall %}
