-- A build that has not ended well can never be checked and published, nor one whose dropping has begun be shown again.

alter table release_store.releases drop constraint releases_state_check;
alter table release_store.releases add constraint releases_state_check
check (state in ('building', 'candidate', 'rejected', 'failed', 'published', 'dropped'));
comment on column release_store.releases.state is
'building 生成中；candidate 待发布的候选；rejected 未通过发布前检查；failed 生成失败或中断；published 已发布；dropped 已清除';
