"""What runs inside the sandbox, in one process with the tests: the standard library of Python 3.9 and pytest 7, nothing of swarm.

Swarm hands these files to the project's interpreter as text (`swarm.repair.engine.program`), so they import only each other.
"""
