"""Words that stand in names and are no names, or say which word is the name: titles, honours, generations, particles.

Own compilation, from the sources named beside each table and the naming customs of the peoples it speaks of.
"""

from typing import Final

TITLES: Final = frozenset((
    "MR", "MRS", "MISS", "MS", "MX", "MSTR", "MASTER", "DR", "DOCTOR", "PROF", "PROFESSOR", "REV", "REVD", "REVEREND", "SIR", "DAME", "LADY",
    "LORD", "HON", "CLLR", "COUNCILLOR", "SGT", "PC", "DC", "DS", "INSP", "CAPT", "CAPTAIN", "CPL", "PTE", "IMAM", "HAJI", "HAJJI", "HADJI",
    "HAJ", "ALHAJI", "MST", "MOSAMMAT", "MOSAMAT", "MUSAMMAT", "MUSAMAT", "SMT", "SHRIMATI", "SHRI", "BABY", "INFANT", "TWIN",
))  # fmt: skip
"""Before a name. A title alone names nobody."""
NEWBORN: Final = frozenset(("BABY", "INFANT", "NEWBORN", "TWIN"))
"""Behind which a single word is the mother's family name (NHS Data Dictionary, name of a baby not yet named)."""
HONOURS: Final = frozenset(
    (
        "ESQ",
        "ESQUIRE",
        "OBE",
        "MBE",
        "CBE",
        "KBE",
        "KC",
        "QC",
        "JP",
        "PHD",
        "BSC",
        "MSC",
        "RN",
        "RGN",
        "DECEASED",
        "DECD",
    )
)
"""After a name."""
DEATH: Final = frozenset(("DECEASED", "DECD", "RIP"))
GENERATIONS: Final = {
    "JR": "JUNIOR",
    "JNR": "JUNIOR",
    "JUNIOR": "JUNIOR",
    "SR": "SENIOR",
    "SNR": "SENIOR",
    "SENIOR": "SENIOR",
    "II": "JUNIOR",
}
"""Behind the first word of a name: stands last among the middle names, so that a father and a son of one name differ in something."""

JOINED_TO_NEXT: Final = frozenset(("ABDUL", "ABDEL", "ABDAL", "ABDUR", "ABDOUL", "ABU", "UMM", "UM", "ST"))
"""Half a name: Abdul Rahman is one name, "servant of the Merciful", and Abdul alone is nobody's."""
KUNYA: Final = frozenset({"ABU", "ABOU", "UMM", "UM", "OUM"})
"""Father, mother of: with a child's name behind it, what others call somebody, whose own given name it does not say."""
NO_KUNYA: Final = frozenset((
    "BAKR", "BAKAR", "BAKER", "BAKARR", "BAKKAR", "BAKKER", "SAYED", "SAYEED", "SAEED", "SYED", "TAHER", "TAHIR", "HANIF", "ZAFAR", "SUFIAN", "SUFYAN",
    "HURAIRA", "HURAIRAH", "HORAIRA", "TALEB", "TALIB", "KALAM", "KALSOOM", "KULSUM", "KULTHUM", "KALTHUM", "HABIBA", "SALAMA", "SALMA",
))  # fmt: skip
"""Names of the Prophet's companions, which behind one of those are given to children: Abu Bakr, Umm Kulthum."""
JOINED_TO_BOTH: Final = frozenset(("UR", "UL", "UD", "US", "AL"))
JOINED_TO_LAST: Final = frozenset(("ULLAH", "UDDIN", "ALLAH"))
FAMILY_PREFIXES: Final = frozenset(("MC", "MAC", "O", "D", "FITZ"))
"""Mc Donald, O Brien, D Souza, Fitz Gerald: one word with what follows."""
VIETNAMESE_MIDDLE: Final = frozenset({"VAN", "THI"})
"""Say man or woman, and stand in front of the name people are called by: Van Hung is Hung."""
VIETNAMESE_FAMILIES: Final = frozenset((
    "NGUYEN", "TRAN", "LE", "PHAM", "HUYNH", "HOANG", "PHAN", "VU", "VO", "DANG", "BUI", "DO", "HO", "NGO", "DUONG", "LY", "DINH", "TRINH",
))  # fmt: skip
"""Nine people in ten bear one of these."""
SIKH_NAMES: Final = frozenset({"SINGH", "KAUR"})
"""Taken at baptism by every man, by every woman. In front of a family name it is no part of it: some clerks put it there, some in
the middle, some leave it out. Alone it is the family name."""
CHINESE_FAMILIES: Final = frozenset((
    "CHAN", "CHANG", "CHEN", "CHENG", "CHEUNG", "CHOI", "CHOW", "CHU", "FUNG", "HUANG", "HUI", "KWOK", "LAI", "LAM", "LAU", "LEE", "LEUNG", "LI",
    "LIN", "LIU", "LO", "LUI", "MA", "MAK", "NG", "PANG", "POON", "SIU", "SO", "TAM", "TANG", "TSANG", "TSE", "WANG", "WONG", "WU", "YANG", "YEUNG",
    "YIP", "YU", "YUEN", "ZHANG", "ZHAO", "ZHOU",
))  # fmt: skip
"""The commonest of Hong Kong and the mainland."""
EAST_ASIAN_GIVEN: Final = frozenset({"MAN", "SON"})
"""Man Cheung and Son Nguyen are names; Man Smith is words for somebody."""
