"""`./orchestrate test`: all checks and tests, each with its own output, and a table at the end."""
