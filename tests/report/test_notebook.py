"""What a notebook shows: the same words as the terminal, escaped, and never more than 4 kB."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from arterial.report.answer import Answer, Concern, ServiceAnswer
from arterial.report.campaign_brief import CampaignAnswer, KindAnswer
from arterial.report.notebook import MOST_BYTES, answer_html, sentences_html

TEXT = st.text(max_size=900) | st.text("<&\"'>\N{CJK UNIFIED IDEOGRAPH-5E73}", max_size=900)
SHARE = st.none() | st.floats(0, 1)
SERVICES = st.builds(
    ServiceAnswer,
    name=TEXT,
    departures=TEXT,
    tone=st.just("works"),
    chance=SHARE,
    chance_low=SHARE,
    chance_high=SHARE,
    chance_error=SHARE,
    limit=TEXT,
    elapsed=TEXT,
)
CONCERNS = st.builds(
    Concern,
    gravity=st.just("warn"),
    what=TEXT,
    why=TEXT,
    figures=TEXT,
    cure=TEXT,
    section=TEXT,
)
KINDS = st.builds(
    KindAnswer,
    name=TEXT,
    count=st.integers(0, 10**6),
    benefit=st.floats(0, 1e9),
    cost=st.none() | st.floats(0, 1e12),
)
ANSWERS = st.builds(
    Answer,
    headline=TEXT,
    services=st.lists(SERVICES, max_size=8).map(tuple),
    services_left=st.integers(0, 1000),
    concerns=st.lists(CONCERNS, max_size=3).map(tuple),
    concerns_left=st.integers(0, 1000),
    basis=TEXT,
) | st.builds(
    CampaignAnswer,
    headline=TEXT,
    kinds=st.lists(KINDS, max_size=8).map(tuple),
    currency=st.sampled_from(("", "EUR")),
    concerns=st.lists(CONCERNS, max_size=3).map(tuple),
    concerns_left=st.integers(0, 1000),
    basis=TEXT,
)
MARKUP = re.compile(r"</?(?:div|p|b|table|tr|th|td|ul|li)>")


@given(ANSWERS)
def test_an_answer_of_any_words_is_small_and_holds_no_markup_but_its_own(answer) -> None:
    shown = answer_html(answer)
    assert len(shown.encode()) <= MOST_BYTES
    assert not re.search(r"[<>]", MARKUP.sub("", shown))
    assert shown.count("<tr>") == shown.count("</tr>")


@given(st.lists(TEXT, max_size=60))
def test_sentences_are_small_and_those_left_out_are_counted(sentences) -> None:
    shown = sentences_html(sentences)
    assert len(shown.encode()) <= MOST_BYTES
    left = re.search(r"<p>(\d+) more sentences", shown)
    assert shown.count("<li>") + (int(left.group(1)) if left else 0) == len(sentences)


def test_a_study_a_run_and_a_comparison_show_themselves(small_run, moscow_study) -> None:
    shown = small_run._repr_html_()
    assert html.escape(small_run.answer.headline) in shown
    assert small_run.answer.services[0].departures in shown
    assert "report.html" in shown
    assert len(shown.encode()) <= MOST_BYTES
    told = moscow_study._repr_html_()
    assert html.escape(moscow_study.settings.title) in told
    assert len(told.encode()) <= MOST_BYTES
