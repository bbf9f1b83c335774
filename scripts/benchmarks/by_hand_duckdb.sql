-- What by_hand.sql asks of DuckDB; each like its namesake in by_hand_postgres.sql.
create macro to_day(given) as
case
    when given ~ '^\d{4}-\d{1,2}-\d{1,2}$' then try_cast(given as date)
    when given ~ '^\d{4}[/.年]\d{1,2}[/.月]\d{1,2}日?$' then try_cast(translate(given, '/.年月日', '----') as date)
    when given ~ '^\d{8}$' then cast(try_strptime(given, '%Y%m%d') as date)
end;

create macro months_later(day, months) as cast(day + to_months(cast(months as integer)) as date);

create macro is_code(code) as
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

create macro is_patent_no(given) as
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

create macro disclosure_points(disclosed, publishable) as
case
    when publishable = 0 then 0
    when disclosed = publishable then 1
    when disclosed >= 0.95 * publishable then 0.5
    else 0
end;
