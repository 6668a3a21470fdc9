"""Datasheets: a PDF's text laid out as markup, so that the readers of web pages find in it what they find there."""
