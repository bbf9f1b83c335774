{# Check digits, set-based: every expression works on text that has already matched its pattern, and so is ASCII: a byte
   is found at once, the n-th character of a text by counting. #}

{# 统一社会信用代码, GB 32100-2015: registering authority (9 市监, 5 民政, 3 司法行政, A 军队, N 农业, Y 其他 …), class,
   division, organisation code, check character; 31 characters, weights 3^i mod 31, the check character counts once.
   In steps: an expression that counts 18 places costs twice as much. #}
{% macro is_uscc(value) -%}
length({{ value }}) = 18 and {{ value }} !~ '[^0-9A-HJ-NPQRTUWXY]' and {{ value }} ~ '^[1-9ANY][1-9]' and substr({{ value }}, 3, 6) !~ '[^0-9]'
{%- endmacro %}

{% macro uscc_is_valid(code) -%}
(({{ weighted_sum(code, [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1], '0123456789ABCDEFGHJKLMNPQRTUWXY') }}) % 31 = 0)
{%- endmacro %}

{# 组织机构代码, GB 11714-1997: eight characters and a check digit, X for ten. Also characters 9-17 of a USCC. #}
{% macro org_code_is_valid(code, start=1) -%}
(
                ({{ weighted_sum(code, [3, 7, 9, 10, 5, 8, 4, 2], '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', start) }}
                + strpos('0123456789X', substr({{ code }}, {{ start + 8 }}, 1)) - 1) % 11 = 0
                and strpos('0123456789X', substr({{ code }}, {{ start + 8 }}, 1)) > 0
            )
{%- endmacro %}

{# Patent application or patent number: 8 digits and a check digit before October 2003, 12 and one since;
   the digit after the year is the kind (1, 8 invention; 2, 9 utility model; 3 design). #}
{% macro patent_pattern() -%}
^(ZL|CN)?((200[3-9]|20[1-9]\d)[12389]\d{7}|(8[5-9]|9\d|0[0-3])[12389]\d{5})\.?[\dX]$
{%- endmacro %}

{% macro patent_is_valid(code) -%}
(
                case
                    when length({{ code }}) = 13 then ({{ weighted_sum(code, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], '0123456789') }}) % 11
                    else ({{ weighted_sum(code, [2, 3, 4, 5, 6, 7, 8, 9], '0123456789') }}) % 11
                end = strpos('0123456789X', right({{ code }}, 1)) - 1
            )
{%- endmacro %}

{# Sum of weight × value over the characters from `start`; a character's value is its place in the alphabet. #}
{% macro weighted_sum(code, weights, alphabet, start=1) -%}
{%- set places = [] -%}
{%- for byte in range(91) -%}
{%- do places.append("%02x" | format([alphabet.find("%c" | format(byte)), 0] | max)) -%}
{%- endfor -%}
{%- for weight in weights -%}
{{ weight }} * get_byte('\x{{ places | join }}'::bytea, get_byte({{ code }}::bytea, {{ start + loop.index0 - 1 }})){{ " + " if not loop.last }}
{%- endfor -%}
{%- endmacro %}
