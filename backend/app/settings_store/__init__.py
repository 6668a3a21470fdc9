"""Settings that people edit: brand voices, prompts, glossaries, categories, languages, engines, limits, the shop."""
