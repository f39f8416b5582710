"""Values that are frozen and compared by what they hold, as many as there are."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Never, dataclass_transform


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value:
    """A frozen dataclass whose methods stand here once for all: `dataclasses` takes its time to write them for each class."""

    if TYPE_CHECKING:  # whoever asks for the types of the fields is not told of these
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
        __match_args__: ClassVar[tuple[str, ...]]
        _blank: ClassVar[Mapping[str, object]]
        """Every field with its default, in the order in which they are given."""
        _makers: ClassVar[tuple[tuple[str, Callable[[], object]], ...]]
        """The fields whose default is made anew for each value, and what makes it."""
        _compared: ClassVar[tuple[str, ...]]
        """The fields by which two values are the same."""

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        every = fields(cls)
        cls._blank = {one.name: one.default for one in every}
        cls._makers = tuple((one.name, one.default_factory) for one in every if one.default_factory is not MISSING)
        cls._compared = tuple(one.name for one in every if one.compare)

    def __init__(self, *given: object, **named: object) -> None:
        values = self.__dict__
        values.update(self._blank)
        if given:
            values.update(zip(self.__match_args__, given))  # noqa: B905 - as many as there are; saying so takes time for each event
        if named:
            values.update(named)
        for name, make in self._makers:
            if values[name] is MISSING:
                values[name] = make()
        if len(given) > len(self.__match_args__) or len(values) > len(self._blank) or MISSING in values.values():
            raise TypeError(f"{type(self).__name__} has {', '.join(self._blank) or 'no fields'}; given were {given} and {named}")

    def _told(self) -> Mapping[str, object]:
        """What counts when values are compared: mostly all there is, without what was worked out from it and is kept."""
        values = self.__dict__
        return values if len(values) == len(self._compared) else {name: values[name] for name in self._compared}

    def __eq__(self, other: object) -> bool:
        return self._told() == other._told() if isinstance(other, Value) and type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self._told().values()))

    def __repr__(self) -> str:
        shown = (f"{one.name}={self.__dict__[one.name]!r}" for one in fields(self) if one.repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> Never:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> Never:
        raise FrozenInstanceError(f"cannot delete field {name!r}")
