{% call judged_rows('penalties') %}
    select
        typed.*,
        case
            -- an annulled decision stays on file and counts for nothing
            when penalty_status = 'annulled' then 'penalty_annulled'
            when 'licence_revoked' in (penalty_kind, second_penalty_kind) then 'licence_revoked'
            when 'business_suspended' in (penalty_kind, second_penalty_kind) then 'business_suspended'
            -- 总局令第45号: what is never taken down early, whether called heavier or not
            when
                array[penalty_kind, second_penalty_kind]
                && array['business_restricted', 'occupation_restricted', 'qualification_lowered']
                then 'ip_penalty_restricting'
            -- 总局令第44号 art. 2: what counts as a heavier penalty, unless the authority itself says
            when
                coalesce(
                    is_heavier,
                    array[penalty_kind, second_penalty_kind]
                    && array['closed', 'licence_suspended', 'licence_suspended_or_revoked', 'detention']
                )
                then 'ip_penalty_heavier'
            when
                penalty_kind in ('warning', 'public_criticism')
                and coalesce(second_penalty_kind, 'warning') in ('warning', 'public_criticism')
                then 'penalty_warning'
            else 'ip_penalty_ordinary'
        end as event_type,
        case when coalesce(penalty_status, 'normal') <> 'annulled' then violation_type end as behaviour_code,
        null::date as ended_on,
        array[
            case when publish_until < decided_on then 'publish_until:dates_out_of_order' end,
            case when valid_until < decided_on then 'valid_until:dates_out_of_order' end,
            {{ outside_period('decided_on') }}
        ] as row_issues
    from typed
{% endcall %}
