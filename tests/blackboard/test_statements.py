"""SQL stands in files, is read strictly, and fits the database."""

import re
from pathlib import Path

import apsw
import pytest

import swarm.blackboard.sqlite as package
from swarm.blackboard.sqlite.statements import Statements, load_migrations, load_statements, parse

SOURCES = [file.read_text() for file in Path(package.__file__).parent.glob("*.py")]


def test_every_statement_fits_the_database():
    database = apsw.Connection(":memory:")
    for step in load_migrations():
        database.execute(step)
    statements = load_statements()
    for text in map(statements.__getitem__, statements):
        variables = dict.fromkeys(re.findall(r":(\w+)", text), 1)
        assert list(database.execute(f"EXPLAIN {text}", variables)) or text.upper().startswith(("PRAGMA", "BEGIN"))


def test_every_statement_is_used():
    said = "\n".join(SOURCES)
    assert [name for name in load_statements() if f'"{name}"' not in said] == []


def test_no_sql_stands_in_python():
    for source in SOURCES:
        assert not re.search(r"\"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|COMMIT)\b", source)


@pytest.mark.parametrize("text", ["SELECT 1;", "-- name: a\nSELECT 1", "-- name: a\n-- nothing\n", "x\n-- name: a\nSELECT 1;"])
def test_sql_without_a_name_or_an_end_is_refused(text: str):
    with pytest.raises(ValueError, match=r"SQL|semicolon"):
        dict(parse(text))


def test_two_statements_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two statements"):
        Statements([("a", "SELECT 1;"), ("a", "SELECT 2;")])


def test_claiming_and_sweeping_look_things_up_by_their_indexes():
    database = apsw.Connection(":memory:")
    for step in load_migrations():
        database.execute(step)
    for name, index in {"claim": "INDEX offered", "sweep": "INDEX leased"}.items():
        text = load_statements()[name]
        plan = str(list(database.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(re.findall(r":(\w+)", text), 1))))
        assert index in plan
        assert "SCAN tasks" not in plan
