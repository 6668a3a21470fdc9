"""The check: which claims of a text the facts support. In code, without a model, the same every time."""
