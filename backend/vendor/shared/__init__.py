"""Wire contracts, service plumbing and settings shared by all deployables."""

__version__ = "0.1.0"
