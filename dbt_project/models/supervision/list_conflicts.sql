{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Subjects whose honours qualify for a red list today while they stand on a negative one: withheld from the red list, as
-- the rule says, or on both at once, which no rule allows.
select distinct
    honours.subject_id,
    honours.jurisdiction,
    negative.list_code as negative_list_code,
    negative.entry_id as negative_entry_id,
    red.entry_id as red_entry_id,
    case when red.entry_id is null then 'withheld' else 'on_both' end as conflict_state,
    {{ as_of() }} as as_of
from {{ ref('red_honours') }} as honours
inner join {{ ref('list_entries') }} as negative
    on
        honours.subject_id = negative.subject_id
        and negative.list_code in ('dishonest', 'serious')
        and negative.state = 'active'
left join {{ ref('list_entries') }} as red
    on
        honours.subject_id = red.subject_id
        and honours.jurisdiction = red.jurisdiction
        and red.list_code = 'red'
        and red.state = 'active'
where daterange(honours.qualifies_from, honours.qualifies_to, '[]') @> {{ as_of() }}
