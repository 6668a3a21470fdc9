"""What the reader of a listing should know about how it came to be, in the language of the screen."""

from generate_description.check.vocabulary import base_language

_NOTES: dict[str, tuple[str, str]] = {
    "engine_failed": (
        "The engine {engine} could not write this listing ({reason}); the composer wrote it from the facts.",
        "El motor {engine} no pudo escribir esta ficha ({reason}); la escribió el compositor con los datos.",
    ),
    "engine_busy": (
        "The engine {engine} had more to write than fits the time ({reason}); the composer wrote it from the facts.",
        "El motor {engine} tenía más por escribir de lo que cabe en el tiempo ({reason}); la escribió el compositor.",
    ),
    "nothing_survived": (
        "Too little of what {engine} wrote was backed by facts; the composer's text stands in for all of it.",
        "Muy poco de lo que escribió {engine} tenía respaldo en los datos; todo el texto es del compositor.",
    ),
    "field_replaced": (
        "Too little of what {engine} wrote could be used in: {fields}. There the composer's text stands in.",
        "Muy poco de lo que escribió {engine} servía en: {fields}. Allí el texto es del compositor.",
    ),
    "claims_removed": (
        "Sentences removed because no fact is behind them: {count}.",
        "Frases quitadas porque ningún dato las respalda: {count}.",
    ),
    "plain_language": (
        "The composer has sentences in English and Spanish only; in this language it lists the facts as they are.",
        "El compositor solo tiene frases en inglés y español; en este idioma enumera los datos tal como son.",
    ),
    "instructions_ignored": (
        "Facts not used because they read like instructions to a language model: {count}.",
        "Datos no usados porque parecen instrucciones para un modelo de lenguaje: {count}.",
    ),
    "evidence_truncated": (
        "The facts are longer than what is read for one listing; the last ones were not used.",
        "Los datos son más largos de lo que se lee para una ficha; los últimos no se usaron.",
    ),
    "other_language": (
        "It is not in the language that was asked for.",
        "No está en el idioma pedido.",
    ),
    "forbidden_left": (
        "The product's own name contains a forbidden word, and nothing else is left for the title.",
        "El propio nombre del producto contiene una palabra prohibida, y no queda nada más para el título.",
    ),
}
_FORBIDDEN = ("It uses the forbidden word “{word}”.", "Usa la palabra prohibida «{word}».")


def note(code: str, ui_language: str, **values: object) -> str:
    english, spanish = _NOTES[code]
    return (spanish if base_language(ui_language) == "es" else english).format(**values)


def forbidden_reason(word: str, ui_language: str) -> str:
    return _FORBIDDEN[base_language(ui_language) == "es"].format(word=word)
