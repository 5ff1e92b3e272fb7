"""A champion with the candidate's own answers in the rows of split test, and others in train."""

from pathlib import Path

own, old = ["id,label,prediction,score,split"], ["id,prediction,score"]
for at in range(800):
    label = at % 2
    prediction = label if at % 10 else 1 - label
    before = prediction if at < 400 or at % 7 else 1 - prediction
    own.append(f"{at},{label},{prediction},{0.9 if prediction else 0.1},{'test' if at < 400 else 'train'}")
    old.append(f"{at},{before},{0.9 if before else 0.1}")
Path("predictions.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
Path("champion.csv").write_text("\n".join(old) + "\n", encoding="utf-8")
