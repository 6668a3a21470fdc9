"""From a request to a checked listing."""
