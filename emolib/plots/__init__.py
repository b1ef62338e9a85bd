"""Charts of the report: a table in, an Altair chart out.

Nothing here reads a file or computes a result; counting and binning is all that is done to a
table, so that a chart of a quarter of a million faces carries some dozens of rows.

Conventions
-----------
- Colours of categories come from `emolib.labels.COLOURS`. Text and axes are a mid-grey and the
  background is transparent, so that a chart is legible on a light and on a dark page.
- Axes say their range. Every chart has a `description`, the alternative text, with the main
  numbers it shows.
- A chart of one view is as wide as a page, or as the screen of a phone; charts of several views
  have a fixed width below 640 px, and pages of the book stack their panels where there is less.
- Parts of a corpus are shown the same way everywhere: the whole as bars, the splits as marks of
  their own colour.
"""

from .ablations import lag_chart
from .activation import picture_sheet, reached_chart
from .agreement import agreement_chart, rater_timeline
from .building_blocks import convolution_chart
from .claims import consistency_chart, selection_chart, share_chart, verdict_chart
from .comparisons import forest_chart, rank_chart, score_chart
from .corpus import (
    contact_sheet,
    coverage_chart,
    dimension_histogram,
    emotion_histogram,
    label_distribution,
)
from .face_grid import face_grid
from .faces import place_chart, track_sheet
from .gates import gate_chart
from .networks import network_diagram
from .objectives import batch_chart, concordance_sliders
from .overview import face_plane, network_chart
from .performance import goal_chart, profile_chart
from .provenance import reads_chart, step_chart
from .related import progress_chart
from .relation import plane_chart, plane_panels, probe_chart, transition_chart
from .results import confusion_matrix, trace_chart, training_history
from .saliency import (
    check_chart,
    map_columns,
    map_picture,
    picture_grid,
    region_picture,
    time_chart,
)
from .scaling import scaling_chart
from .search import importance_chart, parallel_chart, search_history_chart, slice_chart
from .style import enable_renderer, theme
from .svcca import dynamics_chart, similarity_map
from .tsne import draw_chart, face_map_chart, gain_chart, placed_chart
from .uncertainty import interval_coverage_chart, p_value_chart, power_chart

__all__ = [
    "agreement_chart",
    "batch_chart",
    "check_chart",
    "concordance_sliders",
    "confusion_matrix",
    "consistency_chart",
    "contact_sheet",
    "convolution_chart",
    "coverage_chart",
    "dimension_histogram",
    "draw_chart",
    "dynamics_chart",
    "emotion_histogram",
    "enable_renderer",
    "face_grid",
    "face_map_chart",
    "face_plane",
    "forest_chart",
    "gain_chart",
    "goal_chart",
    "gate_chart",
    "importance_chart",
    "interval_coverage_chart",
    "label_distribution",
    "lag_chart",
    "map_columns",
    "map_picture",
    "network_chart",
    "network_diagram",
    "p_value_chart",
    "parallel_chart",
    "picture_grid",
    "picture_sheet",
    "place_chart",
    "placed_chart",
    "plane_chart",
    "plane_panels",
    "power_chart",
    "probe_chart",
    "profile_chart",
    "progress_chart",
    "rank_chart",
    "rater_timeline",
    "reached_chart",
    "reads_chart",
    "region_picture",
    "scaling_chart",
    "score_chart",
    "search_history_chart",
    "selection_chart",
    "share_chart",
    "similarity_map",
    "slice_chart",
    "step_chart",
    "theme",
    "time_chart",
    "trace_chart",
    "track_sheet",
    "training_history",
    "transition_chart",
    "verdict_chart",
]
