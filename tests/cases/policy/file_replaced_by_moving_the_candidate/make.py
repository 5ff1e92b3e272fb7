"""The folder is a repository, so that the candidate's path may lead out of its own folder."""

from pathlib import Path

Path(".git").mkdir()
