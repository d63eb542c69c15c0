"""Benchmarks beside creative thinking: items with one right answer, put to the same arms."""
