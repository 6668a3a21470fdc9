"""Words that the brand never uses, in any inflection."""

import re
from collections.abc import Iterable

from generate_description.check.tokens import tokenise
from generate_description.check.words import normalise


class ForbiddenWords:
    def __init__(self, words: Iterable[str]) -> None:
        self.single: dict[str, str] = {}
        self.phrases: list[tuple[re.Pattern[str], str]] = []
        for word in words:
            tokens = tokenise(normalise(word))
            if len(tokens) == 1 and tokens[0].text == word.strip():
                self.single |= dict.fromkeys(tokens[0].forms, word)
            elif word.strip():
                pattern = r"\s+".join(re.escape(part) for part in word.split())
                self.phrases.append((re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE), word))

    def find(self, text: str) -> str | None:
        """The first forbidden word in the text."""
        if not self.single and not self.phrases:
            return None
        for token in tokenise(normalise(text)):
            for form in token.forms:
                if form in self.single:
                    return self.single[form]
        return next((word for pattern, word in self.phrases if pattern.search(text)), None)

    def strip(self, text: str) -> str:
        """The text without them: for names and titles, which must not be empty."""
        if self.find(text) is None:
            return text
        for pattern, _ in self.phrases:
            text = pattern.sub("", text)
        if self.single:
            for token in reversed(tokenise(text)):
                if token.forms & self.single.keys():
                    text = text[: token.start] + text[token.end :]
        return re.sub(r"\s+([,.;:])", r"\1", " ".join(text.split())).strip(" ,;:–-|")
