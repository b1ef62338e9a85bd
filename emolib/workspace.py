"""Where a build keeps its files: ``build/<config name>/``, one attribute a place."""

from pathlib import Path

import pandas as pd

from emolib.config import Config, load_config
from emolib.storage import read_table


class Workspace:
    """The paths of one build.

    Parameters
    ----------
    config : Config
        The configuration; its name names the folder.
    root : str or Path
        The folder that holds all builds.
    """

    def __init__(self, config: Config, root: str | Path = "build"):
        self.config = config
        self.folder = Path(root) / config.name
        self.videos = self.folder / "videos.parquet"
        self.people = self.folder / "people.parquet"
        self.stamps = self.folder / "stamps"
        self.faces = self.folder / "faces.parquet"
        self.crops = self.folder / "crops"
        self.dimensional = self.folder / "dimensional.parquet"
        self.categorical = self.folder / "categorical.parquet"
        self.samples = self.folder / "samples.parquet"
        self.coverage = self.folder / "coverage.parquet"
        self.balance = self.folder / "balance.parquet"
        self.runs = self.folder / "runs"
        self.tables = self.folder / "tables"

    @property
    def corpus(self) -> Path:
        """The folder of the corpus: the user's own, or the one simulated for this build."""
        return self.folder / "corpus" if self.simulated else self.config.corpus.path

    @property
    def simulated(self) -> bool:
        """Whether the faces are simulated, which every results page must then say."""
        return self.config.corpus.kind == "simulated"

    def features(self, backbone: str) -> Path:
        """Return the folder of one backbone's features."""
        return self.folder / "features" / backbone

    def load(self, name: str) -> pd.DataFrame:
        """Read one of the workspace's Parquet tables, such as ``samples``."""
        return read_table(getattr(self, name))


def open_workspace(config: str | Path, root: str | Path = "build") -> Workspace:
    """Return the workspace of a configuration file."""
    return Workspace(load_config(config), root)
