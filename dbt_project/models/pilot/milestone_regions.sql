-- Whom each milestone binds: the region it names, or every city and area. A county's is its city's to read.
select
    milestones.milestone_code,
    milestones.plan_code,
    milestones.task_code,
    regions.division_code as region_code,
    case when regions.level = 'county' then regions.parent_code else regions.division_code end as division_code,
    regions.level = 'province' as is_province,
    milestones.promised,
    milestones.starts_on,
    milestones.due_on,
    milestones.evidence_kind,
    milestones.figure_code,
    milestones.datasets,
    milestones.document_code,
    milestones.depends_on,
    milestones.version,
    milestones.status,
    milestones.source_clause
from {{ recorded_last('plan_milestones', 'milestone_code') }} as milestones
inner join {{ ref('divisions') }} as regions
    on
        case milestones.applies_to
            when 'every_city' then regions.level in ('city', 'area')
            else milestones.region_code = regions.division_code
        end
where milestones.status <> 'no_rule'
