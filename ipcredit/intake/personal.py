"""Personal data on its way in: numbers and names of natural persons become keyed hashes, stray ones are masked."""

import hmac
import re
import secrets
import unicodedata
from functools import lru_cache
from itertools import pairwise

import psycopg
from stdnum.cn import uscc

from ipcredit.intake.kept_key import kept_key
from ipcredit.settings import get_settings

PREFIX = "hmac:"
MINIMUM_KEY = 16
"""Characters that a configured key has at least: a shorter one can be found by trying."""
MASK = "***"
_BIRTH_DAY_AND_REST = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_ID_NUMBER = rf"[1-8][0-9]{{5}}(?:18|19|20)[0-9]{{2}}{_BIRTH_DAY_AND_REST}"
_MOBILE_REST = r"[0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
_ID_NUMBER_HIDDEN = "〔身份证号已隐去〕"
_MARKS = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff'`\u2018\u2019")
"""What programs put beside a number so that it stays text; judging takes the same away (`without_space`)."""
_AS_TEXT = re.compile(r'^="(.*)"$')
"""The formula by which a CSV tells Excel that a number is text."""
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_ID_NUMBER_WITHIN = re.compile(rf"(?<![0-9A-Za-z]){_ID_NUMBER}(?![0-9A-Za-z])")
_MOBILE_WITHIN = re.compile(rf"(?<![0-9])(?:\+?86[ -]?)?1[3-9]{_MOBILE_REST}(?![0-9])")
# The same two, and any full-width digit, written so that each search can run from one literal first byte to the next:
# four times faster than the plain patterns, on text that is almost always clean. They may find a little too much.
_MAY_HOLD_NUMBER = [
    re.compile(pattern.encode())
    for pattern in (
        rf"1[3-9](?:(?<![0-9]1.)|(?<=861.)){_MOBILE_REST}(?![0-9])",
        rf"1[89](?<=[1-8][0-9]{{5}}1.)[0-9]{{2}}{_BIRTH_DAY_AND_REST}",
        rf"20(?<=[1-8][0-9]{{5}}20)[0-9]{{2}}{_BIRTH_DAY_AND_REST}",
        "(?:" + "|".join("０１２３４５６７８９") + ")",
    )
]
_IS_ID_NUMBER = re.compile(_ID_NUMBER)
_REGISTRATION_NO = re.compile(r"[0-9]{13}|[0-9]{15}")
_FORMS = (
    "(?:特殊的?)?普通合伙|有限合伙|个人独资|个体工商户|集团|筹备组|清算组|破产管理人|"
    ".{2,12}(?:分公司|支公司|分所|分店|分厂)"
)
_ORGANISATION = re.compile(
    r"[^·•.:,;/、。|+&*]{4,}(?:公司|集团|企业|联合社|事务所|大学|学院|学校|医院|协会|基金会|委员会|联合会|联盟|中心|大队|"
    r"政府|银行|法院|检察院|"
    r"[厂店站馆场行社所院园堂坊部铺房局会吧室])"
    rf"(?:\((?:{_FORMS})\))?"
)
"""What organisations are called: people's names have four characters at most, or a dot, or end otherwise. Words in
brackets at the end are often the owner's name, so only legal forms and branches are let through."""
_FOREIGN_COMPANY = re.compile(
    r"[0-9A-Z&'(),. -]{2,}[ .,](?:CO\.?,? ?LTD|LIMITED|LTD|INC|CORP|CORPORATION|COMPANY|LLC|LLP|PLC|GMBH|AG|S\.P\.A|"
    r"B\.V|N\.V)\.?"
    r"|.{2,}株式会社|株式会社.{2,}"
)
_ABOUT_PEOPLE = re.compile(
    r"经营者|负责人|法定代表人|法人代表|投资人|业主|店主|老板|员工|职工|经营的|开办的|开设的|等[0-9一二三四五六七八九十]+人"
)
"""Words that a registered name does not hold, but a description of a person does."""
_TWO_PARTS = re.compile(r"[\u4e00-\u9fff]\s+[\u4e00-\u9fff]")
"""A space amid Chinese text parts, as often as not, a person from a firm."""
_USCC_SHAPE = re.compile(r"[1-9ANY][0-9A-HJ-NP-RTUW-Y]{17}")
_STRAY = re.compile(rf"(?<![0-9A-Za-z])(?:{_ID_NUMBER}|(?:\+?86)?1[3-9]\d{{9}}|0\d{{2,3}}-?\d{{7,8}})(?![0-9A-Za-z])")
_SIGNERS = "填表人|填报人|制表人?|审核人?|复核人?|联系人|负责人|经办人|签发人?|法定代表人|姓名|电话|手机|传真|邮箱"
_SIGNED = re.compile(rf"((?:{_SIGNERS})[^:：]{{0,6}}[:：]\s*)[^\s，,；;]+(?:\s+[\u4e00-\u9fff]\b)?")
_LABEL = re.compile(rf"[\u4e00-\u9fff]{{0,4}}(?:{_SIGNERS})(?:签[字名章]|号码)?")
PERSONAL_HEADER = re.compile(r"姓名|联系人|联系方式|电话|手机|身份证|证件号|住址|邮箱|法定代表人|负责人|经办人|签名")
"""Headers of unknown columns whose cells are people's."""


class PersonKeyError(RuntimeError):
    """Natural persons cannot be told apart safely with the key there is; the message says why and what to do."""


