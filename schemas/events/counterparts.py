"""What exists today for the same fact, so that an engineer of an agency's system knows where to look.

Names of HMPPS domain events are those of the public specifications of `ministryofjustice/hmpps-domain-events` and of
`hmpps-integration-api`; MAIS is the Multi-agency Information Sharing data standard (SocialCareData, draft PUB02); SSD is the
Standard Safeguarding Dataset of local authorities. A counterpart is where to take the fact from, not the same thing: none
of them says who told it, and most carry no fact at all but a link.
"""

from collections.abc import Mapping
from typing import Final

_VISITS: Final = "HMPPS `prison-visit.booked`, `.changed`, `.cancelled`"
_CONTACTS: Final = "HMPPS `prison-offender-events.prisoner.contact-added`, `-approved`, `-unapproved`, `-removed`"
_RELEASES: Final = "HMPPS `prison-offender-events.prisoner.released`, `.received`: held back for 45 minutes, and also sent for courts and transfers"
_LICENCES: Final = "HMPPS `create-and-vary-a-licence.licence.activated`, `.inactivated`, `.variation-activated`"
_RECALL: Final = (
    "HMPPS `prison-recall.recommendation.consideration`, `.management-oversight` (outcome DECISION_NOT_TO_RECALL)"
)
_MANAGERS: Final = "HMPPS `person.community.manager.allocated`, `.transferred`"
_REGISTRATIONS: Final = "HMPPS `probation-case.registration.added`, `.updated`, `.deregistered`, with register codes such as RHRH, RCCO, RCPR, MAPP"
_MAPPA: Final = "HMPPS `probation-case.mappa-information.created`, `.updated`"
_PREMISES: Final = "HMPPS `approved-premises.booking-made`, `.booking-not-made`, `.person-arrived`, `.person-departed`"
_APPOINTMENTS: Final = "HMPPS `probation-case.supervision-appointment.created`; `esupervision.check-in.expired`"
_PROGRAMMES: Final = "HMPPS `accredited-programmes-community.referral.status-updated`"
_CONCERNS: Final = "MAIS life event `safeguarding-concern`"
_MERGES: Final = (
    "HMPPS `prison-offender-events.prisoner.merged`, `probation-case.merge.completed`, `.unmerge.completed`"
)

COUNTERPARTS: Final[Mapping[str, str]] = {
    "prison.visit.held": _VISITS,
    "prison.visit.booked": _VISITS,
    "prison.contact.added": _CONTACTS,
    "prison.contact.approved": _CONTACTS,
    "prison.contact.removed": _CONTACTS,
    "prison.professional-visit.held": "HMPPS `official-visits-api.visit.created`, `.updated`, `.cancelled`",
    "prison.release.planned": "HMPPS `calculate-release-dates.prisoner.changed`",
    "prison.person.released": _RELEASES,
    "prison.person.received": _RELEASES,
    "licence.activated": _LICENCES,
    "licence.varied": _LICENCES,
    "licence.inactivated": _LICENCES,
    "licence-conditions.set": "HMPPS `probation-case.licence-condition.created`",
    "licence.breached": "HMPPS `enforcement.breach.raised`, without the condition that was broken",
    "recall.considered": _RECALL,
    "recall.decided": _RECALL,
    "recall.requested": "HMPPS `prisoner.fixed-term-recall.changed`",
    "recall.executed": _RELEASES,
    "case.allocated": _MANAGERS,
    "case-transfer.accepted": _MANAGERS,
    "risk.assessed": "HMPPS `assessment.summary.produced`",
    "risk-tool.completed": "HMPPS `assessment.summary.produced`",
    "risk-flag.set": _REGISTRATIONS,
    "risk-flag.cleared": _REGISTRATIONS,
    "intervention.planned": _PROGRAMMES,
    "intervention.started": _PROGRAMMES,
    "intervention.completed": _PROGRAMMES,
    "intervention.withdrawn": _PROGRAMMES,
    "approved-premises.placement.agreed": _PREMISES,
    "approved-premises.placement.refused": _PREMISES,
    "approved-premises.residence.started": _PREMISES,
    "approved-premises.residence.ended": _PREMISES,
    "probation.address.changed": "HMPPS `probation-case.address.created`, `.updated`",
    "mappa.level.set": _MAPPA,
    "mappa.meeting.held": _MAPPA,
    "probation.mappa-referral.made": _MAPPA,
    "relationship.reported": "MAIS `PersonRelationship`; HMPPS `personal-relationships-api` for contacts in prison",
    "concern.reported": _CONCERNS,
    "allegation.reported": _CONCERNS,
    "adult-social-care.enquiry.opened": _CONCERNS,
    "police.incident.logged": "Police digital service POLE model: incident",
    "police.intelligence.submitted": "Police digital service POLE model: intelligence report",
    "appointment.missed": _APPOINTMENTS,
    "appointment.cancelled": _APPOINTMENTS,
    "offender-contact.made": _APPOINTMENTS,
    "childrens-social-care.contact.recorded": "SSD `ssd_contacts`",
    "childrens-social-care.episode.opened": "SSD `ssd_cin_episodes`",
    "childrens-social-care.episode.closed": "SSD `ssd_cin_episodes`",
    "childrens-social-care.s47.opened": "SSD `ssd_s47_enquiry`; MAIS episode `section-47`",
    "childrens-social-care.s47.ended": "SSD `ssd_s47_enquiry`",
    "childrens-social-care.assessment.opened": "SSD `ssd_assessments`",
    "health.child.seen": "CP-IS; MAIS life event `ae-attendance`",
    "health.injury.observed": "MAIS life event `ae-attendance`",
    "missing-person.reported": "MAIS life event `missing-person`",
    "missing-person.returned": "MAIS life event `missing-person`: its end",
    "education.exclusion.recorded": "MAIS life event `school-suspension`",
    "housing.tenancy-notice.given": "MAIS life event `homeless`",
    "court.outcome.recorded": "Convictions as probation's case system holds them",
    "records.merged": _MERGES,
    "records.unmerged": _MERGES,
}
"""Whole name, or what happened without its sector -> where the fact is today. What is not here has no counterpart."""


def counterpart(name: str) -> str:
    """Where the fact of a type is today; empty where nothing like it is published."""
    return COUNTERPARTS.get(name) or COUNTERPARTS.get(name.partition(".")[2], "")
