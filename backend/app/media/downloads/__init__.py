"""Images by URL: registered by imports and people, fetched by a durable job, each failure with its reason."""
