-- What has been handed back to the units: monthly return files and reminders, each once.

create table intake.returns (
    unit_code text not null,
    month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    release_id text not null references release_store.releases,
    path text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    made_at timestamptz not null default now(),
    primary key (unit_code, month, release_id)
);
comment on table intake.returns is '月度反馈台账：一个单位、一个月、一次发布一份，写成后不再改';
comment on column intake.returns.unit_code is '报送单位代码（投递目录名）';
comment on column intake.returns.month is '反馈月份，如 2022-11';
comment on column intake.returns.release_id is '依据的发布';
comment on column intake.returns.path is '反馈文件，相对于投递根目录';
comment on column intake.returns.sha256 is '文件字节的 SHA-256';
comment on column intake.returns.made_at is '写成时间';

create table intake.reminders (
    bureau_code text not null,
    dataset text not null,
    period text not null,
    due_on date not null,
    state text not null check (state in ('sending', 'sent', 'not_sent')),
    channel text not null check (channel in ('mail', 'file')),
    message_id text not null,
    release_id text not null references release_store.releases,
    claimed_at timestamptz not null default now(),
    sent_at timestamptz,
    settled_by text,
    check ((state = 'sent') = (sent_at is not null)),
    primary key (bureau_code, dataset, period, due_on)
);
create index reminders_by_message on intake.reminders (message_id);
comment on table intake.reminders is '催报台账：一项逾期只催一次；先登记，再发送，发出后记为已发';
comment on column intake.reminders.bureau_code is '报送单位代码';
comment on column intake.reminders.dataset is '数据集';
comment on column intake.reminders.period is '报送期间';
comment on column intake.reminders.due_on is '应报送的最后一天';
comment on column intake.reminders.state is
'sending 已登记，正在发送；发送中断的停在此状态，由人核实，不自动重发；sent 已发出；not_sent 确未发出，下次再发';
comment on column intake.reminders.channel is 'mail 电子邮件；file 投递目录 回执 中的文件';
comment on column intake.reminders.message_id is '催报编号：邮件的 Message-ID 或文件名中的编号';
comment on column intake.reminders.release_id is '依据的发布';
comment on column intake.reminders.claimed_at is '登记时间';
comment on column intake.reminders.sent_at is '发出时间';
comment on column intake.reminders.settled_by is '核实发送中断者的岗位';
