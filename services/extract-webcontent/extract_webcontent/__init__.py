"""What a supplier page says."""
