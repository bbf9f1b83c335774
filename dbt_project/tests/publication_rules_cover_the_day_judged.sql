-- Exactly one rule of publication holds for each list, and one mask for each kind of party, on the day judged: a day that no
-- row covers stops the build.
select
    lists.list_code as what,
    count(rules.list_code) as found
from (select distinct list_code from {{ ref('publication_rules') }}) as lists
left join {{ policy_in_force('publication_rules') }} as rules on lists.list_code = rules.list_code
group by lists.list_code
having count(rules.list_code) <> 1
union all
select
    parties.party_kind || ' ' || parties.item as what,
    count(masks.item) as found
from (select distinct party_kind, item from {{ ref('publication_masks') }}) as parties
left join {{ policy_in_force('publication_masks') }} as masks
    on parties.party_kind = masks.party_kind and parties.item = masks.item
group by parties.party_kind, parties.item
having count(masks.item) <> 1
