"""Where a family's names probably come from, by lists of common names and by endings. A rough sorting for fairness.

Not a fact about anybody: it only asks whether the names of some communities are matched worse than others (the missed
matches of Hagger-Johnson 2015, BMJ Open e008118). Each record's names are sorted; the commonest answer counts for the
person. Lists are of common UK names by community, from general knowledge; they are short, and what they do not know is
"british or other".
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from deploy.evaluation.labelled import Record

OTHER: Final = "british or other"

_NAMES: Final[dict[str, str]] = {
    "south asian": """
        khan hussain ali ahmed patel singh kaur begum bibi shah akhtar iqbal malik mahmood rahman miah uddin chowdhury
        choudhury sharma gill das sandhu dhillon mistry bhatti butt aslam ashraf rashid qureshi sheikh shaikh chaudhry
        kumar gupta mehta desai joshi parmar rana raja mirza saleem javed akram arshad parveen khatun islam alam haque
        hoque syed naz aziz nawaz mehmood rafiq sadiq shahid tariq zaman bano sultana khanom khanam kapoor bains sidhu
        mohammed muhammad mohammad md mohamad imran asif nasreen shabana fatima ayesha aisha harpreet gurpreet manjit
        jaspreet balwinder priya sunita rukhsana shazia zainab khadija yusuf yousaf bilal usman hamza
    """,
    "arabic or somali": """
        hassan mohamed abdi farah warsame jama ahmad ibrahim osman omar abdullahi yusuf aden duale nur hersi elmi
        abdullah mahmoud saleh salah mustafa mostafa khalil haddad nasser najjar hamdan al-sayed elsayed saad hamid
        abdirahman hodan ayaan faduma fadumo ifrah asha sahra amina amal khalid mahad
    """,
    "west african": """
        okafor adeyemi okoro mensah owusu boateng adebayo ogunleye okonkwo eze nwosu adeleke oyelaran balogun asante
        osei appiah amoah agyemang addo oladipo olawale ojo bello okeke nnamdi chukwu obi uche ade adewale folasade
        oluwaseun chinedu ngozi ifeoma kwame kofi akua ama yaw abena funmilayo temitope chioma emeka tunde babatunde
    """,
    "east european": """
        nowak kowalski kowalska wisniewski wisniewska wojcik kowalczyk kaminski kaminska lewandowski zielinski
        szymanski dabrowski kozlowski jankowski mazur krawczyk piotrowski grabowski pawlowski michalski popescu ionescu
        popa dumitru stan gheorghe ivanov ivanova petrov petrova katarzyna agnieszka malgorzata piotr krzysztof tomasz
        wojciech grzegorz jakub pawel andrzej
    """,
    "chinese or vietnamese": """
        chen wang zhang li liu yang huang zhao wu zhou xu sun zhu lin guo chan wong cheung leung lau lam cheng ng nguyen
        tran pham hoang xiaoming weiming
    """,
    "irish": """
        murphy kelly byrne doherty gallagher mccarthy kavanagh brennan nolan donnelly maguire flanagan sweeney siobhan
        niamh aoife caoimhe padraig seamus ciaran oisin
    """,
}
_ORIGIN_OF: Final = {name: origin for origin, names in _NAMES.items() for name in names.split()}
_ENDINGS: Final = (
    (("ski", "ska", "wicz", "czyk", "escu", "enko", "ova"), "east european"),
    (("preet", "jit", "inder", "deep", "ullah"), "south asian"),
)


def origin(records: Iterable[Record]) -> str:
    """Of one person, from all their records."""
    found = Counter(answer for record in records for name in _names(record) if (answer := _sort(name)))
    return min(found, key=lambda answer: (-found[answer], answer)) if found else OTHER


def _names(record: Record) -> Iterable[str]:
    for name in (record.family_name, record.given_name):
        yield from (name or "").lower().replace("-", " ").split()


def _sort(name: str) -> str | None:
    if known := _ORIGIN_OF.get(name):
        return known
    return next((answer for endings, answer in _ENDINGS if name.endswith(endings)), None)
