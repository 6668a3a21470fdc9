"""What to read where, for hosts that the general readers do not understand: data of whoever runs the service."""
