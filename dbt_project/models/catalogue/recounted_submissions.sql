{{ config(meta={'distribute_by': 'reference'}) }}
-- Submissions whose rows may stand in other states than before: the touched ones, and those that share a key with them.
select submission_id from {{ ref('touched_submissions') }}
union
select row_states.submission_id
from {{ ref('row_states') }} as row_states
inner join {{ ref('touched_keys') }} as touched
    on row_states.dataset = touched.dataset and row_states.natural_key = touched.natural_key
