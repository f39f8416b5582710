"""`python -m swarm`."""

from swarm.cli.door import main

if __name__ == "__main__":
    main()
