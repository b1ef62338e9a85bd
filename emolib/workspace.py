"""Where a build keeps its files: ``build/<config name>/``, one attribute a place.

An ablation has a workspace of its own, ``build/<config name>/ablations/<name>/``, for what it does
in another way; every other attribute leads to the files of its build.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from emolib.config import Config, Training, load_config
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
        self.searches = self.folder / "search"
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

    def ablation(self, name: str) -> "AblationWorkspace":
        """Return the workspace of one of the configuration's ablations."""
        return AblationWorkspace(self, name)

    def load(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read one of the workspace's Parquet tables, such as ``samples``, or some columns."""
        return read_table(getattr(self, name), columns=columns)


class AblationWorkspace(Workspace):
    """The paths of an ablation: those of its build, but for what the ablation changes.

    Samples are its own if it matches in another way, features if it makes them in another way,
    runs always. Videos, faces, crops and annotations are the build's.

    Parameters
    ----------
    build : Workspace
        The build.
    name : str
        One of the ablations of its configuration.
    """

    def __init__(self, build: Workspace, name: str):
        super().__init__(build.config.ablated(name), build.folder.parent)
        self.build = build
        self.name = name
        self.folder = build.folder / "ablations" / name
        self.runs = self.folder / "runs"
        if self.rematches:
            for table in ("samples", "coverage", "balance"):
                setattr(self, table, self.folder / f"{table}.parquet")

    @property
    def rematches(self) -> bool:
        """Whether faces find other labels than in the build."""
        return self.config.matching != self.build.config.matching

    @property
    def corpus(self) -> Path:
        """The folder of the corpus of the build."""
        return self.build.corpus

    def has_own_features(self, backbone: str) -> bool:
        """Return whether faces are put through a backbone in another way than in the build."""
        settings = self.config.features, self.build.config.features
        return settings[0].of(backbone) != settings[1].of(backbone)

    def features(self, backbone: str) -> Path:
        """Return the folder of one backbone's features, the build's if they are the same."""
        own = self.folder / "features" / backbone
        return own if self.has_own_features(backbone) else self.build.features(backbone)


class VariantWorkspace(Workspace):
    """The paths of a build for networks that are trained in another way: all but the runs.

    Parameters
    ----------
    build : Workspace
        The build.
    training : Training
        What is trained, and how.
    folder : Path
        Of what is made for the variant; its runs go there.
    """

    def __init__(self, build: Workspace, training: Training, folder: Path):
        changed = build.config.model_copy(update={"training": training, "ablations": {}})
        super().__init__(changed, build.folder.parent)
        self.runs = folder / "runs"


def open_workspace(config: str | Path, root: str | Path = "build") -> Workspace:
    """Return the workspace of a configuration file."""
    return Workspace(load_config(config), root)
