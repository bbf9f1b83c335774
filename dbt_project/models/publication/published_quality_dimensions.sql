select
    '{{ release_id() }}'::text as release_id,
    q.bureau_code,
    q.division_code,
    q.dataset,
    q.period,
    q.dimension,
    q.numerator,
    q.denominator,
    q.rate::numeric(5, 4) as rate,
    q.basis
from {{ ref('quality_dimensions') }} as q
