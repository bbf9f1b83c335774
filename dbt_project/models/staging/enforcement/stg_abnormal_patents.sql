{% call judged_rows('abnormal_patents') %}
    select
        typed.*,
        case
            when correction_state = 'appeal_upheld' then 'abnormal_patent_annulled'
            when correction_state in ('withdrawn', 'corrected') then 'abnormal_patent_corrected'
            else 'abnormal_patent_uncorrected'
        end as event_type,
        case when correction_state <> 'appeal_upheld' then 'abnormal_application' end as behaviour_code,
        null::date as ended_on,
        array[
            case when corrected_on < notified_on then 'corrected_on:dates_out_of_order' end,
            case when filed_on > notified_on then 'filed_on:dates_out_of_order' end,
            {{ required_where('corrected_on', "correction_state in ('withdrawn', 'corrected')") }}
        ] as row_issues
    from typed
{% endcall %}
