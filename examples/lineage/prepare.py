"""Train and judge a model under `mlgate record`, twice. Somebody changes the training data of the second afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_wine

HERE = Path(__file__).parent
OUT = HERE / "out"


def recorded(folder: Path, reads: dict[str, str], makes: str, script: str) -> None:
    """Run a script about a folder, and record the run in the folder's lineage.yaml."""
    inside = folder.relative_to(HERE)
    wanted = [f"{inside / name}={role}" for name, role in reads.items()]
    options = [part for path in (*wanted, script) for part in ("--reads", path)]
    options += ["--makes", str(inside / makes), "--output", str(inside / "lineage.yaml")]
    program = [sys.executable, script, str(inside)]
    subprocess.run([sys.executable, "-P", "-m", "mlgate", "record", *options, "--", *program], cwd=HERE, check=True)


def trained(folder: Path) -> None:
    """A model of two cultivars of wine, with all that it was made from."""
    folder.mkdir(parents=True, exist_ok=True)
    wine = load_wine(as_frame=True).frame
    wine = wine[wine["target"] < 2].sample(frac=1, random_state=7)
    wine.iloc[:90].to_csv(folder / "train.csv", index=False)
    wine.iloc[90:].to_csv(folder / "test.csv", index=False)
    (folder / "params.yaml").write_text("C: 0.5\n")
    (folder / "requirements.lock").write_text("scikit-learn==1.9.0\npandas==3.0.0\n")
    environment = {"requirements.lock": "environment"}
    recorded(folder, {"train.csv": "data:train", "params.yaml": "parameters", **environment}, "model.json", "fit.py")
    recorded(folder, {"model.json": "model", "test.csv": "data:evaluation", **environment}, "metrics.json", "judge.py")


def main() -> None:
    """The model as it was trained, and one whose training data were changed afterwards."""
    for name in ("as-trained", "swapped"):
        trained(OUT / name)
    rows = pd.read_csv(OUT / "swapped" / "train.csv")
    rows.drop(index=rows.index[:5]).to_csv(OUT / "swapped" / "train.csv", index=False)


if __name__ == "__main__":
    main()
