"""Settings shared by all deployables."""
