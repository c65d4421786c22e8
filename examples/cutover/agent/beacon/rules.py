"""How facts are read and selected."""


class BadLine(Exception):
    """A line that is not a fact."""


def read_facts(text):
    facts = {}
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise BadLine(f"line {number}: no \"=\"")
        facts[key.strip()] = value.strip()
    return facts


def select(facts, prefix):
    return {key: value for key, value in facts.items() if key.startswith(prefix)}
