"""Forecast the sea off Peru one to twelve months ahead, from an origin every thirteen months."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

HERE = Path(__file__).parent
OUT = HERE / "out"
LEARNED = 20 * 12
LAGS = 12
HORIZONS = range(1, 13)
COVERAGE = 0.9


def main() -> None:
    """Learn from the first twenty years and forecast the other forty-one; the whole record is the history."""
    wide = pd.read_csv(HERE / "sea-surface.csv", index_col="YEAR")
    sea = wide.to_numpy().ravel()
    months = pd.period_range(f"{wide.index[0]}-01", periods=len(sea), freq="M").astype(str)
    # What is learned is how far a month is from its usual temperature, not that January is warm.
    usual = sea[:LEARNED].reshape(-1, 12).mean(axis=0)
    odd = sea - np.resize(usual, len(sea))
    lags = np.lib.stride_tricks.sliding_window_view(odd, LAGS)
    reach, rows = None, []
    for horizon in HORIZONS:
        ends = np.arange(LAGS - 1, LEARNED - horizon)
        model = Ridge(1.0).fit(lags[ends - LAGS + 1], odd[ends + horizon])
        if reach is None:
            # The mistake that the gate finds: how far it errs a month ahead is taken for all horizons.
            errors = np.abs(odd[ends + horizon] - model.predict(lags[ends - LAGS + 1]))
            reach = float(np.quantile(errors, COVERAGE, method="higher"))
        for origin in range(LEARNED - 1, len(sea) - max(HORIZONS), 13):
            at = origin + horizon
            forecast = usual[at % 12] + model.predict(lags[[origin - LAGS + 1]])[0]
            rows.append((months[at], months[origin], horizon, sea[at], forecast, forecast - reach, forecast + reach))
    OUT.mkdir(exist_ok=True)
    names = ["month", "origin", "ahead", "celsius", "forecast", "low", "high"]
    pd.DataFrame(rows, columns=names).to_csv(OUT / "predictions.csv", index=False)
    pd.DataFrame({"month": months, "celsius": sea}).to_csv(OUT / "history.csv", index=False)


if __name__ == "__main__":
    main()
