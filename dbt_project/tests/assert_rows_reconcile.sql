-- Nothing is ever dropped: rows received = accepted + rejected + superseded, submission by submission.
select
    submissions.submission_id,
    submissions.rows_received,
    count(row_states.submission_id) as rows_in_a_state
from {{ source('intake', 'submissions') }} as submissions
left join {{ ref('row_states') }} as row_states on submissions.submission_id = row_states.submission_id
where submissions.state = 'loaded' and submissions.valid_from <= {{ known_at() }}
group by submissions.submission_id, submissions.rows_received
having submissions.rows_received <> count(row_states.submission_id)
