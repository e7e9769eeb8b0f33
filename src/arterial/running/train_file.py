"""Reading a train from a TOML file, every fault named by its key.

The unit of a value is part of its key (`mass_t` or `mass_kg`), so that a file can follow its
source; `read_train_toml` turns it into SI. Unknown keys are refused. The page
`docs/verification/running_times.md` shows files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from arterial.errors import Fault, LimitError, StudyError
from arterial.running.adhesion import ADHESION_LAWS
from arterial.running.resistance import (
    RESISTANCE_FORMULAS,
    Resistance,
    VehicleResistance,
    combine_resistance,
)
from arterial.running.train import BrakeRule, LimitRule, MassModel, Train
from arterial.study.csvtext import read_bounded
from arterial.study.settingsfile import load_toml
from arterial.units import GRAVITY_M_S2, TONNE_TO_KG, kmh_to_ms, ms_to_kmh

__all__ = ["TrainFile", "read_train_toml"]

KILO: Final = 1000.0
RULE_NAMES: Final = {"const": "constant", "max": "maximum"}

Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Rule = Annotated[
    BrakeRule,
    BeforeValidator(lambda x: RULE_NAMES.get(x.lower(), x.lower()) if isinstance(x, str) else x),
]


class Table(BaseModel):
    """A table of the file: frozen, no unknown keys, numbers never from text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class ResistancePart(Table):
    """Vehicles of a train whose resistance follows a named formula."""

    formula: Literal[*RESISTANCE_FORMULAS]  # type: ignore[valid-type]
    mass_t: Number
    axle_load_t: Number = 1.0


class ResistanceTable(Table):
    """A + B v + C v² of the whole train, with v in m/s or in km/h, or formulas by vehicle."""

    a_n: Number | None = None
    b_n_per_ms: Number | None = None
    c_n_per_ms2: Number | None = None
    b_n_per_kmh: Number | None = None
    c_n_per_kmh2: Number | None = None
    parts: tuple[ResistancePart, ...] = ()


class EffortTable(Table):
    """Effort at the wheel as a table of speed and force, as caps, or both."""

    speed_ms: tuple[Number, ...] = ()
    speed_kmh: tuple[Number, ...] = ()
    effort_n: tuple[Number, ...] = ()
    effort_kn: tuple[Number, ...] = ()
    table_ms_n: tuple[tuple[Number, Number], ...] = ()
    table_ms_kn: tuple[tuple[Number, Number], ...] = ()
    table_kmh_n: tuple[tuple[Number, Number], ...] = ()
    table_kmh_kn: tuple[tuple[Number, Number], ...] = ()
    effort_max_n: Number | None = None
    effort_max_kn: Number | None = None
    power_w: Number | None = None
    power_kw: Number | None = None
    rated_power_kw: Number | None = None
    adhesion: Literal[*ADHESION_LAWS] | None = None  # type: ignore[valid-type]
    adhesive_mass_t: Number | None = None
    adhesion_factor: Number = 1.0


class BrakingTable(Table):
    """How the train brakes: a rule and its value."""

    rule: Rule
    deceleration_m_s2: Number | None = None
    force_n: Number | None = None
    force_kn: Number | None = None


class TrainTable(Table):
    """A whole train file."""

    name: str = ""
    mass_t: Number | None = None
    mass_kg: Number | None = None
    rotating_mass_coefficient: Number | None = None
    rotating_mass_t: Number | None = None
    rotating_mass_kg: Number | None = None
    length_m: Number
    top_speed_kmh: Number | None = None
    top_speed_ms: Number | None = None
    gravity_m_s2: Number = GRAVITY_M_S2
    mass_model: MassModel = MassModel.STRIP
    limit_rule: LimitRule = LimitRule.TAIL
    check_resistance: bool = True
    start_position_m: Number | None = None
    start_speed_kmh: Number | None = None
    start_speed_ms: Number | None = None
    resistance: ResistanceTable
    effort: EffortTable
    braking: BrakingTable


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainFile:
    """A train read from a file, with where and how it starts.

    Parameters
    ----------
    train : Train
        The train.
    name : str
        Its name; empty when the file gives none.
    start_position_m : float or None
        Where the head starts [m]; None is the start of the path.
    start_speed_kmh : float
        Speed at the start [km/h].
    defaults : tuple of str
        Every default that was used, as ``key = value``.
    """

    train: Train
    name: str
    start_position_m: float | None
    start_speed_kmh: float
    defaults: tuple[str, ...]


