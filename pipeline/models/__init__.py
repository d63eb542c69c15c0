"""The only place that knows providers: one engine per file."""
