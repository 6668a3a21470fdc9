"""Image files that nothing refers to any more are removed: after a grace time, and never while somebody adds them.

A file is removed in two steps, each with its row locked: first the row says that the file is not there, then the file
goes, and the row. Whoever brings the same photo in between writes the file anew, and a kill at any point leaves only
what the next round removes.
"""
