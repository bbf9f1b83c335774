"""Personal data on its way in: numbers and names of natural persons become keyed hashes, stray ones are masked."""

import hmac
import os
import re
import secrets
import unicodedata
from functools import lru_cache

from stdnum.cn import uscc

from ipcredit.settings import get_settings

PREFIX = "hmac:"
MASK = "***"
_BIRTH_DAY_AND_REST = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_ID_NUMBER = rf"[1-8][0-9]{{5}}(?:18|19|20)[0-9]{{2}}{_BIRTH_DAY_AND_REST}"
_MOBILE_REST = r"[0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
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
_ORGANISATION = re.compile(
    r".{4,}(?:公司|集团|企业|工厂|合作社|联社|事务所|研究院|研究所|大学|学院|学校|医院|协会|商会|学会|基金会|委员会|中心|"
    r"商行|商店|超市|酒店|饭店|药店|门市部|经营部|服务部|工作室|分店|厂|店|站|馆|场|行|社)(?:\(.*\))?"
)
"""What organisations are called; people's names are shorter, or end otherwise."""
_USCC_SHAPE = re.compile(r"[1-9ANY][0-9A-HJ-NP-RTUW-Y]{17}")
_STRAY = re.compile(rf"(?<![0-9A-Za-z])(?:{_ID_NUMBER}|(?:\+?86)?1[3-9]\d{{9}}|0\d{{2,3}}-?\d{{7,8}})(?![0-9A-Za-z])")
_SIGNED = re.compile(
    r"((?:填表人|填报人|制表人?|审核人?|复核人?|联系人|负责人|经办人|签发人?|法定代表人|姓名|电话|手机|传真|邮箱)"
    r"[^:：]{0,6}[:：]\s*)[^\s，,；;]+(?:\s+[\u4e00-\u9fff]\b)?"
)
PERSONAL_HEADER = re.compile(r"姓名|联系人|联系方式|电话|手机|身份证|证件号|住址|邮箱|法定代表人|负责人|经办人|签名")
"""Headers of unknown columns whose cells are people's."""


@lru_cache
def _key() -> bytes:
    """The key of the settings, or the one kept in `home`, made at first use and readable by its owner alone."""
    configured = get_settings().person_key
    if configured:
        return configured.get_secret_value().encode()
    path = get_settings().home / "person.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: two processes that start together end up with the same key.
    fresh = path.with_name(f".person.key.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()


def normalise(value: str) -> str:
    """The form in which two writings of one number or name are equal: NFKC, no white space, capitals."""
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


def keyed_hash(kind: str, value: str) -> str:
    """What stands in the warehouse for a person's `kind` (id_number or person_name): `hmac:` and 64 hex digits.

    Empty stays empty; a value hashed already stays as it is.
    """
    if not (clean := normalise(value)) or value.startswith(PREFIX):
        return value if clean else ""
    return PREFIX + hmac.digest(_key(), f"{kind}:{clean}".encode(), "sha256").hex()


def is_id_number(value: str) -> bool:
    """Whether this is a natural person's identity number, also where a legal person's code was asked for."""
    clean = normalise(value)
    return bool(_IS_ID_NUMBER.fullmatch(clean)) and not uscc.is_valid(clean)


def names_legal_person(code: str) -> bool:
    """Whether a 统一社会信用代码 stands here; its check digit is judged later, with the row."""
    clean = normalise(code)
    return bool(_USCC_SHAPE.fullmatch(clean)) and not is_id_number(clean)


def is_registration_no(value: str) -> bool:
    """Whether this is shaped like a former registration number of a business (13 or 15 digits)."""
    return bool(_REGISTRATION_NO.fullmatch(normalise(value)))


def names_organisation(name: str) -> bool:
    """Whether this reads like the name of an organisation, not of a natural person."""
    return bool(_ORGANISATION.fullmatch(normalise(name)))


def mask(text: str) -> str:
    """Free text without identity numbers, telephone numbers and the names after 填表人： and the like."""
    return _SIGNED.sub(rf"\g<1>{MASK}", _STRAY.sub(MASK, text))


def may_hold_number(text: bytes) -> bool:
    """Whether UTF-8 text may hold what `mask_numbers` replaces; False is certain."""
    return any(pattern.search(text) for pattern in _MAY_HOLD_NUMBER)


def mask_numbers(text: str) -> str:
    """Free text of a known column without identity card and mobile numbers, full-width ones too.

    The whole number goes: what is left of one would, beside the name, still tell who it is.
    """
    plain = text.translate(_FULL_WIDTH)
    masked = _MOBILE_WITHIN.sub("〔手机号已隐去〕", _ID_NUMBER_WITHIN.sub("〔身份证号已隐去〕", plain))
    return text if masked == plain else masked
