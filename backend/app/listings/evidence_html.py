"""The evidence report for the printer: one page without scripts, links to nothing of ours, every word escaped."""

from datetime import datetime
from html import escape

from app.listings.evidence import EvidenceClaim, EvidenceFact, EvidenceReport, EvidenceSource, EvidenceText
from shared.models.generate import Claim

# Nothing may be loaded or run, also where a quote managed to say otherwise.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Evidence report", "product": "Product", "language": "Language", "version": "Version",
        "written_by": "Written by", "reviewed_by": "Reviewed by", "note": "Note", "printed": "Printed",
        "needs_review": "needs review", "approved": "approved", "rejected": "rejected", "superseded": "superseded",
        "ai": "AI", "human": "person", "import": "import", "status": "Status", "engine": "Engine",
        "summary": "{supported} supported · {unsupported} unsupported · {style} tone only · coverage {coverage}",
        "not_checked": "The claims of this version have not been checked.",
        "facts_changed": "The product's facts have changed since these claims were checked.",
        "texts": "Texts and their claims", "facts": "Facts and where they come from", "removed": "Removed claims",
        "removed_why": "The check took these sentences out of the text, because nothing backs them.",
        "warnings": "Passages that repeat a supplier", "overruled": "Overruled by {by} on {at}: {reason}",
        "supported": "supported", "unsupported": "unsupported", "style": "tone",
        "merchant": "Merchant's field", "image": "Photo", "web": "Page", "read": "read {at}", "seen": "seen, not read",
        "more": "and {count} more sources", "no_claims": "no claim", "share": "{share} of its words",
        "field_title": "Title", "field_description": "Description", "field_bullets": "Bullet",
        "field_seo_title": "Search title", "field_seo_description": "Search description",
        "field_keywords": "Keyword", "field_alt_texts": "Alternative text", "field_attributes": "Attribute",
    },
    "es": {
        "title": "Informe de evidencias", "product": "Producto", "language": "Idioma", "version": "Versión",
        "written_by": "Escrito por", "reviewed_by": "Revisado por", "note": "Nota", "printed": "Impreso",
        "needs_review": "por revisar", "approved": "aprobado", "rejected": "rechazado", "superseded": "sustituido",
        "ai": "IA", "human": "persona", "import": "importación", "status": "Estado", "engine": "Motor",
        "summary": "{supported} respaldadas · {unsupported} sin respaldo · {style} solo tono · cobertura {coverage}",
        "not_checked": "Las afirmaciones de esta versión no se han comprobado.",
        "facts_changed": "Los datos del producto han cambiado desde que se comprobaron estas afirmaciones.",
        "texts": "Textos y sus afirmaciones", "facts": "Datos y su procedencia", "removed": "Afirmaciones retiradas",
        "removed_why": "La comprobación retiró estas frases del texto porque nada las respalda.",
        "warnings": "Pasajes que repiten a un proveedor", "overruled": "Aceptada por {by} el {at}: {reason}",
        "supported": "respaldada", "unsupported": "sin respaldo", "style": "tono",
        "merchant": "Campo del comercio", "image": "Foto", "web": "Página", "read": "leída el {at}",
        "seen": "visto, no leído",
        "more": "y {count} fuentes más", "no_claims": "sin afirmaciones", "share": "{share} de sus palabras",
        "field_title": "Título", "field_description": "Descripción", "field_bullets": "Punto",
        "field_seo_title": "Título para buscadores", "field_seo_description": "Descripción para buscadores",
        "field_keywords": "Palabra clave", "field_alt_texts": "Texto alternativo", "field_attributes": "Atributo",
    },
}  # fmt: skip

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 900px; background: #fff; color: #1a1a1a;
  font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 12px; margin: 14px 0 4px; color: #555; text-transform: uppercase; letter-spacing: .04em; }
