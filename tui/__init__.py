"""The screen: events in, pictures out, wishes back."""
