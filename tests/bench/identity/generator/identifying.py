"""Numbers of invented people: valid where they should be, and nobody's.

NHS numbers from the 999 range, telephones and postcodes from ranges that are given to nobody: mobiles of 071, the unused
area code 01632, postcode areas that begin with Q, V or X. Ofcom's numbers for drama are too few for a population.
"""

import random
from typing import Final

_PNC_LETTERS: Final = "ZABCDEFGHJKLMNPQRTUVWXY"
_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_INWARD: Final = "ABDEFGHJLNPQRSTUWXYZ"
SERIALS: Final = 1_000_000
"""Numbers in the 999 range."""
SCATTER: Final = 611_953
"""Prime to SERIALS: neighbours get numbers far apart."""


def nhs(person: int) -> str | None:
    """The NHS number of the n-th person; some serials have none (check digit 10), and so has the millionth on."""
    if person >= SERIALS:
        return None
    digits = f"999{person * SCATTER % SERIALS:06d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return f"{digits}{check % 11}" if check != 10 else None


def pnc(rng: random.Random, born: int) -> str:
    """A PNC ID of a year in which its bearer was a grown-up or nearly."""
    year, serial = rng.randint(min(born + 14, 2024), 2024), rng.randint(1, 9_999_999)
    return f"{year}/{serial:07d}{_PNC_LETTERS[int(f'{year % 100:02d}{serial:07d}') % 23]}"


def cro(rng: random.Random, born: int) -> str:
    """A CRO number."""
    year, serial = rng.randint(min(born + 14, 2024), 2024) % 100, rng.randint(1, 999_999)
    return f"{serial:06d}/{year:02d}{_PNC_LETTERS[int(f'{year:02d}{serial:06d}') % 23]}"


def prison(rng: random.Random) -> str:
    """A prison number."""
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3))
    return f"{letters[0]}{rng.randint(0, 9999):04d}{letters[1:]}"


def crn(rng: random.Random) -> str:
    """A probation case reference number."""
    return f"{rng.choice('ABDEFGHJX')}{rng.randint(0, 999_999):06d}"


def upn(rng: random.Random) -> str:
    """A unique pupil number."""
    digits = f"{rng.randint(0, 10**12 - 1):012d}"
    total = sum(int(digit) * place for digit, place in zip(digits, range(2, 14), strict=True))
    return f"{_UPN_LETTERS[total % 23]}{digits}"


def nino(rng: random.Random) -> str:
    """A National Insurance number."""
    letters = "ABCEGHJKLMNPRSTWXYZ"
    while True:
        prefix = rng.choice(letters) + rng.choice(letters)
        if prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
            return f"{prefix}{rng.randint(0, 999_999):06d}{rng.choice('ABCD')}"


def mobile(rng: random.Random) -> str:
    """Of a range given to nobody."""
    return f"071{rng.randint(0, 99_999_999):08d}"


def landline(rng: random.Random) -> str:
    """Of an area code that is not in use."""
    return f"01632{rng.randint(0, 999_999):06d}"


def postcode(rng: random.Random) -> str:
    """Of an area there is not; some 1,900 districts, as the country has some 2,900."""
    area = rng.choice("QVX") + rng.choice("ABDEHKLNRSTWY")
    inward = "".join(rng.choices(_INWARD, k=2))
    return f"{area}{min(99, int(rng.expovariate(0.06)) + 1)} {rng.randint(0, 9)}{inward}"


def miswritten(rng: random.Random, number: str) -> str:
    """One figure wrong: a check digit shows it."""
    place = rng.choice([place for place, letter in enumerate(number) if letter.isdigit()])
    return f"{number[:place]}{(int(number[place]) + rng.randint(1, 8)) % 10}{number[place + 1 :]}"
