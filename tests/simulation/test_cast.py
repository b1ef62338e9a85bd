from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from emolib.labels import EMOTIONS
from emolib.simulation.cast import cast_people

THEMES = EMOTIONS[1:]


def test_thesis_size_follows_the_quotas():
    people = cast_people(59, 2018, EMOTIONS)
    assert Counter(character.primary for character in people) == {
        "sadness": 41,
        "happiness": 5,
        "anger": 4,
        "fear": 3,
        "surprise": 3,
        "disgust": 3,
    }
    assert [character.person for character in people] == list(range(59))


def test_twelve_people_give_two_to_each_theme():
    counts = Counter(character.primary for character in cast_people(12, 1, EMOTIONS))
    assert counts == dict.fromkeys(THEMES, 2)


def test_seed_deals_differently():
    assert cast_people(59, 1, EMOTIONS) != cast_people(59, 2, EMOTIONS)
    assert cast_people(59, 1, EMOTIONS) == cast_people(59, 1, EMOTIONS)


@given(st.integers(3, 70), st.integers(0, 99), st.sets(st.sampled_from(THEMES), min_size=1))
def test_every_requested_theme_is_dealt_and_no_other(n_people, seed, themes):
    people = cast_people(n_people, seed, ("neutral", *themes))
    counts = Counter(character.primary for character in people)
    assert len(people) == n_people
    assert set(counts) <= themes
    assert {character.secondary for character in people} <= themes
    if n_people >= 2 * len(themes):
        assert min(counts.get(theme, 0) for theme in themes) >= 2
    if len(themes) > 2:
        assert all(character.primary != character.secondary for character in people)
