"""Sandboxes made by a container engine: Docker, or Podman through its compatible socket. The only room that speaks its SDK."""
