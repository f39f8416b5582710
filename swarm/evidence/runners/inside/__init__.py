"""What runs inside the sandbox, in the project's own interpreter: handed over as text, with nothing but the standard library."""
