-- Commitments: signed, kept, broken; how many of those judged have signed.

-- key: commitments.signed
-- label: 本年签署信用承诺书
-- unit: 份
-- from: commitments
select
    c.division_code, c.commitment_type as part, c.subject_id, c.commitment_no, c.signed_on, c.matter,
    c.state, c.submission_id, c.row_number
from commitments as c
where extract(year from c.signed_on) = %(year)s

-- key: commitments.state
-- label: 在册信用承诺
-- unit: 份
-- from: commitments
select
    c.division_code, c.state as part,
    c.subject_id, c.commitment_no, c.commitment_type, c.signed_on, c.verified_on, c.verification_result, c.submission_id,
    c.row_number
from commitments as c

-- key: commitments.overdue
-- label: 逾期未补交或未核查的信用承诺
-- unit: 份
-- from: commitments
select c.division_code, c.subject_id, c.commitment_no, c.due_on, c.verify_due_on, c.is_delivery_overdue, c.is_verification_overdue
from commitments as c where c.is_delivery_overdue or c.is_verification_overdue

-- key: commitments.subjects
-- label: 应当引导签署承诺的评价对象
-- unit: 户
-- from: commitments
select
    r.division_code, r.subject_kind as part, r.subjects as quantity
from commitment_rates as r
where r.division_code <> %(province)s

-- key: commitments.signers
-- label: 已签署信用承诺书的评价对象
-- unit: 户
-- from: commitments
select
    r.division_code, r.subject_kind as part, r.signed as quantity
from commitment_rates as r
where r.division_code <> %(province)s

-- key: commitments.rate
-- label: 信用承诺签署率
-- ratio: commitments.signers / commitments.subjects