def read_train_toml(file: Path | str) -> TrainFile:
    """Train from a TOML file.

    Parameters
    ----------
    file : path
        The file, UTF-8.

    Returns
    -------
    TrainFile
        The train and its start.

    Raises
    ------
    StudyError
        With every fault found, each with its key and cure.
    """
    file = Path(file)
    message = f"The train {file.name} is faulty."
    content = _read_toml(file)
    try:
        table = TrainTable.model_validate(content)
    except ValidationError as error:
        faults = [_word_fault(dict(fault), file.name) for fault in error.errors()]
        raise StudyError(message, faults) from None
    picker = UnitPicker(file.name)
    try:
        train = _build_train(table, picker)
    except LimitError as error:
        picker.faults.extend(error.faults)
    start_ms = picker.pick(table, {"start_speed_kmh": kmh_to_ms(1.0), "start_speed_ms": 1.0})
    if picker.faults:
        faults = [
            Fault(fault.cause, fault.cure, file=file.name, column=fault.column)
            for fault in picker.faults
        ]
        raise StudyError(message, faults)
    return TrainFile(
        train=train,
        name=table.name,
        start_position_m=table.start_position_m,
        start_speed_kmh=ms_to_kmh(start_ms or 0.0),
        defaults=_list_defaults(table),
    )


def _read_toml(file: Path) -> dict[str, Any]:
    """Content of a TOML file, or a `StudyError` that says why it cannot be read."""
    try:
        return load_toml(read_bounded(file).decode("utf-8-sig"))
    except OSError as error:
        cause, cure = f"It cannot be read: {error.strerror}.", "Check its name and its place."
    except UnicodeDecodeError:
        cause, cure = "It is not UTF-8 text.", "Save it in UTF-8."
    # Python refuses numbers of thousands of digits and tables nested by the hundred.
    except (ValueError, RecursionError) as error:
        cause, cure = f"It is not TOML: {error}.", "Correct the line that is named."
    message = f"The train {file.name} cannot be read."
    raise StudyError(message, [Fault(cause, cure, file=file.name)])


