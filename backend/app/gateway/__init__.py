"""The one API in front of the three services, and the client that the worker shares."""
