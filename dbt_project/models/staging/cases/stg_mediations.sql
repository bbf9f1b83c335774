{% call judged_rows('mediations') %}
    select
        typed.*,
        case
            when is_confirmed then 'mediation_confirmed'
            when closed_on is not null then 'mediation_closed'
            else 'mediation_open'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when closed_on < accepted_on then 'closed_on:dates_out_of_order' end,
            case when confirmed_on < closed_on then 'confirmed_on:dates_out_of_order' end,
            {{ required_where('closed_on', "result is not null") }},
            {{ required_where('result', "closed_on is not null") }},
            {{ required_where('venue_name', "venue in ('park', 'market', 'exhibition', 'platform')") }},
            {{ required_where('confirmed_on', "is_confirmed") }},
            {{ required_where('confirmation_no', "is_confirmed") }},
            {{ required_where('court', "is_confirmed") }},
            {{ required_where('is_confirmed', "confirmed_on is not null") }},
            case
                when
                    is_confirmed and (result <> 'success' or mediation_kind = 'arbitration')
                    or not is_confirmed and confirmed_on is not null
                    then 'is_confirmed:fields_disagree'
            end,
            case when accepted_on > {{ period_end('period') }} then 'accepted_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
