"""A workflow of GitHub Actions."""

from __future__ import annotations

from mlgate.authoring.first_workflow import INSTALL, FirstWorkflow, GateToRun


def _text(gate: GateToRun) -> str:
    return f"""\
name: mlgate
on: [pull_request, merge_group]
permissions:
  contents: read
jobs:
  mlgate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0 # the policies are read at the commit that this would merge into
          persist-credentials: false
      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
        with:
          python-version: "3.12"
      - run: {INSTALL}
      - run: {gate.command}
"""


WORKFLOW = FirstWorkflow("github", ".github/workflows/mlgate.yml", _text)
