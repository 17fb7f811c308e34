"""The docstring of an exception is its message."""

from quanyu.errors import BadInput, DirectoryInUse, NotFound, QuanyuError


def test_the_message_is_the_docstring_and_the_detail() -> None:
    error = DirectoryInUse("/data is served by process 42", pid=42)
    assert str(error) == "The data directory is in use: /data is served by process 42"
    assert error.facts == {"pid": 42}


def test_bad_input_names_the_field_and_the_mend() -> None:
    error = BadInput("--window", "write a duration such as 7d")
    assert (error.field, error.mend) == ("--window", "write a duration such as 7d")
    assert "--window" in str(error)
    assert "7d" in str(error)


def test_every_failure_of_ours_can_be_caught_as_one() -> None:
    assert isinstance(NotFound("person p_1"), QuanyuError)
