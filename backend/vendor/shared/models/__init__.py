"""The wire contracts, version 1. They know neither the web framework nor the database."""
