-- Erasing personal fields past their term changes what a submission says: its rows are judged anew, and what was made of them.

alter table intake.submissions add column content_version integer not null default 1 check (content_version >= 1);
comment on column intake.submissions.content_version is '内容版本：报送的行被清除个人信息时加一，其余情形不变';
