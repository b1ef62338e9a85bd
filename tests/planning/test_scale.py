"""How large a corpus is: from tables, configurations, headers, the thesis, or the user."""

from fractions import Fraction

import av
import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.planning.scale import SIMULATED_SHARES, Sizes, corpus_scale
from emolib.storage import write_table

OWN = "corpus: {kind: folder, path: corpus}\n"


def film(path, seconds):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 200, 100, "yuv420p"
        for _ in range(10 * seconds):
            frame = av.VideoFrame.from_ndarray(np.zeros((100, 200, 3), np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture
def own(make_workspace, tmp_path):
    """Return a workspace on a corpus of two videos, of 2 s with one person and 1 s with two."""
    folder = tmp_path / "corpus"
    (folder / "videos").mkdir(parents=True)
    film(folder / "videos" / "a.mp4", 2)
    film(folder / "videos" / "b.mp4", 1)
    (folder / "people.csv").write_text("track,video,person\na,a,x\nb_left,b,y\nb_right,b,z\n")
    (folder / "annotations.csv").write_text("file,track,format\nx.eaf,a,elan\n")
    write_table(pd.DataFrame({"video": ["a", "b"], "people": [1, 2]}), folder / "videos.csv")
    return make_workspace(OWN, "mine")


def test_tables_of_a_build_are_counted(built):
    scale = corpus_scale(built)
    assert (scale.videos, scale.tracks, scale.frames, scale.faces) == (3, 3, 360, 360)
    assert (scale.category, scale.dimensional, scale.both) == (300, 360, 300)
    assert scale.megapixels == pytest.approx(0.1)
    assert scale.notes == ()


def test_faces_are_counted_where_labels_are_not_yet(built):
    built.samples.unlink()
    scale = corpus_scale(built)
    assert scale.faces == 360
    assert scale.category == pytest.approx(360 * SIMULATED_SHARES["category"])
    assert "Labels are taken" in scale.notes[0]


def test_corpus_that_is_rendered_again_is_as_large_as_configured(built):
    assert corpus_scale(built, redone={"ingest"}).notes != ()
    assert corpus_scale(built, redone={"ingest"}).frames == 3 * 4 * 30


def test_simulated_corpus_follows_from_the_configuration(make_workspace):
    text = "corpus: {kind: simulated, n_videos: 10, n_pairs: 2, duration: 6}\n"
    scale = corpus_scale(make_workspace(text))
    assert (scale.videos, scale.tracks) == (10, 12)
    assert (scale.frames, scale.faces) == (10 * 180, 12 * 180)
    assert scale.both == pytest.approx(12 * 180 * SIMULATED_SHARES["category"])


def test_own_corpus_is_read_from_headers(own):
    scale = corpus_scale(own)
    assert (scale.videos, scale.tracks) == (2, 3)
    assert (scale.frames, scale.faces, scale.both) == pytest.approx((90, 120, 120))
    assert scale.megapixels == pytest.approx(0.02)
    assert any("headers" in note for note in scale.notes)


def test_video_that_cannot_be_read_is_left_out_and_reported(own, caplog):
    (own.corpus / "videos" / "a.mp4").write_bytes(b"no video")
    assert corpus_scale(own).videos == 1
    assert "a.mp4: cannot be read as a video" in caplog.text
    (own.corpus / "videos" / "b.mp4").write_bytes(b"no video")
    with pytest.raises(InputError, match="none of its 2 videos can be read"):
        corpus_scale(own)


def test_corpus_that_is_not_there_is_the_error_of_check_and_the_remedy(make_workspace):
    with pytest.raises(InputError, match="no such folder; `path` .* with --videos and --faces"):
        corpus_scale(make_workspace(OWN, "mine"))


def test_thesis_is_as_large_as_it_was(make_workspace):
    scale = corpus_scale(make_workspace(OWN, "thesis"))
    assert (scale.videos, scale.tracks) == (55, 59)
    assert (scale.faces, scale.dimensional) == (265663, 265663)
    assert (scale.category, scale.both) == (107640, 107640)
    assert "is not there; that of the thesis is assumed: 55 videos and 265,663" in scale.notes[0]


def test_sizes_that_the_user_states_are_believed(make_workspace, built):
    scale = corpus_scale(make_workspace(OWN, "mine"), Sizes(videos=11, faces=1000, labelled=400))
    assert (scale.videos, scale.tracks, scale.faces, scale.both) == (11, 12, 1000, 400)
    assert "as large as you say" in scale.notes[0]
    asked = corpus_scale(make_workspace(OWN, "thesis"), Sizes(videos=55, faces=265663))
    assert asked.both == corpus_scale(make_workspace(OWN, "thesis")).both
    assert corpus_scale(built, Sizes(faces=720)).frames == 720


@pytest.mark.parametrize(
    ("setting", "outputs", "expected"),
    [("both", ("category",), 300), ("any", ("category",), 300), ("any", ("dimensional",), 360),
     ("any", ("category", "dimensional"), 360)],
)  # fmt: skip
def test_labelled_faces_are_those_that_a_network_can_use(built, setting, outputs, expected):
    assert corpus_scale(built).labelled(setting, outputs) == expected
