"""Whose name may stand in clear: a legal person's, known by the shape of its code."""

import pytest

from ipcredit.intake.personal import names_legal_person

ORGANISATIONS = {
    "company": "91210600MA0ABCDEX1",
    "law firm": "31210000MD0123456Y",
    "institution": "12210000463456789H",
    "army": "A1210000MB0123456X",
    "lower case, full width": "９１210600ma0abcdex1",
}
OTHERS = {
    "identity card": "210602198001011234",
    "identity card ending in X": "21060219800101123X",
    "a letter that is not used": "91210600MA0ABCDEO1",
    "one character short": "91210600MA0ABCDEX",
    "nothing": "",
}


@pytest.mark.parametrize("code", ORGANISATIONS.values(), ids=ORGANISATIONS)
def test_a_code_of_an_organisation_keeps_its_name(code):
    assert names_legal_person(code)


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_anything_else_is_taken_for_a_person(code):
    assert not names_legal_person(code)
