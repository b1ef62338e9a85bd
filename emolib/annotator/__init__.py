"""The annotation tool: a notebook widget for categories, valence and arousal of people in video.

`widget` answers the page, which ``widget/`` holds; `session` is a rater at work on a video, `state`
what was said, `operations` what can be done to it, `journal` and `history` how it is kept, `tables`
what the pipeline reads of it. `frames` and `sound` bring the video to the page, `tasks` lists what
there is to do, `exchange`, `agreement` and `proposals` go between raters, tools and networks.
"""

from emolib.annotator.tasks import annotation_tasks
from emolib.annotator.widget import Annotator

__all__ = ["Annotator", "annotation_tasks"]
