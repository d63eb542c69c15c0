"""Rubrics tuned against people: what changed, whether it helped, and what else might."""
