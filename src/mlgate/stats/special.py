"""The special functions of scipy that the statistics use, loaded without the rest of scipy.

`import scipy.special` takes longer than `import numpy`, because its `__init__` also imports numpy's f2py and test
tools. The functions themselves are in one compiled module of that package, `scipy.special._ufuncs`. This module imports
only that one. Where scipy has no such module, or the module lacks a function, the package is imported as usual. Both
ways give the same function objects.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGE = "scipy.special"
NAMES = (
    "bdtr", "bdtrik", "betainc", "betaincc", "betaincinv", "betaln", "chdtri", "chndtr", "expit", "gammainccinv",
    "gammaincinv", "gammaln", "logit", "ndtr", "ndtri", "stdtrit",
)  # fmt: skip


class _DoneError(ImportError):
    """Ends the import of the package after its compiled module is loaded."""


class _CompiledModuleOnly(MetaPathFinder, Loader):
    """Finds and loads the package for one thread, by importing the compiled module instead of its `__init__`.

    The import system holds the package's lock meanwhile, and removes the package from `sys.modules` afterwards. So no
    thread sees half a package, and a later `import scipy.special` runs its `__init__` as usual.
    """

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.compiled: Any = None

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of the package with this loader; None for any other module or thread."""
        if name != PACKAGE or threading.get_ident() != self.thread:
            return None
        spec = ModuleSpec(name, self, is_package=True)
        spec.submodule_search_locations = [f"{folder}/special" for folder in path or ()]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Import the compiled module, then end the import of the package."""
        from scipy.special import _ufuncs

        self.compiled = _ufuncs
        raise _DoneError


def functions() -> Any:
    """The module that has the functions: scipy's compiled one if it can be imported alone, else the whole package."""
    alone = _CompiledModuleOnly()
    if PACKAGE not in sys.modules:
        sys.meta_path.insert(0, alone)
        try:
            # _DoneError on success; another error where scipy is built differently, and the package is imported below.
            with contextlib.suppress(ImportError, AttributeError):
                import scipy.special
        finally:
            sys.meta_path.remove(alone)
    if all(hasattr(alone.compiled, name) for name in NAMES):
        return alone.compiled
    import scipy.special

    return scipy.special


_functions = functions()

bdtr = _functions.bdtr
bdtrik = _functions.bdtrik
betainc = _functions.betainc
betaincc = _functions.betaincc
betaincinv = _functions.betaincinv
betaln = _functions.betaln
chdtri = _functions.chdtri
chndtr = _functions.chndtr
expit = _functions.expit
gammainccinv = _functions.gammainccinv
gammaincinv = _functions.gammaincinv
gammaln = _functions.gammaln
logit = _functions.logit
ndtr = _functions.ndtr
ndtri = _functions.ndtri
stdtrit = _functions.stdtrit
