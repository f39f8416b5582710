"""All operators, each with the strategy that it belongs to and how likely it is to be the right one.

The priors are general: what slips are common in code, and how much of an accident it would be that the edit is right. Nothing
else is put into them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from swarm.repair.operators import (
    arithmetic,
    calls,
    comparisons,
    conditions,
    constants,
    counting,
    guards,
    names,
    pieces,
    statements,
)
from swarm.repair.operators import swaps as swapping
from swarm.repair.scope import Scopes
from swarm.repair.source import Change

STRATEGIES = ("conditions", "values", "names", "statements")
"""What the search is divided into; each becomes a task of its own."""


@dataclass(frozen=True)
class Operator:
    """A kind of edit."""

    strategy: str
    prior: float
    """How likely an edit of this kind is the right one, beside the others."""
    find: Callable[[Scopes], Iterator[Change]]


OPERATORS: Mapping[str, Operator] = {
    "comparison": Operator("conditions", 1.0, lambda scopes: comparisons.comparisons(scopes.source)),
    "comparison-kind": Operator("conditions", 0.4, lambda scopes: comparisons.kinds(scopes.source)),
    "off-by-one": Operator("values", 0.85, lambda scopes: counting.off_by_one(scopes.source)),
    "swapped-arguments": Operator("names", 0.8, lambda scopes: swapping.swaps(scopes.source)),
    "joined-otherwise": Operator("conditions", 0.9, conditions.joined_otherwise),
    "negated": Operator("conditions", 0.8, conditions.negated),
    "narrowed": Operator("conditions", 0.5, conditions.narrowed),
    "not-given": Operator("conditions", 0.9, conditions.not_given),
    "truth": Operator("conditions", 0.5, conditions.truth),
    "guarded-condition": Operator("conditions", 0.6, conditions.guarded),
    "extended-condition": Operator("conditions", 0.35, conditions.extended),
    "compared-too": Operator("conditions", 0.12, conditions.compared_too),
    "other-condition": Operator("conditions", 0.3, conditions.replaced_by_others),
    "new-condition": Operator("conditions", 0.15, conditions.newly_compared),
    "always": Operator("conditions", 0.2, conditions.always),
    "arithmetic": Operator("values", 0.9, arithmetic.operators),
    "augmented": Operator("values", 0.6, arithmetic.augmented),
    "operand-left-out": Operator("values", 0.35, arithmetic.operand_left_out),
    "regrouped": Operator("values", 0.5, arithmetic.regrouped),
    "sign": Operator("values", 0.35, arithmetic.signs),
    "step": Operator("values", 0.5, arithmetic.steps),
    "operand-added": Operator("values", 0.15, arithmetic.operand_added),
    "constant": Operator("values", 0.5, constants.constants),
    "initial-value": Operator("values", 0.4, constants.initial_values),
    "default": Operator("values", 0.4, constants.defaults),
    "returned-constant": Operator("values", 0.3, constants.returned_constants),
    "bounds": Operator("values", 0.5, constants.bounds),
    "variable": Operator("names", 0.9, names.variables),
    "other-constant": Operator("names", 0.6, names.constants_of_the_module),
    "target": Operator("names", 0.4, names.targets),
    "attribute": Operator("names", 0.7, names.attributes),
    "owner": Operator("names", 0.3, names.attribute_owners),
    "function": Operator("names", 0.6, names.functions),
    "key": Operator("names", 0.4, names.keywords),
    "unwrapped": Operator("names", 0.4, calls.unwrapped),
    "wrapped": Operator("names", 0.3, calls.wrapped),
    "awaited": Operator("names", 0.5, calls.awaited),
    "method-added": Operator("names", 0.25, calls.methods_added),
    "bounded": Operator("values", 0.25, calls.bounded),
    "argument-left-out": Operator("names", 0.4, calls.arguments_left_out),
    "argument-added": Operator("names", 0.25, calls.arguments_added),
    "element": Operator("names", 0.25, calls.elements),
    "default-for-nothing": Operator("names", 0.3, calls.defaults_for_nothing),
    "generator": Operator("names", 0.3, calls.generators),
    "same-place": Operator("names", 0.35, pieces.same_place),
    "piece": Operator("names", 0.12, pieces.anything_near),
    "value-for-name": Operator("names", 0.2, pieces.names_by_values),
    "piece-of-the-file": Operator("names", 0.12, pieces.from_other_functions),
    "left-out": Operator("statements", 0.25, statements.left_out),
    "moved": Operator("statements", 0.4, statements.moved),
    "other-block": Operator("statements", 0.4, statements.out_of_block),
    "turned": Operator("statements", 0.4, statements.turned),
    "exchanged": Operator("statements", 0.25, statements.exchanged),
    "repeated": Operator("statements", 0.25, statements.inserted),
    "repeated-otherwise": Operator("statements", 0.12, statements.inserted_otherwise),
    "step-inserted": Operator("statements", 0.2, statements.steps_inserted),
    "assignment-inserted": Operator("statements", 0.08, statements.assignments_inserted),
    "returned": Operator("statements", 0.6, statements.returned),
    "base-case": Operator("statements", 0.15, guards.base_cases),
    "case": Operator("statements", 0.06, guards.cases),
    "only-if": Operator("statements", 0.1, guards.only_if),
    "value-unless": Operator("statements", 0.12, guards.values_unless),
    "default-parameter": Operator("statements", 0.3, guards.default_parameters),
    "exception": Operator("statements", 0.6, guards.exceptions),
    "wider-exception": Operator("statements", 0.4, guards.wider_elsewhere),
    "raised": Operator("statements", 0.15, guards.raised),
    "protected": Operator("statements", 0.05, guards.protected),
}
"""By name; where nothing else decides, in this order."""