class UnitPicker:
    """Takes one value out of keys that name the same quantity in different units."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def pick(
        self, table: Table, factors: Mapping[str, float], *, is_required: bool = False
    ) -> float | None:
        """Value in SI of the one key that is given; more than one, or none needed, is a fault."""
        given = [key for key in factors if getattr(table, key) is not None]
        keys = " or ".join(factors)
        if len(given) > 1 or (is_required and not given):
            cause = "It is given more than once." if given else "It is missing."
            self.faults.append(Fault(cause, f"Give one of {keys}.", column=next(iter(factors))))
        return float(getattr(table, given[0])) * factors[given[0]] if given else None

    def need(self, table: Table, factors: Mapping[str, float]) -> float:
        """Like `pick`, for a value that must be given; NaN stands in after a fault."""
        value = self.pick(table, factors, is_required=True)
        return float("nan") if value is None else value


def _build_train(table: TrainTable, picker: UnitPicker) -> Train:
    """The train in SI; conflicts of keys are left with the picker."""
    mass_kg = picker.need(table, {"mass_t": TONNE_TO_KG, "mass_kg": 1.0})
    rotating = {
        "rotating_mass_t": TONNE_TO_KG,
        "rotating_mass_kg": 1.0,
        "rotating_mass_coefficient": 1.0,
    }
    rotating_mass_kg = picker.pick(table, rotating, is_required=True)
    coefficient = table.rotating_mass_coefficient
    resistance = _build_resistance(table.resistance, picker, table.gravity_m_s2)
    effort = table.effort
    curve = _read_effort_table(effort, picker)
    rated = picker.pick(effort, {"rated_power_kw": KILO})
    power = picker.pick(effort, {"power_w": 1.0, "power_kw": KILO})
    force = picker.pick(effort, {"effort_max_n": 1.0, "effort_max_kn": KILO})
    adhesive = picker.pick(effort, {"adhesive_mass_t": TONNE_TO_KG})
    brake = _read_brake(table.braking, picker)
    top_speed_ms = picker.need(table, {"top_speed_kmh": kmh_to_ms(1.0), "top_speed_ms": 1.0})
    if picker.faults:
        message = "Keys of the train contradict each other."
        raise LimitError(message)
    unlimited = float("inf")
    return Train(
        mass_kg=mass_kg,
        length_m=table.length_m,
        rotating_mass_coefficient=1.0 if coefficient is None else coefficient,
        rotating_mass_kg=rotating_mass_kg if coefficient is None else None,
        resistance_a_n=resistance.a_n,
        resistance_b_n_per_ms=resistance.b_n_per_ms,
        resistance_c_n_per_ms2=resistance.c_n_per_ms2,
        effort_speed_ms=[speed for speed, _ in curve],
        effort_n=[newtons for _, newtons in curve],
        effort_max_n=unlimited if force is None else force,
        power_w=unlimited if power is None else power,
        rated_power_w=unlimited if rated is None else rated,
        adhesion=None if effort.adhesion is None else ADHESION_LAWS[effort.adhesion],
        adhesive_mass_kg=adhesive or 0.0,
        adhesion_factor=effort.adhesion_factor,
        top_speed_ms=top_speed_ms,
        brake_rule=table.braking.rule,
        brake_value=brake,
        limit_rule=table.limit_rule,
        mass_model=table.mass_model,
        gravity_m_s2=table.gravity_m_s2,
        check_resistance=table.check_resistance,
    )


def _build_resistance(
    table: ResistanceTable, picker: UnitPicker, gravity_m_s2: float
) -> Resistance:
    """Coefficients for m/s, from coefficients or from formulas."""
    linear = {"b_n_per_ms": 1.0, "b_n_per_kmh": ms_to_kmh(1.0)}
    square = {"c_n_per_ms2": 1.0, "c_n_per_kmh2": ms_to_kmh(1.0) ** 2}
    if table.parts:
        given = [key for key in ("a_n", *linear, *square) if getattr(table, key) is not None]
        if given:
            cause = f"Resistance is given by formulas and by {', '.join(given)}."
            picker.faults.append(Fault(cause, "Give one or the other.", column="resistance"))
        return combine_resistance(
            [
                VehicleResistance(
                    formula=RESISTANCE_FORMULAS[part.formula],
                    mass_kg=part.mass_t * TONNE_TO_KG,
                    axle_load_t=part.axle_load_t,
                )
                for part in table.parts
            ],
            gravity_m_s2=gravity_m_s2,
        )
    return Resistance(
        a_n=picker.need(table, {"a_n": 1.0}),
        b_n_per_ms=picker.need(table, linear),
        c_n_per_ms2=picker.need(table, square),
    )


def _read_effort_table(table: EffortTable, picker: UnitPicker) -> list[tuple[float, float]]:
    """Pairs of speed [m/s] and effort [N] from whichever keys give them."""
    kmh = kmh_to_ms(1.0)
    pairs: list[list[tuple[float, float]]] = []
    for speeds, speed_factor in ((table.speed_ms, 1.0), (table.speed_kmh, kmh)):
        for efforts, factor in ((table.effort_n, 1.0), (table.effort_kn, KILO)):
            if speeds and len(speeds) == len(efforts):
                rows = zip(speeds, efforts, strict=True)
                pairs.append([(v * speed_factor, f * factor) for v, f in rows])
    n_columns = sum(map(bool, (table.speed_ms, table.speed_kmh, table.effort_n, table.effort_kn)))
    tables = (
        (table.table_ms_n, 1.0, 1.0),
        (table.table_ms_kn, 1.0, KILO),
        (table.table_kmh_n, kmh, 1.0),
        (table.table_kmh_kn, kmh, KILO),
    )
    pairs.extend(
        [(v * speed_factor, f * factor) for v, f in rows]
        for rows, speed_factor, factor in tables
        if rows
    )
    is_matched = n_columns in {0, 2} and (n_columns == 0 or len(pairs) > 0)
    if len(pairs) > 1 or not is_matched:
        cause = "The effort table is given more than once, or speeds and efforts do not match."
        cure = "Give one list of speeds and one of as many efforts, or one table of pairs."
        picker.faults.append(Fault(cause, cure, column="effort"))
        return []
    return pairs[0] if pairs else []


def _read_brake(table: BrakingTable, picker: UnitPicker) -> float:
    """Deceleration [m/s²] or force [N], as the rule asks."""
    forces = {"force_n": 1.0, "force_kn": KILO}
    if table.rule is BrakeRule.FORCE:
        wanted, other = forces, {"deceleration_m_s2": 1.0}
    else:
        wanted, other = {"deceleration_m_s2": 1.0}, forces
    for key in other:
        if getattr(table, key) is not None:
            cause = f"{key} does not belong to the rule {table.rule.value!r}."
            picker.faults.append(Fault(cause, "Remove it.", column=f"braking.{key}"))
    return picker.need(table, wanted)


def _word_fault(error: Mapping[str, Any], file: str) -> Fault:
    """A fault of pydantic in the words of this program."""
    path = [str(part) for part in error["loc"]]
    key = ".".join(path)
    if error["type"] == "extra_forbidden":
        known = _known_keys(path[:-1])
        near = tuple(get_close_matches(path[-1], known, n=2))
        cure = f"Known here: {', '.join(known)}."
        return Fault(f"The key {path[-1]!r} is unknown.", cure, file=file, column=key, near=near)
    if error["type"] == "missing":
        return Fault(f"The key {path[-1]!r} is missing.", "Add it.", file=file, column=key)
    return Fault(f"{error['msg']}.", "Correct the value.", file=file, column=key)


def _known_keys(path: list[str]) -> list[str]:
    """Keys of the table at a path of keys."""
    model: type[BaseModel] = TrainTable
    for part in path:
        if part not in model.model_fields:
            continue
        annotation = model.model_fields[part].annotation
        options = (annotation, *get_args(annotation))
        model = next(
            (x for x in options if isinstance(x, type) and issubclass(x, BaseModel)), model
        )
    return list(model.model_fields)


def _list_defaults(table: TrainTable) -> tuple[str, ...]:
    """Defaults that were used, of the keys that have one other than not given."""
    rows = [(prefix, model) for prefix, model in (("", table), ("effort.", table.effort))]
    return tuple(
        f"{prefix}{key} = {getattr(model, key)}"
        for prefix, model in rows
        for key in type(model).model_fields
        if key not in model.model_fields_set and getattr(model, key) not in (None, (), "")
    )
