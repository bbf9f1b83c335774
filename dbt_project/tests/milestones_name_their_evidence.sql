-- A milestone has the one thing that proves it, is of one region or of every city, and ends after it began.
select milestones.milestone_code
from {{ ref('plan_milestones') }} as milestones
where
    (milestones.evidence_kind = 'figure') <> (milestones.figure_code is not null)
    or (milestones.evidence_kind = 'document') <> (milestones.document_code is not null)
    or (coalesce(milestones.figure_code, '') = 'key_lists_collected') <> (milestones.datasets is not null)
    or (milestones.applies_to = 'region') <> (milestones.region_code is not null)
    or milestones.due_on < milestones.starts_on
    or milestones.depends_on not in (select others.milestone_code from {{ ref('plan_milestones') }} as others)
