{% call judged_rows('legal_aid') %}
    select
        typed.*,
        'legal_aid' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            {{ required_where('document_no', "aid_kind = 'opinion'") }},
            {{ required_where('event_name', "aid_kind in ('sme_training', 'onsite_service')") }},
            {{ required_where('occasion', "aid_kind = 'onsite_service'") }},
            {{ required_where('participants', "aid_kind = 'sme_training'") }},
            {{ required_where('clue_receiver', "aid_kind = 'infringement_clue'") }},
            {{ outside_period('provided_on') }}
        ] as row_issues
    from typed
{% endcall %}
