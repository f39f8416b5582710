"""Values that are frozen and compared by what they hold, as many as there are."""

from collections.abc import Mapping
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

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        # What a factory makes is made once: it is as frozen as the values that begin with it.
        cls._blank = {one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(cls)}

    def __init__(self, *given: object, **named: object) -> None:
        values = self.__dict__
        values.update(self._blank)
        if given:
            values.update(zip(self.__match_args__, given))  # noqa: B905 - as many as there are; saying so takes time for each event
        if named:
            values.update(named)
        if len(given) > len(self.__match_args__) or len(values) > len(self._blank) or MISSING in values.values():
            raise TypeError(f"{type(self).__name__} has {', '.join(self._blank) or 'no fields'}; given were {given} and {named}")

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __setattr__(self, name: str, value: object) -> Never:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> Never:
        raise FrozenInstanceError(f"cannot delete field {name!r}")
