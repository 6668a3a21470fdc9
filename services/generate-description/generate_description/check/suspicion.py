"""Text of a fact that speaks to a language model instead of about a product. It is neither evidence nor copied."""

import re

_PATTERNS = (
    r"\b(?:ignor\w*|disregard\w*|forget|override|bypass)\b.{0,60}\b(?:instruction|above|previous|prior|earlier|rule|prompt"
    r"|guideline|system|everything|all)",
    r"\b(?:system|developer|hidden)\s+(?:prompt|message|instruction)",
    r"\byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai|assistant|language\s+model|chatbot|copywriter|helpful)",
    r"\bas\s+an?\s+(?:ai|language\s+model|assistant)\b",
    r"\b(?:ai|llm|language)\s+(?:model|assistant|agent)s?\b.{0,40}\b(?:must|should|please|shall|has to)\b",
    r"\b(?:you\s+must|please|always|instead)\s*,?\s+"
    r"(?:say|write|state|claim|mention|respond|answer|output|describe|reply|print)\b",
    r"\b(?:say|write|state|claim|mention|respond|answer|output|reply|print)\s+"
    r"(?:only|that|exactly|the following|with)\b",
    r"\b(?:new|updated|important)\s+instructions?\b",
    r"<\|\w+\|>|\[/?INST\]|###\s*(?:system|instruction)|</?(?:system|instructions?)>",
    r"\bignor[ae]\w*\b.{0,60}\b(?:instruccion|anterior|previ|regla|todo)",
    r"\b(?:escribe|escriba|di|diga|responde|responda|afirma|menciona)\s+(?:que|solo|sólo|únicamente|lo siguiente)\b",
    r"\beres\s+(?:ahora\s+)?(?:una?\s+)?(?:ia|asistente|modelo)",
    r"\b(?:instrucciones\s+(?:del\s+sistema|nuevas|anteriores))\b",
)
INSTRUCTIONS = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE | re.DOTALL)


def looks_like_instructions(text: str) -> bool:
    return bool(INSTRUCTIONS.search(text))
