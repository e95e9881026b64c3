"""The checklist's page, its list and its scripts belong together."""

import re

from models.packetdrill import checklist


def without_unit_tests(page: str) -> list[str]:
    """The page's lines, of which tests in Python (that come and go with what they test) are left out."""
    lines = page.splitlines()[:-1]
    return [re.sub(r"(?:<br>)?\[test_\w+\]\([^)]*\)|(?:<br>)?`make test`|none|not tested under this id", "", line)
            for line in lines]


def test_the_page_is_what_make_checklist_writes() -> None:
    have, wanted = checklist.PAGE.read_text(), checklist.page()
    assert without_unit_tests(have) == without_unit_tests(wanted), "docs/checklist.md is stale: run make checklist"


def test_every_script_has_a_requirement_and_says_which_and_where_from() -> None:
    known = {each.identifier for section in checklist.requirements().values() for each in section}
    for identifier, paths in checklist.scripts().items():
        assert identifier in known
        for path in paths:
            head = path.read_text()
            assert head.startswith(f"// {identifier}: "), f"{path} does not begin with its id and requirement"
            assert re.search(r"^// RFC \d+", head, re.MULTILINE), f"{path} does not name an RFC"
            assert path.parent.name == identifier[0]


def test_every_requirement_stands_once() -> None:
    identifiers = [each.identifier for section in checklist.requirements().values() for each in section]
    assert len(identifiers) == len(set(identifiers)) and identifiers == sorted(identifiers)
