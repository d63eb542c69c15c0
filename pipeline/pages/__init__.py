"""The HTML pages that people open."""
