{% call judged_rows('inspectors') %}
    select
        typed.*,
        'inspector_listed' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        -- a list of codes is taken whole or not at all: who is to be avoided must not be lost in part
        array[
            case
                when
                    avoids is not null
                    and avoids !~ '^[0-9A-HJ-NP-RTUW-Y]{18}([；;、,， ]+[0-9A-HJ-NP-RTUW-Y]{18})*$'
                    then 'avoids:bad_uscc'
            end
        ] as row_issues
    from typed
{% endcall %}
