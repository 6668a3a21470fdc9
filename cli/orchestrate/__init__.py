"""The `./orchestrate` command."""
