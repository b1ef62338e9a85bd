"""Functions of the page that need no annotation: points, samples, traces, latencies as numbers."""

import numpy as np
import pytest

from emolib.annotator.state import Trace

pytestmark = pytest.mark.browser


@pytest.fixture
def functions(rating):
    """Return a page that has the functions."""
    return rating().page


def test_keys_move_the_point_slowly_first_and_not_over_the_edge(functions):
    way = functions.evaluate(
        """() => {
          const point = new Point();
          point.press("right");
          point.press("down");
          return Array.from({ length: 90 }, () => {
            point.advance(1 / 60);
            return [point.valence, point.arousal];
          });
        }"""
    )
    valence, arousal = np.transpose(way)
    np.testing.assert_allclose(arousal, -valence)
    assert valence[0] < 0.01  # a tap is a fine step
    steps = np.diff(valence[valence < 1])
    assert (np.diff(steps) > -1e-9).all()
    assert steps[-1] > 3 * steps[0]
    assert valence[-1] == 1


def test_latency_of_synthetic_hands_is_found(functions):
    found = functions.evaluate(
        """() => [0.15, 0.25, 0.37, 0.48, 0.6].flatMap((delay, seed) => [2, 1].map((count) => {
          const path = dotPath(seed, 22);
          const random = randomNumbers(seed + 100);
          const size = () => 0.05 * Math.sqrt(-2 * Math.log(1 - random()));
          const noise = () => size() * Math.cos(2 * Math.PI * random());
          const times = [];
          for (let time = 0; time < 22; time += (0.8 + 0.4 * random()) / 60) times.push(time);
          const columns = [0, 1].slice(0, count);
          const shown = columns.map((i) => times.map((time) => path(time)[i]));
          const answered = columns.map((i) => times.map((time) => path(time - delay)[i] + noise()));
          return [delay, estimateLatency(times, shown, answered)];
        }))"""
    )
    for delay, estimate in found:
        assert estimate["latency"] == pytest.approx(delay, abs=0.03)
        assert 0 < estimate["spread"] < 0.1
        assert estimate["correlation"] > 0.9
    lost = functions.evaluate(
        """() => {
          const times = Array.from({ length: 1320 }, (_, i) => i / 60);
          const column = (seed, i) => times.map((time) => dotPath(seed, 22)(time)[i]);
          const shown = [column(1, 0), column(1, 1)];
          const still = times.map(() => 0);
          const others = [[still, still], [column(2, 0), column(2, 1)]];
          return others.map((answered) => estimateLatency(times, shown, answered));
        }"""
    )
    for estimate in lost:
        assert "latency" not in estimate
        assert estimate["correlation"] < 0.75


def test_samples_are_thinned_to_sixty_a_second_and_regular_ones_are_kept(functions):
    kept = """times => {
      const job = { due: 0 };
      return times.filter((time) => isDue(job, time));
    }"""
    generator = np.random.default_rng(0)
    jittered = np.arange(0, 5, 1 / 60) + generator.uniform(-0.002, 0.002, 300) + 3
    assert len(functions.evaluate(kept, jittered.tolist())) == 300
    for rate in (75, 120, 144, 240, 1000):
        thinned = functions.evaluate(kept, np.arange(3, 8, 1 / rate).tolist())
        assert 0.75 * 300 < len(thinned) <= 301


def test_traces_of_the_page_change_as_those_of_the_kernel(functions):
    generator = np.random.default_rng(1)
    trace, steps, expected = Trace(), [], []
    for _ in range(60):
        start, end = np.sort(np.round(generator.uniform(0, 3, 2), 1))
        times = np.unique(np.round(generator.uniform(start, end, 8), 1))
        times = times[(times >= start) & (times <= end)]
        values = np.round(generator.uniform(-1, 1, len(times)), 2)
        trace = trace.with_stretch(start, end, times, values, "hand")
        steps.append([start, end, times.tolist(), values.tolist()])
        asked = np.round(generator.uniform(0, 3), 2)
        held = [one for one in trace.stretches if one[0] <= asked <= one[1]]
        inside = trace.time <= asked
        known = bool(held) and inside.any() and trace.time[inside][-1] >= held[0][0]
        value = float(trace.value[inside][-1]) if known else None
        expected.append([trace.time, trace.value, trace.stretches, asked, value])
    got = functions.evaluate(
        """([steps, asked]) => {
          let trace = new Trace();
          return steps.map((step, i) => {
            trace = trace.with(...step);
            return [[...trace.times], [...trace.values], trace.covered, trace.valueAt(asked[i])];
          });
        }""",
        [steps, [row[3] for row in expected]],
    )
    assert any(row[4] is not None for row in expected)
    for (times, values, covered, value), row in zip(got, expected, strict=True):
        np.testing.assert_allclose(times, row[0])
        np.testing.assert_allclose(values, row[1], atol=1e-6)
        assert covered == [list(stretch[:2]) for stretch in row[2]]
        if row[4] is not None:
            assert value == pytest.approx(row[4], abs=1e-6)


def test_half_an_hour_of_samples_is_drawn_with_its_extremes(functions, record_property):
    drawn = functions.evaluate(
        """() => {
          const times = Float64Array.from({ length: 108000 }, (_, i) => i / 60);
          const random = randomNumbers(1);
          const values = times.map((time) => 0.3 * Math.sin(time) + 0.1 * random());
          values[60000] = 0.97;
          const trace = new Trace(times, values, [[0, 900], [910, 1800]]);
          const scale = new TimeScale(1800);
          const pixels = [];
          trace.forEachPixel(scale, 1300, (...pixel) => pixels.push(pixel));
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [1300, 200];
          const pen = {
            context: canvas.getContext("2d"), scale, width: 1300, unit: 1, paint: () => "#000000",
            y: (value) => 100 - 90 * value,
          };
          const milliseconds = Array.from({ length: 5 }, () => {
            const begun = performance.now();
            for (const name of ["valence", "arousal"]) drawTrace(pen, trace, name, 1);
            pen.context.getImageData(0, 0, 1, 1);
            return performance.now() - begun;
          });
          const inked = (x, y) => pen.context.getImageData(x, y, 1, 1).data[3] > 0;
          const peak = Math.floor((60000 / 60 / 1800) * 1300);
          const gap = Math.floor((905 / 1800) * 1300);
          return {
            pixels, peak, gap, milliseconds: Math.min(...milliseconds),
            inked: [inked(peak, 14), inked(peak, 8), inked(gap, 100)],
          };
        }"""
    )
    pixels = {pixel: (low, high) for pixel, low, high in drawn["pixels"]}
    assert len(pixels) == len(drawn["pixels"]) == 1300 - 6  # 651 to 656: not rated
    assert drawn["gap"] not in pixels
    assert pixels[drawn["peak"]][1] == pytest.approx(0.97)
    assert max(high for pixel, (_, high) in pixels.items() if pixel != drawn["peak"]) < 0.5
    assert drawn["inked"] == [True, False, False]
    record_property("milliseconds to draw twice 108000 samples", drawn["milliseconds"])
    print(f"two traces of 108,000 samples are drawn in {drawn['milliseconds']:.1f} ms")
