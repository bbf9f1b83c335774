-- Exactly one rule holds for each list of each jurisdiction on the day judged: a day that no row covers stops the build.
select
    lists.list_code,
    lists.jurisdiction,
    count(rules.list_code) as found
from (select distinct list_code, jurisdiction from {{ ref('list_rules') }}) as lists
left join {{ policy_in_force('list_rules') }} as rules
    on lists.list_code = rules.list_code and lists.jurisdiction = rules.jurisdiction
group by lists.list_code, lists.jurisdiction
having count(rules.list_code) <> 1
