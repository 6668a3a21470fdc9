"""`./orchestrate demo`: a catalogue through the whole system, with every sentence's source."""
