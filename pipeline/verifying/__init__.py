"""Whether an arm is what its profile says: what was shown, set beside what was declared."""
