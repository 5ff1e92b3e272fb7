"""A pipeline of GitLab."""

from __future__ import annotations

from mlgate.authoring.first_workflow import INSTALL, FirstWorkflow, GateToRun


def _text(gate: GateToRun) -> str:
    return f"""\
mlgate:
  image: python:3.12
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0" # the policies are read at the branch that this would merge into
  script:
    - git fetch origin {gate.branch}
    - {INSTALL}
    - {gate.command}
  artifacts:
    when: always
    reports:
      junit: mlgate.xml
"""


BESIDE = "ci/mlgate.gitlab-ci.yml"
WORKFLOW = FirstWorkflow(
    "gitlab", ".gitlab-ci.yml", _text, BESIDE, f"Add `include: [{{local: /{BESIDE}}}]` to .gitlab-ci.yml."
)
