-- What by_hand.sql asks of PostgreSQL: a schema of its own, and functions that are put into the statements.
drop schema if exists by_hand cascade;
create schema by_hand;
set local search_path = by_hand;

-- Nothing is cast before it has matched: PostgreSQL itself would take today, infinity or J2459640.
create function to_day(given text) returns date stable parallel safe return
case
    when given ~ '^\d{4}-\d{1,2}-\d{1,2}$' then case when pg_input_is_valid(given, 'date') then given::date end
    when given ~ '^\d{4}[/.年]\d{1,2}[/.月]\d{1,2}日?$'
        then
            case
                when pg_input_is_valid(translate(given, '/.年月日', '----'), 'date')
                    then translate(given, '/.年月日', '----')::date
            end
    when given ~ '^\d{8}$' then case when pg_input_is_valid(given, 'date') then given::date end
end;

create function months_later(day date, months integer) returns date immutable parallel safe return
(day + make_interval(months => months))::date;

-- GB 32100-2015, with its check character.
create function is_code(code text) returns boolean immutable parallel safe return
code ~ '^[1-9ANY][1-9]\d{6}[0-9A-HJ-NPQRTUWXY]{10}$'
and (
    1 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 1, 1)) - 1)
    + 3 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 2, 1)) - 1)
    + 9 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 3, 1)) - 1)
    + 27 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 4, 1)) - 1)
    + 19 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 5, 1)) - 1)
    + 26 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 6, 1)) - 1)
    + 16 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 7, 1)) - 1)
    + 17 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 8, 1)) - 1)
    + 20 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 9, 1)) - 1)
    + 29 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 10, 1)) - 1)
    + 25 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 11, 1)) - 1)
    + 13 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 12, 1)) - 1)
    + 8 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 13, 1)) - 1)
    + 24 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 14, 1)) - 1)
    + 10 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 15, 1)) - 1)
    + 30 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 16, 1)) - 1)
    + 28 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 17, 1)) - 1)
    + 1 * (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 18, 1)) - 1)
) % 31 = 0;

-- An application number since October 2003, with its check digit.
create function is_patent_no(given text) returns boolean immutable parallel safe return
given ~ '^20\d{2}[12389]\d{7}\.[\dX]$'
and (
    2 * (strpos('0123456789', substr(given, 1, 1)) - 1)
    + 3 * (strpos('0123456789', substr(given, 2, 1)) - 1)
    + 4 * (strpos('0123456789', substr(given, 3, 1)) - 1)
    + 5 * (strpos('0123456789', substr(given, 4, 1)) - 1)
    + 6 * (strpos('0123456789', substr(given, 5, 1)) - 1)
    + 7 * (strpos('0123456789', substr(given, 6, 1)) - 1)
    + 8 * (strpos('0123456789', substr(given, 7, 1)) - 1)
    + 9 * (strpos('0123456789', substr(given, 8, 1)) - 1)
    + 2 * (strpos('0123456789', substr(given, 9, 1)) - 1)
    + 3 * (strpos('0123456789', substr(given, 10, 1)) - 1)
    + 4 * (strpos('0123456789', substr(given, 11, 1)) - 1)
    + 5 * (strpos('0123456789', substr(given, 12, 1)) - 1)
) % 11 = strpos('0123456789X', right(given, 1)) - 1;

create function disclosure_points(disclosed bigint, publishable bigint) returns numeric immutable parallel safe return
case
    when publishable = 0 then 0
    when disclosed = publishable then 1
    when disclosed >= 0.95 * publishable then 0.5
    else 0
end;
