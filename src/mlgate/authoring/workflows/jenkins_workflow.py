"""A pipeline of Jenkins."""

from __future__ import annotations

from mlgate.authoring.first_workflow import INSTALL, FirstWorkflow, GateToRun


def _text(gate: GateToRun) -> str:
    return f"""\
pipeline {{
  agent {{ docker {{ image 'python:3.12' }} }}
  stages {{
    stage('mlgate') {{
      steps {{
        // The policies are read at the branch that this would merge into.
        sh 'git fetch origin +refs/heads/{gate.branch}:refs/remotes/origin/{gate.branch}'
        sh '{INSTALL}'
        sh '{gate.command}'
      }}
      post {{ always {{ junit 'mlgate.xml' }} }}
    }}
  }}
}}
"""


BESIDE = "ci/mlgate.Jenkinsfile"
WORKFLOW = FirstWorkflow(
    "jenkins", "Jenkinsfile", _text, BESIDE, f"Make a multibranch job of {BESIDE}, as Jenkinsfile exists."
)
