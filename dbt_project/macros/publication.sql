{# A name or code as the public may read it, by a row of publication_masks. One that is no longer than what is kept keeps
   its first character only, and nobody can count what is hidden. #}
{% macro as_shown(value, mask) -%}
case {{ mask }}.shown
        when 'full' then {{ value }}
        when 'masked' then
            case
                when length({{ value }}) > {{ mask }}.keep_first + {{ mask }}.keep_last
                    then left({{ value }}, {{ mask }}.keep_first) || '＊＊＊' || right({{ value }}, {{ mask }}.keep_last)
                else left({{ value }}, 1) || '＊＊＊'
            end
    end
{%- endmacro %}
