"""SKUs as file names write them: without the separators, and in any case."""

import re

# For Python and PostgreSQL alike.
SEPARATORS = r"[\s._/\\()\[\],-]+"
ANY_SEPARATORS = re.compile(SEPARATORS)


def squeezed(text: str) -> str:
    return ANY_SEPARATORS.sub("", text.lower())