dl.head { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0; }
dl.head dt { color: #555; } dl.head dd { margin: 0; }
.alert { border: 1px solid #b45309; border-left-width: 4px; padding: 6px 10px; margin: 8px 0; }
.claim { display: grid; grid-template-columns: 7.5em 1fr; gap: 0 12px; padding: 6px 0; border-top: 1px solid #ddd; }
.verdict { font-weight: 600; font-size: 12px; padding-top: 2px; }
.supported { color: #166534; } .unsupported { color: #b91c1c; } .style { color: #555; }
.why, .meta { color: #555; font-size: 12px; margin: 2px 0; }
.overruled { border-left: 3px solid #b45309; padding-left: 8px; margin: 4px 0; font-size: 13px; }
.refs a { color: #1d4ed8; text-decoration: none; margin-right: 6px; }
.fact { padding: 8px 0; border-top: 1px solid #ddd; } .fact strong { font-size: 14px; }
.number { display: inline-block; min-width: 2em; color: #1d4ed8; font-weight: 600; }
.source { margin: 6px 0 6px 2em; } .source img { display: block; margin: 4px 0; max-width: 360px; max-height: 240px;
  border: 1px solid #ccc; }
.around { color: #777; } mark { background: #fef08a; color: inherit; padding: 0 1px; }
blockquote { margin: 2px 0; padding: 2px 8px; border-left: 3px solid #ccc; white-space: pre-wrap; }
p.text { margin: 2px 0 6px; white-space: pre-wrap; }
@media print {
  @page { margin: 16mm; }
  body { padding: 0; max-width: none; font-size: 11pt; }
  h2 { break-after: avoid; } .claim, .fact > .name, .source, h3 { break-inside: avoid; }
  h3 { break-after: avoid; } section.facts { break-before: page; }
  mark, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


class ReportPage:
    def __init__(self, report: EvidenceReport, ui_language: str) -> None:
        self.report = report
        self.lang = "es" if ui_language.partition("-")[0] == "es" else "en"
        self.words = WORDS[self.lang]
        self.number = {fact.id: number for number, fact in enumerate(report.facts, 1)}

    def word(self, key: str, **values: object) -> str:
        return escape(self.words[key].format(**values) if values else self.words[key])

    def moment(self, at: datetime) -> str:
        return f"{at:%Y-%m-%d %H:%M} UTC"

    def html(self) -> str:
        report, word = self.report, self.word
        parts = [
            f'<!doctype html><html lang="{self.lang}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
            f"<title>{word('title')} · {escape(report.sku)}</title><style>{STYLE}</style></head><body>",
            f"<header><h1>{word('title')}</h1>",
            self.head(),
            f"<p>{self.summary()}</p>" if report.listing.checked else self.alert(word("not_checked")),
            self.alert(word("facts_changed")) if report.facts_changed else "",
            "</header>",
            f"<section><h2>{word('texts')}</h2>",
            *(self.text(text) for text in report.texts),
            "</section>",
            self.warnings(),
            self.removed(),
            f'<section class="facts"><h2>{word("facts")}</h2>' if report.facts else "",
            *(self.fact(fact) for fact in report.facts),
            "</section>" if report.facts else "",
            "</body></html>",
        ]
        return "".join(parts)

    def alert(self, text: str) -> str:
        return f'<p class="alert">{text}</p>'

    def summary(self) -> str:
        counts = self.report.grounding
        share = f"{counts.coverage:.0%}"
        return self.word(
            "summary", supported=counts.supported, unsupported=counts.unsupported, style=counts.style, coverage=share
        )

    def head(self) -> str:
        report, listing = self.report, self.report.listing
        author = (
            f"{listing.author} ({self.words[listing.author_kind]})" if listing.author_kind != "ai" else self.words["ai"]
        )
        engine = f"{report.engine} · {report.model}" if report.model else report.engine
        rows = [
            ("product", f"{report.product_name} ({report.sku})"),
            ("language", listing.language),
            ("version", f"{listing.version} · {self.moment(listing.created_at)}"),
            ("status", self.words[listing.status]),
            ("written_by", author),
        ]
        if listing.author_kind == "ai":
            rows.append(("engine", engine))
        if listing.reviewed_by and listing.reviewed_at:
            rows.append(("reviewed_by", f"{listing.reviewed_by} · {self.moment(listing.reviewed_at)}"))
        if listing.review_note:
            rows.append(("note", listing.review_note))
        rows.append(("printed", self.moment(report.generated_at)))
        cells = "".join(f"<dt>{self.word(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
        return f'<dl class="head">{cells}</dl>'

    def text(self, text: EvidenceText) -> str:
        claims = [
            each
            for each in self.report.claims
            if each.claim.field == text.field and (each.claim.index is None or each.claim.index == text.index)
        ]
        number = f" {text.index + 1}" if text.index is not None else ""
        heading = f"<h3>{self.word('field_' + text.field)}{number}</h3>"
        language = escape(self.report.listing.language)
        whole = len(claims) == 1 and claims[0].claim.text == text.text.strip()
        shown = "" if whole else f'<p class="text" lang="{language}">{escape(text.text)}</p>'
        return heading + shown + "".join(self.claim(each) for each in claims)

    def claim(self, each: EvidenceClaim) -> str:
        claim = each.claim
        refs = "".join(
            f'<a href="#fact-{self.number[fact_id]}">[{self.number[fact_id]}]</a>'
            for fact_id in each.facts
            if fact_id in self.number
        )
        overruled = ""
        if each.overruled is not None:
            told = self.word(
                "overruled", by=each.overruled.by, at=self.moment(each.overruled.at), reason=each.overruled.reason
            )
            overruled = f'<p class="overruled">{told}</p>'
        return (
            f'<div class="claim"><span class="verdict {claim.verdict}">{self.word(claim.verdict)}</span><div>'
            f'<span lang="{escape(self.report.listing.language)}">{escape(claim.text)}</span>'
            f'<p class="why">{escape(claim.reason)} <span class="refs">{refs}</span></p>{overruled}</div></div>'
        )

    def fact(self, fact: EvidenceFact) -> str:
        number = self.number[fact.id]
        value = f"{fact.value} {fact.unit}" if fact.unit else fact.value
        label = fact.label.replace("_", " ")
        more = f'<p class="meta source">{self.word("more", count=fact.more_sources)}</p>' if fact.more_sources else ""
        return (
            f'<div class="fact" id="fact-{number}"><p class="name"><span class="number">[{number}]</span>'
            f"<strong>{escape(label)}:</strong> {escape(value)}</p>"
            + "".join(self.source(source) for source in fact.sources)
            + more
            + "</div>"
        )

    def source(self, source: EvidenceSource) -> str:
        where = source.ref if source.kind != "image" else source.ref.removeprefix("sha256:")[:12]
        details = [f"{self.word(source.kind)}: {escape(where)}"]
        if source.page_title:
            details.insert(1, escape(source.page_title))
        if source.fetched_at is not None:
            details.append(self.word("read", at=self.moment(source.fetched_at)))
        quote = f'<p class="meta">{self.word("seen")}</p>'
        if source.quote is not None:
            before = f'<span class="around">…{escape(source.before)}</span>' if source.before else ""
            after = f'<span class="around">{escape(source.after)}…</span>' if source.after else ""
            quote = f"<blockquote>{before}<mark>{escape(source.quote)}</mark>{after}</blockquote>"
        crop = f'<img src="{escape(source.crop)}" alt="{self.word("image")}">' if source.crop else ""
        return f'<div class="source"><p class="meta">{" · ".join(details)}</p>{crop}{quote}</div>'

    def listed(self, heading: str, intro: str, items: list[str]) -> str:
        if not items:
            return ""
        return f"<section><h2>{self.word(heading)}</h2>{intro}{''.join(items)}</section>"

    def removed(self) -> str:
        def one(claim: Claim) -> str:
            return (
                f'<div class="claim"><span class="verdict unsupported">{self.word("field_" + claim.field)}</span><div>'
                f'{escape(claim.text)}<p class="why">{escape(claim.reason)}</p></div></div>'
            )

        intro = f'<p class="meta">{self.word("removed_why")}</p>'
        return self.listed("removed", intro, [one(claim) for claim in self.report.removed])

    def warnings(self) -> str:
        items = [
            f'<div class="claim"><span class="verdict">{self.word("field_" + each.field)}</span><div>'
            f'{escape(each.text)}<p class="why">{escape(each.source_ref)} · '
            f"{self.word('share', share=f'{each.share:.0%}')}</p></div></div>"
            for each in self.report.warnings
        ]
        return self.listed("warnings", "", items)


def render(report: EvidenceReport, ui_language: str) -> str:
    return ReportPage(report, ui_language).html()
