"""A small integer programme whose rows are exact, solved with HiGHS. Pure: no Django, no I/O.

The solver computes with floats and tolerances. To leave no room for them, every variable is a whole number and every
row is brought to whole coefficients without a common divisor before the solver sees it: whole values then fail a row by
at least 1 or not at all, and the solver gets the border half-way between. docs/algorithms/shortest-path.md says how the
schemes are written this way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, gcd, lcm
from time import monotonic

import highspy

Terms = Mapping[int, Fraction | int]  # by variable


@dataclass(frozen=True)
class Solution:
    """Values of the variables, and whether each objective was shown to be at its minimum."""

    values: tuple[int, ...]
    proven: tuple[bool, ...]  # by objective


@dataclass
class Programme:
    """Whole variables from 0 to a bound, and rows ``sum of terms >= least``."""

    bounds: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], int]] = field(default_factory=list)

    def variable(self, most: int) -> int:
        """A new whole variable, 0 to *most*."""
        self.bounds.append(most)
        return len(self.bounds) - 1

    def at_least(self, terms: Terms, least: Fraction | int) -> None:
        """Demand that the sum of the terms reaches *least*.

        Whole coefficients without a common divisor; the right side may then be rounded up, as no whole values of the
        variables lie between.
        """
        known = {variable: Fraction(factor) for variable, factor in terms.items() if factor}
        scale = Fraction(lcm(*(factor.denominator for factor in known.values())))
        scale /= gcd(*(int(factor * scale) for factor in known.values())) or 1
        self.rows.append(({v: int(factor * scale) for v, factor in known.items()}, ceil(least * scale)))

    def holds(self, values: Sequence[int]) -> bool:
        """Whether these values keep every bound and row, in whole numbers."""
        inside = all(0 <= value <= most for value, most in zip(values, self.bounds, strict=True))
        return inside and all(sum(f * values[v] for v, f in terms.items()) >= least for terms, least in self.rows)

    def minimise(self, objectives: Sequence[Mapping[int, int]], seconds: float) -> Solution | None:
        """Least first objective; among those the least second one, and so on. None: nothing found in *seconds*.

        The same programme gives the same solution every time, unless the time runs out.
        """
        deadline = monotonic() + seconds
        solver = self._solver()
        best: tuple[int, ...] | None = None
        proven: list[bool] = []
        for objective in objectives:
            left = deadline - monotonic()
            found = self._run(solver, objective, best, left) if left > 0 else None
            if found is None:
                break
            best, optimal = found
            proven.append(optimal)
            if not optimal:
                break
            reached = sum(factor * best[v] for v, factor in objective.items())
            _add_row(solver, {v: -factor for v, factor in objective.items()}, -reached)
        if best is None:
            return None
        return Solution(best, (*proven, *[False] * (len(objectives) - len(proven))))

    def _solver(self) -> highspy.Highs:
        solver = highspy.Highs()
        for option, value in _OPTIONS.items():
            solver.setOptionValue(option, value)
        count = len(self.bounds)
        solver.addVars(count, [0.0] * count, [float(most) for most in self.bounds])
        for variable in range(count):
            solver.changeColIntegrality(variable, highspy.HighsVarType.kInteger)
        for terms, least in self.rows:
            _add_row(solver, terms, least)
        return solver

    def _run(
        self, solver: highspy.Highs, objective: Mapping[int, int], known: tuple[int, ...] | None, seconds: float
    ) -> tuple[tuple[int, ...], bool] | None:
        """The best values for one objective and whether no better ones exist; None when none were found."""
        count = len(self.bounds)
        solver.changeColsCost(count, list(range(count)), [float(objective.get(v, 0)) for v in range(count)])
        solver.setOptionValue("time_limit", seconds)
        if known is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [float(value) for value in known]
            solver.setSolution(solution)
        solver.run()
        status = solver.getModelStatus()
        if solver.getInfo().primal_solution_status != _FEASIBLE:
            return None if known is None else (known, False)
        values = tuple(round(value) for value in solver.getSolution().col_value)
        if not self.holds(values):
            return None if known is None else (known, False)
        return values, status == highspy.HighsModelStatus.kOptimal


_FEASIBLE = 2  # kSolutionStatusFeasible of HiGHS
_OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.5,  # objectives are whole numbers: closer than 1 is equal
    "mip_allow_restart": False,  # measured: the slowest questions take two thirds of the time without
}


def _add_row(solver: highspy.Highs, terms: Mapping[int, int], least: int) -> None:
    """Half a unit of room changes nothing for whole numbers, but keeps every solution clear of the tolerances.

    Measured: with rows at the very border and tighter tolerances the solver once called 95 items least where 94 do.
    """
    solver.addRow(least - 0.5, highspy.kHighsInf, len(terms), list(terms), [float(f) for f in terms.values()])
