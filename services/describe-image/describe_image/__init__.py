"""What a product photo shows."""
