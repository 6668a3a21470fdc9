"""Sign-in, sessions, roles."""
