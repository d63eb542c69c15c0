"""Who judges: items, rubrics, panels, and the call that makes a verdict."""
