"""Why a claim got its verdict: a stable code for programs, one sentence for people."""

_REASONS: dict[str, tuple[str, str]] = {
    "backed_by_facts": ("Backed by: {what}.", "Respaldado por: {what}."),
    "backed_by_product": (
        "It only names the product as the merchant does.",
        "Solo nombra el producto como lo hace el comercio.",
    ),
    "tone_only": (
        "It sets the tone and asserts nothing that could be checked.",
        "Da el tono y no afirma nada que se pueda comprobar.",
    ),
    "number_not_in_facts": ("No fact gives {what}.", "Ningún dato indica {what}."),
    "number_of_other_attribute": (
        "A fact gives {what}, but for something else.",
        "Un dato indica {what}, pero de otra cosa.",
    ),
    "identifier_not_in_facts": ("No fact mentions “{what}”.", "Ningún dato menciona «{what}»."),
    "negation_differs": (
        "The facts say the opposite about “{what}”.",
        "Los datos dicen lo contrario sobre «{what}».",
    ),
    "superlative": (
        "“{what}” is a superlative or an absolute promise that no fact backs.",
        "«{what}» es un superlativo o una promesa absoluta que ningún dato respalda.",
    ),
    "certificate_without_fact": (
        "No fact backs the approval or certificate “{what}”.",
        "Ningún dato respalda la homologación o el certificado «{what}».",
    ),
    "promise_without_fact": ("No fact promises “{what}”.", "Ningún dato promete «{what}»."),
    "material_not_in_facts": ("No fact names the material “{what}”.", "Ningún dato nombra el material «{what}»."),
    "colour_not_in_facts": ("No fact names the colour “{what}”.", "Ningún dato nombra el color «{what}»."),
    "origin_not_in_facts": ("No fact names the origin “{what}”.", "Ningún dato nombra el origen «{what}»."),
    "belongs_to_another_part": (
        "The facts say “{what}” of another part.",
        "Los datos dicen «{what}» de otra parte.",
    ),
    "number_not_of_this_part": (
        "A fact gives {what}, but not for this part of the product.",
        "Un dato indica {what}, pero no de esta parte del producto.",
    ),
    "colour_only_seen": (
        "“{what}” was only seen in a photo; it may be the colour of the label or the box.",
        "«{what}» solo se vio en una foto; puede ser el color de la etiqueta o de la caja.",
    ),
    "not_in_facts": ("No fact backs “{what}”.", "Ningún dato respalda «{what}»."),
    "language_not_checkable": (
        "Nothing in it matches a fact, and words of this language cannot be checked further.",
        "Nada coincide con un dato, y las palabras de este idioma no se pueden comprobar mejor.",
    ),
    "only_in_scattered_text": (
        "The words “{what}” stand in the sources, but not in one statement like this.",
        "Las palabras «{what}» están en las fuentes, pero no en una afirmación como esta.",
    ),
}
REASON_CODES = frozenset(_REASONS)


def reason(code: str, ui_language: str, what: str = "") -> str:
    english, spanish = _REASONS[code]
    return (spanish if ui_language == "es" else english).format(what=what)
