"""`python -m swarm`."""

from swarm.cli.quick import main

if __name__ == "__main__":
    main()
