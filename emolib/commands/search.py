"""The command that searches hyperparameters."""

from pathlib import Path
from typing import Annotated

import typer


def search(
    networks: Annotated[
        list[str] | None,
        typer.Argument(help="Networks that the configuration trains; without any: search.networks"),
    ] = None,
    config: Annotated[
        Path, typer.Option("--config", help="The configuration of the build.")
    ] = Path("config/demo.yaml"),
    trials: Annotated[
        int | None, typer.Option(min=1, help="Of a network, by all workers together.")
    ] = None,
    storage: Annotated[
        str | None, typer.Option(help="URL of the trials, which several workers may share.")
    ] = None,
    worker: Annotated[
        bool, typer.Option("--worker", help="Help another; write and train nothing at the end.")
    ] = False,
) -> None:
    """Search better hyperparameters of networks, on the validation people.

    Needs the samples and features of the configuration. What may be tried stands under `search` in
    it. A search that was interrupted goes on where it was. Any number of workers, on this machine
    or on others that see the same files, may work on it at once: start each but one with --worker,
    and all with the same --storage.

    At the end the best setting is trained with all seeds of the build, and written to
    build/<configuration>/search/<network>/best.yaml, to be pasted into a configuration.

    Example: emolib search vgg16-combined-1fc --config config/demo.yaml --trials 30
    """
    from emolib import search as searching
    from emolib.errors import InputError
    from emolib.gpus import claim_gpus
    from emolib.workspace import open_workspace

    workspace = open_workspace(config)
    networks = networks or list(workspace.config.search.networks)
    if not networks:
        raise InputError(f"{config}: no network to search; name one, or list it in search.networks")
    with claim_gpus(1):
        for network in networks:
            searching.try_settings(workspace, network, trials=trials, storage=storage)
            if not worker:
                folder = searching.write_findings(workspace, network, storage=storage)
                print((folder / "best.yaml").read_text())
                searching.confirm(workspace, network)
                print(f"{folder / 'best.yaml'}: written")
