"""Signs of currencies as they stand beside amounts: symbols, letters and codes."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ANG BGN CUC HRK SLL ZWL
"""
"""ISO 4217, list one (currencies in use, without metals and units of account), and those that ended since 2020."""

_LETTERS = """
kr Kr KR zł Zł ZŁ zl Kč KČ Ft lei Lei LEI leu лв руб р грн ден дин din TL Rp RM Rs RS Fr SFr Ksh KSh Bs S/
Dh DH 円 元 圓 원
"""
"""Letters that people write instead, a point behind them or not; single Latin ones are names of things as often."""

_LONGEST = 4
"""Letters of a sign: three before a symbol, as in ``NT$``, or those above."""


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_CODES.split()), frozenset(_LETTERS.split())


@lru_cache(maxsize=256)
def is_currency(sign: str) -> bool:
    """Whether people write this beside an amount: ``€``, ``R$``, ``kr.``, ``CHF``."""
    if not sign or len(sign) > _LONGEST + 1:
        return False
    if unicodedata.category(sign[-1]) == "Sc":
        before = sign[:-1]
        return not before or (before.isascii() and before.isupper())
    codes, letters = _known()
    return sign in codes or sign.removesuffix(".") in letters


def currency_of(sign: str) -> str:
    """Name of a currency that two ways to write its sign share: ``Kr.`` is ``kr``."""
    return sign if sign in _known()[0] else sign.removesuffix(".").lower()
