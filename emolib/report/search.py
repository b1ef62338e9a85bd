"""The searches of a build as a chapter reads them."""

import pandas as pd

from emolib import search
from emolib.config import Numbers, Training
from emolib.evaluation.ablations import Ablated
from emolib.evaluation.searches import Searched
from emolib.models.networks import NETWORKS
from emolib.models.runs import run_specs
from emolib.report.ablations import AblationReader
from emolib.report.runs import read_networks
from emolib.search.space import references, setting_of
from emolib.storage import read_json, read_table


class SearchReader(AblationReader):
    """The searches of one build, its ablations and its runs."""

    def searches(self) -> list[Searched]:
        """Return what was found of each network that the configuration asks to be searched.

        What is lacking is searched, and trained, first.
        """
        return [self._searched(network) for network in self.config.search.networks]

    def best_setting(self, network: str) -> str:
        """Return the best setting of a network as text for a configuration."""
        return (self.workspace.searches / network / "best.yaml").read_text()

    def _searched(self, network: str) -> Searched:
        if not search.is_searched(self.workspace, network):
            search.try_settings(self.workspace, network)
            search.write_findings(self.workspace, network)
            search.confirm(self.workspace, network)
        folder = self.workspace.searches / network
        tables = [
            read_table(folder / f"{name}.parquet") for name in ("trials", "epochs", "importance")
        ]
        spec = NETWORKS[network]
        return Searched(
            f"{spec.display}, {spec.kind}",
            *tables,
            self._settings(network),
            tuple(self._compared(network)),
            search.UNPRUNED if self.config.search.pruning else None,
        )

    def _compared(self, network: str) -> list[Ablated]:
        """Return the best setting beside this build's and, where it is another, the thesis's."""
        own = [spec for spec in run_specs(self.config) if spec.network == network]
        sides = {"this build": (self.workspace, self._trained(own))}
        for name, variant in search.variants(self.workspace, network).items():
            sides[name] = variant, run_specs(variant.config)
        best = read_networks(*sides.get("best", sides["this build"]))[network]
        setting = read_json(self.workspace.searches / network / "best.json")
        known = references(self.config.training, network)
        spec = NETWORKS[network]
        return [
            Ablated(
                f"{network} {name}",
                f"{spec.kind} {len(spec.hidden) + 1}FC, {name}",
                spec.display,
                read_networks(*sides[name])[network],
                best,
            )
            for name in known
            if known[name] != setting  # it cannot be compared with itself
        ]

    def _settings(self, network: str) -> pd.DataFrame:
        """Return ``setting, tried, thesis, build, best`` as text, a row a setting."""
        best = read_json(self.workspace.searches / network / "best.json")
        sides = [setting_of(training, network) for training in (Training(), self.config.training)]
        rows = [
            (name, _domain(getattr(self.config.search.space, name)))
            + tuple(map(_value, (sides[0][name], sides[1][name], best[name])))
            for name in search.setting_names(network)
        ]
        return pd.DataFrame(rows, columns=["setting", "tried", "thesis", "build", "best"])


def _domain(domain: Numbers | tuple) -> str:
    """Return what may be tried of a setting, in words."""
    if isinstance(domain, Numbers) and not domain.choices:
        ending = ", logarithmic" if domain.log else ""
        return f"{domain.low:g} to {domain.high:g}{ending}"
    return ", ".join(map(_value, domain.choices if isinstance(domain, Numbers) else domain))


def _value(value: int | float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"
