-- By which key the natural persons in this warehouse are known. Another key would make another person of each of them.

create table intake.person_key (
    only_row boolean primary key default true check (only_row),
    fingerprint text not null check (fingerprint ~ '^[0-9a-f]{16}$'),
    recorded_at timestamptz not null default now()
);
comment on table intake.person_key is '自然人标识密钥的指纹：首次入库时记下，此后换了密钥即拒绝入库';
comment on column intake.person_key.only_row is '只有一行';
comment on column intake.person_key.fingerprint is '指纹，不能由它推出密钥';
comment on column intake.person_key.recorded_at is '记下的时间';