@lru_cache
def _key() -> bytes:
    """The key of the settings; on a single machine else the one kept in `home`, made at first use.

    Raises:
        PersonKeyError: none is configured for an external database, or one that is too short.
    """
    settings = get_settings()
    configured = settings.person_key.get_secret_value() if settings.person_key else ""
    if configured:
        if len(configured) < MINIMUM_KEY:
            raise PersonKeyError(
                f"IPCREDIT_PERSON_KEY is shorter than {MINIMUM_KEY} characters: set the one this warehouse was filled "
                "with, or for a new warehouse one made by `openssl rand -hex 32`."
            )
        return configured.encode()
    if settings.database_url:
        raise PersonKeyError(
            "IPCREDIT_PERSON_KEY is not set: with an external database nothing is taken in without it. Set the one "
            "this warehouse was filled with, or for a new warehouse one made by `openssl rand -hex 32`."
        )
    return kept_key(settings.home / "person.key", lambda: secrets.token_hex(32)).encode()


def require_key(connection: psycopg.Connection) -> None:
    """See that there is a key and that it is the one this warehouse was filled with, whose fingerprint it keeps.

    The first call on a warehouse records the fingerprint; the caller commits.

    Raises:
        PersonKeyError: no usable key, or another one.
    """
    fingerprint = hmac.digest(_key(), b"fingerprint", "sha256").hex()[:16]
    connection.execute(
        "insert into intake.person_key (fingerprint) values (%s) on conflict (only_row) do nothing", (fingerprint,)
    )
    row = connection.execute("select fingerprint, recorded_at from intake.person_key").fetchone()
    if row and row[0] != fingerprint:
        raise PersonKeyError(
            f"The key for natural persons (IPCREDIT_PERSON_KEY, else {get_settings().home / 'person.key'}) is not the "
            f"one that this warehouse has been filled with since {row[1]:%Y-%m-%d}: the same person would become "
            "another. Set that key again; nothing was taken in."
        )


def normalise(value: str) -> str:
    """The form in which two writings of one number or name are equal: NFKC, no white space, no marks, capitals."""
    clean = "".join(_unmarked(value).split()).upper()
    return _AS_TEXT.sub(r"\1", clean) if clean[:1] == "=" else clean


def _unmarked(value: str) -> str:
    return unicodedata.normalize("NFKC", value).translate(_MARKS)


def keyed_hash(kind: str, value: str) -> str:
    """What stands in the warehouse for a person's `kind` (id_number or person_name): `hmac:` and 64 hex digits.

    Empty stays empty; a value hashed already stays as it is.
    """
    # An apostrophe may be part of a name.
    clean = normalise(value) if kind == "id_number" else "".join(unicodedata.normalize("NFKC", value).split()).upper()
    if not clean or value.startswith(PREFIX):
        return value if clean else ""
    return PREFIX + hmac.digest(_key(), f"{kind}:{clean}".encode(), "sha256").hex()


def is_id_number(value: str) -> bool:
    """Whether this is a natural person's identity number, also where a legal person's code was asked for."""
    clean = normalise(value)
    return bool(_IS_ID_NUMBER.fullmatch(clean)) and not uscc.is_valid(clean)


def mask_id_numbers(code: str) -> str:
    """The cell of a code without the identity numbers that stand in it beside something else."""
    if len(code) <= 18:  # as long as the number alone, which is hashed
        return code
    plain = _unmarked(code)
    # Spaces may part a number from a code before it, or run through the number.
    for text in (plain, "".join(plain.split())):
        if (masked := _ID_NUMBER_WITHIN.sub(_hide_person, text)) != text:
            return masked
    return code


def _hide_person(number: re.Match[str]) -> str:
    return _ID_NUMBER_HIDDEN if is_id_number(number[0]) else number[0]


def names_legal_person(code: str) -> bool:
    """Whether a 统一社会信用代码 stands here; its check digit is judged later, with the row."""
    clean = normalise(code)
    return bool(_USCC_SHAPE.fullmatch(clean)) and not is_id_number(clean)


def is_registration_no(value: str) -> bool:
    """Whether this is shaped like a former registration number of a business (13 or 15 digits)."""
    return bool(_REGISTRATION_NO.fullmatch(normalise(value)))


def names_organisation(name: str) -> bool:
    """Whether this reads like the name of an organisation, and of nothing else. In doubt it does not."""
    clean = normalise(name)
    if _ABOUT_PEOPLE.search(clean) or _TWO_PARTS.search(name):
        return False
    words = " ".join(unicodedata.normalize("NFKC", name).upper().split())
    return bool(_ORGANISATION.fullmatch(clean) or _FOREIGN_COMPANY.fullmatch(words))


def mask(text: str) -> str:
    """Free text without identity numbers, telephone numbers and the names after 填表人： and the like."""
    return _SIGNED.sub(rf"\g<1>{MASK}", _STRAY.sub(MASK, text))


def may_tell_of_people(cells: list[str]) -> bool:
    """Whether a row beside the data, such as 填表人 and a name, may hold what is a person's. In doubt it does."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    text = "  ".join(filled)
    return mask(text) != text or any(
        _LABEL.fullmatch(label) and not _LABEL.fullmatch(told) for label, told in pairwise(filled)
    )


def may_hold_number(text: bytes) -> bool:
    """Whether UTF-8 text may hold what `mask_numbers` replaces; False is certain."""
    return any(pattern.search(text) for pattern in _MAY_HOLD_NUMBER)


def mask_numbers(text: str) -> str:
    """Free text of a known column without identity card and mobile numbers, full-width ones too.

    The whole number goes: what is left of one would, beside the name, still tell who it is.
    """
    plain = text.translate(_FULL_WIDTH)
    masked = _MOBILE_WITHIN.sub("〔手机号已隐去〕", _ID_NUMBER_WITHIN.sub(_ID_NUMBER_HIDDEN, plain))
    return text if masked == plain else masked
