"""A run as a report that can be handed on: one HTML file with pictures, or Markdown. It is read from what the store keeps."""
