-- What is said of the view where it stands already: publication makes it only where it is missing.
do $$
begin
    if to_regclass('publication.grade_explanations') is not null then
        comment on column publication.grade_explanations.repairable_from is
        '最早可申请信用修复之日：满最短期限，且距上次准予修复满间隔；在严重违法失信名单内的另有限制（见 repair_rules）；不能修复的为空';
    end if;
end
$$;
