"""From decoded HTML to facts: pure functions, no network, run inside a killable worker process."""
