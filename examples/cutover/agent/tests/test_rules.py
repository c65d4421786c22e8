import pytest

from beacon.rules import BadLine, read_facts, select


def test_reads_facts():
    assert read_facts("# host\n a = 1\nb=x=y\n") == {"a": "1", "b": "x=y"}


def test_refuses_other_lines():
    with pytest.raises(BadLine):
        read_facts("a")


def test_selects_by_prefix():
    assert select({"os.name": "x", "cpu": "y"}, "os.") == {"os.name": "x"}
