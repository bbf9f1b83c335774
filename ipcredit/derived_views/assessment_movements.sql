-- What has moved in a scorecard since the release that was current before: rules whose state or points are not what they were.
-- Of the release before only cells of regions that the reader sees now are shown.
create view publication.assessment_movements with (security_barrier) as
select
    n.release_id,
    r.previous_release_id,
    n.assessment_year,
    n.region_code,
    n.rule_id,
    n.division_code,
    b.state as state_before,
    b.points as points_before,
    n.state as state_now,
    n.points as points_now,
    coalesce(n.points, 0) - coalesce(b.points, 0) as points_change
from publication.assessment_rule_results as n
inner join release_store.releases as r on n.release_id = r.release_id
inner join release_store.assessment_rule_results as b
    on
        r.previous_release_id = b.release_id
        and n.assessment_year = b.assessment_year
        and n.region_code = b.region_code
        and n.rule_id = b.rule_id
where n.state <> b.state or n.points is distinct from b.points;

comment on view publication.assessment_movements is '考核成绩变动：与上一次发布相比，状态或得分有变的规则';
comment on column publication.assessment_movements.release_id is '发布编号';
comment on column publication.assessment_movements.previous_release_id is '上一次发布的编号';
comment on column publication.assessment_movements.assessment_year is '考核年度';
comment on column publication.assessment_movements.region_code is '考核地区：市、示范区或县（市、区）的代码';
comment on column publication.assessment_movements.rule_id is '规则编号，见 assessment_rules';
comment on column publication.assessment_movements.division_code is '所属市（示范区）的行政区划代码';
comment on column publication.assessment_movements.state_before is '上一次发布时的状态';
comment on column publication.assessment_movements.points_before is '上一次发布时的得分';
comment on column publication.assessment_movements.state_now is '现在的状态';
comment on column publication.assessment_movements.points_now is '现在的得分';
comment on column publication.assessment_movements.points_change is '得分变动';
