"""Reserves and settles as fast as it can until the cap is reached: `ledger_worker.py FOLDER RUN AGENT`. Prints what it spent."""

import random
import sys
from pathlib import Path

from swarm.blackboard.ledger import Amount
from swarm.blackboard.sqlite import SqliteStore
from swarm.errors import CapReached


def main() -> None:
    folder, run, agent = sys.argv[1:]
    store, spent, chance = SqliteStore.open(Path(folder)), 0, random.Random(agent)
    try:
        while True:
            worst = chance.randrange(1, 40)
            reservation = store.reserve(run, agent, Amount(worst, 0))
            real = chance.randrange(worst + 1)
            store.settle(reservation, Amount(real, 0))
            spent += real
    except CapReached:
        print(spent)


if __name__ == "__main__":
    main()
