"""Files that are made from others: made again by `generate`, compared by `generate --check`."""
