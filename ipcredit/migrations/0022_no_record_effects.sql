-- Its place is taken by repair_effects and objection_effects; left behind it would hold people's hashes past their erasure.
drop table if exists supervision.record_effects;
