"""People rate: who is shown what, in which order, and how it comes into the study."""
