{% call judged_rows('commitments') %}
    select
        typed.*,
        case
            when verification_result in ('not_kept', 'untrue') then 'commitment_broken'
            when verification_result = 'kept' then 'commitment_kept'
            else 'commitment_signed'
        end as event_type,
        case when verification_result in ('not_kept', 'untrue') then 'commitment_broken' end as behaviour_code,
        terminated_on as ended_on,
        array[
            case when valid_until < signed_on then 'valid_until:dates_out_of_order' end,
            case when due_on < signed_on then 'due_on:dates_out_of_order' end,
            case when delivered_on < signed_on then 'delivered_on:dates_out_of_order' end,
            case when verified_on < signed_on then 'verified_on:dates_out_of_order' end,
            case when terminated_on < signed_on then 'terminated_on:dates_out_of_order' end,
            {{ required_where('deferred_documents', "commitment_type = 'deferred'") }},
            {{ required_where('due_on', "commitment_type = 'deferred'") }},
            {{ required_where('verified_on', "verification_result in ('kept', 'not_kept', 'untrue')") }},
            {{ required_where('breach_facts', "verification_result in ('not_kept', 'untrue')") }},
            case when signed_on > {{ period_end('period') }} then 'signed_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
