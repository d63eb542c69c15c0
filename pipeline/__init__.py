"""How a study flows, from a YAML file to a report."""
