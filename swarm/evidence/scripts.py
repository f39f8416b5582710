"""Scripts that show a bug, as tests: agents search by tests, and a script that ends well or badly is one."""

from dataclasses import replace
from pathlib import PurePosixPath

from swarm.evidence.reproduction import Form, Reproduction, must_ask

# The script's own lines pass for those of the test file: what it raises itself must not look like the project's doing.
AS_TEST = """\
SCRIPT = {script}


def test_the_script_ends_well():
    try:
        exec(compile(SCRIPT, __file__, "exec"), {{"__name__": "__main__", "__file__": __file__}})
    except SystemExit as end:
        assert not end.code, "the script ends with %r" % (end.code,)
"""


def as_test(reproduction: Reproduction) -> Reproduction:
    """A reproduction with tests in it as it is; a script as a file with one test, which runs it."""
    if reproduction.form is Form.TEST:
        return reproduction
    must_ask(reproduction)
    place = PurePosixPath(reproduction.name)
    content = AS_TEST.format(script=ascii(reproduction.content)).encode("ascii")
    return replace(reproduction, name=str(place.with_name(f"test_{place.stem}.py")), content=content)
