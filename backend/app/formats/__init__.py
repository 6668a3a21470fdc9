"""Shop formats: a row of a shop's file to an item of our catalogue, and back. Pure: no database, no HTTP."""
