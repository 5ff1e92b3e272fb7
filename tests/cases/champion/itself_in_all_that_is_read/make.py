"""A champion with the candidate's own decisions, also at the threshold, and other scores."""

from pathlib import Path

own, old = ["id,label,prediction,score"], ["id,prediction,score"]
for at in range(400):
    label = at % 2
    prediction = label if at % 10 else 1 - label
    own.append(f"{at},{label},{prediction},{0.9 if prediction else 0.1}")
    old.append(f"{at},{prediction},{0.8 if prediction else 0.5}")
Path("predictions.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
Path("champion.csv").write_text("\n".join(old) + "\n", encoding="utf-8")
