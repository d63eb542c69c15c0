"""The DSPy programs by which an arm answers a task."""
