"""Which columns' values and row ids reports may show. Reports travel, so by default they show none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownValues:
    """The columns that a rule's `show_values` names. It contains a column whose values may be shown."""

    everything: bool = False
    columns: tuple[str, ...] = ()

    def __contains__(self, column: object) -> bool:
        return self.everything or column in self.columns


NO_VALUES = ShownValues()
EVERY_VALUE = ShownValues(everything=True)
