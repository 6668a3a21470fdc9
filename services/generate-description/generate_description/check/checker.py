"""Check whole texts: cut them into claims, give each a verdict, count."""

import hashlib
from collections.abc import Sequence

from generate_description.check.evidence import Evidence, is_only_seen
from generate_description.check.reasons import reason
from generate_description.check.segmentation import Segment, segments
from generate_description.check.verdict import ClaimCheck, Finding
from generate_description.check.vocabulary import base_language
from shared.models.facts import Fact
from shared.models.generate import CheckRequest, CheckResponse, Claim, Grounding, ListingField, ProductContext

MAX_NAMED = 3


class Checker:
    """For one product: facts are indexed once, then each claim takes well under 5 ms."""

    def __init__(
        self,
        facts: Sequence[Fact],
        product: ProductContext | None,
        language: str,
        ui_language: str = "en",
        images: Sequence[str] = (),
    ) -> None:
        self.names = {fact.id: fact.name for fact in facts}
        self.ui_language = base_language(ui_language)
        self.only_seen = frozenset(fact.id for fact in facts if is_only_seen(fact))
        stated = [fact for fact in facts if not is_only_seen(fact)]
        self.evidence = Evidence(stated, product)
        self.claims = ClaimCheck(self.evidence, language)
        self.shown = self.claims
        if len(stated) < len(facts) or any(images):
            # What a photo shows supports the words about that photo, and no others.
            evidence = Evidence(facts, product)
            for description in images:
                evidence.add_text(description)
            self.shown = ClaimCheck(evidence, language)

    def check_text(self, field: ListingField, text: str, index: int | None = None) -> list[Claim]:
        return [self.claim(field, index, part) for part in segments(field, text)]

    def finding(self, field: ListingField, text: str) -> Finding:
        if field == "alt_texts":
            return self.shown.check(text)
        finding = self.claims.check(text)
        if finding.verdict == "unsupported" and self.shown is not self.claims:
            seen = self.shown.check(text)
            if seen.verdict == "supported" and any(fact_id in self.only_seen for fact_id in seen.fact_ids):
                return Finding("unsupported", "colour_only_seen", finding.what)
        return finding

    def claim(self, field: ListingField, index: int | None, part: Segment) -> Claim:
        finding = self.finding(field, part.text)
        return Claim(
            id=claim_id(field, index, part),
            field=field,
            index=index,
            start=part.start,
            end=part.end,
            text=part.text,
            fact_ids=finding.fact_ids,
            verdict=finding.verdict,
            reason_code=finding.code,
            reason=reason(finding.code, self.ui_language, self.what(finding)),
        )

    def what(self, finding: Finding) -> str:
        if finding.code != "backed_by_facts":
            return finding.what
        names = list(dict.fromkeys(self.names[fact_id].replace("_", " ") for fact_id in finding.fact_ids))
        more = len(names) - MAX_NAMED
        return ", ".join(names[:MAX_NAMED]) + (f" +{more}" if more > 0 else "")


def claim_id(field: str, index: int | None, part: Segment) -> str:
    """The same claim at the same place has the same id, so that a screen can keep its selection."""
    place = f"{field}|{index}|{part.start}|{part.text}"
    return "c_" + hashlib.sha256(place.encode()).hexdigest()[:16]


def grounding(claims: Sequence[Claim]) -> Grounding:
    counts = {"supported": 0, "unsupported": 0, "style": 0}
    for claim in claims:
        counts[claim.verdict] += 1
    checked = counts["supported"] + counts["unsupported"]
    return Grounding(**counts, coverage=round(counts["supported"] / checked, 4) if checked else 1.0)


def check(request: CheckRequest) -> CheckResponse:
    checker = Checker(request.facts, request.product, request.language, request.ui_language)
    claims = [claim for given in request.texts for claim in checker.check_text(given.field, given.text, given.index)]
    return CheckResponse(claims=claims, grounding=grounding(claims))
