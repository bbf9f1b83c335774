-- The provincial rule bars a subject on a negative list from the red one.
select * from {{ ref('list_conflicts') }}
where conflict_state = 'on_both'
