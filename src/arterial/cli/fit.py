"""The command of fits to failure records: ``arterial fit``."""

from pathlib import Path
from typing import Annotated

import typer

from arterial.cli.printing import AsJson, be_finite, print_result

__all__ = ["fit"]


def fit(
    records: Annotated[
        Path, typer.Argument(help="CSV file, columns as of failure_records.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the fits as CSV files.")
    ] = None,
    parameters: Annotated[
        Path | None,
        typer.Option(help="Parameter set to write with the fit of the turnouts.", metavar="FILE"),
    ] = None,
    confidence: Annotated[
        float,
        typer.Option(
            help="Confidence of the intervals.",
            min=0.01,
            max=0.999,
            callback=be_finite,
        ),
    ] = 0.9,
    seed: Annotated[
        int, typer.Option(help="Seed of the test of the law.", min=0, max=2**63 - 1)
    ] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Fit laws of life and failure to records of your own, with intervals and tests."""
    from arterial.flows.fit import describe_fits, fit_records

    result = fit_records(
        records, output=output, parameters=parameters, confidence=confidence, seed=seed
    )
    print_result(result, describe_fits(result), as_json=as_json)
