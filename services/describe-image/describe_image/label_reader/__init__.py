"""The embedded engine: reads what is printed on a pack. No vision model, no network, no account."""
