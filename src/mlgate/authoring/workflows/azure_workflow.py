"""A pipeline of Azure Pipelines."""

from __future__ import annotations

from mlgate.authoring.first_workflow import INSTALL, FirstWorkflow, GateToRun


def _text(gate: GateToRun) -> str:
    return f"""\
trigger: [{gate.branch}]
pool:
  vmImage: ubuntu-latest
jobs:
  - job: mlgate
    steps:
      - checkout: self
        fetchDepth: 0 # the policies are read at the branch that this would merge into
      - task: UsePythonVersion@0
        inputs:
          versionSpec: "3.12"
      - bash: {INSTALL}
      - bash: {gate.command}
"""


BESIDE = ".azure-pipelines/mlgate.yml"
WORKFLOW = FirstWorkflow(
    "azure", "azure-pipelines.yml", _text, BESIDE, f"Make a pipeline of {BESIDE}, as azure-pipelines.yml exists.",
    owned=False,
)  # fmt: skip
