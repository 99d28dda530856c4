"""What a learner reads of states and figures."""

import pytest
from milepost.domain.attempts import Verdict
from milepost.domain.progress import ProjectState
from milepost.web.markdown import to_html
from milepost.web.pages import words


def test_every_verdict_and_state_has_words():
    assert set(words.VERDICT) == set(Verdict)
    assert set(words.STATE) == set(ProjectState)


@pytest.mark.parametrize(("minutes", "text"), [(45, "45 min"), (60, "1 h"), (150, "2 h 30 min")])
def test_durations_are_said_as_people_say_them(minutes: int, text: str):
    assert words.duration(minutes) == text


@pytest.mark.parametrize(
    ("number", "text"), [(None, "0"), (0, "0"), (10.0, "10"), (7.5, "7.5"), (100, "100")]
)
def test_points_have_no_needless_decimals(number: float | None, text: str):
    assert words.points(number) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** `x`", "<p><strong>bold</strong> <code>x</code></p>\n"),
        ("<script>1</script>", "<p>&lt;script&gt;1&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("![a](https://example.org/x.png)", "<p></p>\n"),
        (
            "[a](https://example.org)",
            '<p><a href="https://example.org" rel="noopener noreferrer">a</a></p>\n',
        ),
    ],
)
def test_markdown_becomes_harmless_html(text: str, html: str):
    assert to_html(text) == html
