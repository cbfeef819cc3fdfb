"""Recipes: complete TOML files that become frozen, checked objects. Nothing is read from afar.

`Options` is the base of everything a user can set: a front end, a phase method, a family's
network, training. Each field is made by `option` and so carries its sentence, unit and range; the
command line, the recipe files and the documentation render the same description.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    field_validator,
    model_validator,
)

from timbrel import plugins
from timbrel.errors import RecipeError, UnknownNameError, did_you_mean
from timbrel.settings import with_settings

Kind = TypeVar("Kind", bound="Options")


class Options(BaseModel):
    """The base of all settings: immutable, complete, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def option(
    default: Any,
    sentence: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """Describes one setting: its default, what it does, its unit and the range accepted.

    Args:
        default: The value where a recipe says nothing; ``...`` where it must say something.
        sentence: What it does, for help texts and pages.
        unit: The unit of the value, such as "Hz"; empty for counts and ratios.
        low: The lowest value accepted.
        high: The highest value accepted.

    Returns:
        A pydantic field.

    Example:
        >>> class Window(Options):
        ...     n_fft: int = option(1024, "Length of the window.", unit="samples", low=16)
        >>> Window().n_fft
        1024
    """
    return Field(default, description=sentence, ge=low, le=high, json_schema_extra={"unit": unit})


class TrainingOptions(Options):
    """How the one training loop treats a recipe's network."""

    batch_size: int = option(64, "Sounds a step, or slices of sounds.", low=1, high=4096)
    optimiser: Literal["adamw", "adam"] = option(
        "adamw", "How the weights move: adamw decays them apart from the gradient, adam through it."
    )
    learning_rate: float = option(1e-3, "Step size of the optimiser at the start.", low=0, high=1)
    learning_rate_end: float = option(1e-5, "The lowest the learning rate falls to.", low=0, high=1)
    schedule: Literal["plateau", "cosine", "hold"] = option(
        "plateau", "How the rate falls: on a plateau, along a cosine over the budget, or not."
    )
    plateau_factor: float = option(0.2, "What a plateau multiplies the rate by.", low=0.01, high=1)
    plateau_patience: int = option(5, "Validations without gain that make a plateau.", low=1)
    warmup_steps: int = option(0, "Steps over which the rate rises from zero.", low=0)
    weight_decay: float = option(0.0, "Weight decay.", low=0, high=1)
    beta_1: float = option(0.9, "Adam's decay of the first moment.", low=0, high=0.9999)
    beta_2: float = option(0.999, "Adam's decay of the second moment.", low=0, high=0.99999)
    gradient_clip: float = option(0.0, "Largest norm of the gradient; 0 clips nothing.", low=0)
    steps: int = option(10_000, "Steps at most, where no budget is given.", low=1)
    epochs: int = option(
        0, "Passes over the sounds at most, where no budget is given; 0 counts steps.", low=0
    )
    validate_every_steps: int = option(
        100, "Steps between validations; 0 validates once an epoch.", low=0
    )
    patience_validations: int = option(
        0, "Validations without gain after which training stops; 0 never stops early.", low=0
    )
    ema_decay: float = option(
        0.0,
        "Decay of the averaged weights that the instrument keeps; 0 averages nothing.",
        low=0,
        high=0.99999,
    )
    precision: Literal["float32", "bfloat16"] = option(
        "float32",
        "Number format of the heavy arithmetic; bfloat16 is used where the machine counts in it, "
        "and float32 elsewhere.",
    )
    compile: bool = option(False, "Whether torch compiles the network first (costs a minute).")
    balance_labels: bool = option(False, "Whether each label is drawn equally often.")
    previews: int = option(4, "Sounds that are reconstructed at each preview.", low=0, high=64)


class Recipe(Options):
    """All that `train` needs to know: family, front end, phase method, network, training.

    Attributes:
        front_end: A frozen front end of `timbrel.signal.frontends`.
        phase: A frozen phase method of `timbrel.signal.phase`.
        network: The family's own options.
    """

    name: str = option(..., "The name by which `train` knows it.")
    title: str = option(..., "One line for a list.")
    about: str = option(..., "What it is for and where it comes from.")
    family: str = option(..., "The kind of model, a folder of `families`.")
    sample_rate: int = option(
        44_100, "Rate at which it hears and plays.", unit="Hz", low=1000, high=768_000
    )
    duration_s: float = option(2.0, "Length it hears and plays.", unit="s", low=0.05, high=3600)
    pieces: bool = option(
        False, "Whether a longer sound is cut into pieces of that length, or only begun."
    )
    skip_s: float = option(
        0.0, "Left out at the beginning of a sound that is cut.", unit="s", low=0, high=3600
    )
    front_end: SerializeAsAny[Options] = option(..., "How sound is encoded for the network.")
    phase: SerializeAsAny[Options] = option(..., "How magnitudes become a waveform again.")
    network: SerializeAsAny[Options] = option(..., "The family's network and objective.")
    training: TrainingOptions = option(..., "The training loop's settings.")

    @field_validator("front_end", mode="before")
    @classmethod
    def _front_end(cls, value: Any) -> Any:
        return _plugin_options("signal.frontends", value)

    @field_validator("phase", mode="before")
    @classmethod
    def _phase(cls, value: Any) -> Any:
        return _plugin_options("signal.phase", value)

    @model_validator(mode="after")
    def _one_range(self) -> "Recipe":
        unit_db = getattr(self.network, "unit_db", None)
        range_db = getattr(self.front_end, "range_db", unit_db)
        if unit_db is not None and unit_db != range_db:
            raise ValueError(
                f"network.unit_db {unit_db:g} and front_end.range_db {range_db:g}: set both alike"
            )
        return self

    @model_validator(mode="after")
    def _skips_what_is_cut(self) -> "Recipe":
        if self.skip_s and not self.pieces:
            raise ValueError(f"skip_s {self.skip_s:g} and no pieces: set pieces = true as well")
        return self

    @property
    def length_samples(self) -> int:
        """The length it hears and plays, in samples."""
        return round(self.duration_s * self.sample_rate)


def _plugin_options(room: str, value: Any) -> Any:
    """A table with a ``name`` becomes the plug-in's own options; anything else is left alone."""
    if not isinstance(value, Mapping):
        return value
    name = str(value.get("name", ""))
    return checked(plugins.load(room, name), value)


def checked(kind: type[Kind], table: Mapping[str, Any]) -> Kind:
    """Turns a plain table into options, and a fault in it into an error for people.

    Args:
        kind: Which options.
        table: Key to value; groups are tables.

    Returns:
        The options.

    Raises:
        RecipeError: When a key is missing, misspelt or out of range.

    Example:
        >>> checked(TrainingOptions, {"batch_size": 8}).batch_size
        8
    """
    try:
        return kind.model_validate(dict(table))
    except ValidationError as error:
        raise RecipeError(*_explained(error, kind)) from None


def _explained(error: ValidationError, kind: type[Options]) -> tuple[str, str, str]:
    """Says the first fault of a validation in our words: given, accepted, advice."""
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        names = list(_model_at(kind, fault["loc"][:-1]).model_fields)
        return (
            f"no setting {where!r}{did_you_mean(str(fault['loc'][-1]), names)}",
            ", ".join(names),
            "",
        )
    if fault["type"] == "missing":
        return f"the setting {where!r} is missing", "a complete recipe", f"add {where!r}"
    said = str(fault["msg"]).removeprefix("Value error, ")
    if not where:  # settings that do not fit each other
        return said, "settings that fit together", ""
    return f"{where} = {fault['input']!r}", said.lower(), ""


def _model_at(kind: type[Options], path: Iterable[Any]) -> type[Options]:
    for part in path:
        if isinstance(part, int):
            continue  # a place in a list: what stands there is known already
        inner = kind.model_fields[str(part)].annotation
        for one in (inner, *get_args(inner)):
            if isinstance(one, type) and issubclass(one, Options):
                kind = one
    return kind


def parse(table: Mapping[str, Any]) -> Recipe:
    """Turns the tables of a recipe file into a checked recipe.

    Args:
        table: What `tomllib` read.

    Returns:
        The recipe, with every plug-in's own options in place.

    Raises:
        RecipeError: When a key is missing, misspelt or out of range.
        UnknownNameError: When it names a family, front end or phase method that does not exist.
    """
    table = dict(table)
    family = plugins.load("families", str(table.get("family", "")))
    if isinstance(table.get("network"), Mapping):
        table["network"] = checked(family.config, table["network"])
    return checked(Recipe, table)


def as_table(recipe: Recipe) -> dict[str, Any]:
    """Gives a recipe as plain tables, ready for TOML or JSON; `parse` reads them back.

    Args:
        recipe: Any recipe.

    Returns:
        Nested dictionaries of numbers, booleans and strings.
    """
    return recipe.model_dump(mode="json")


def read(path: Path) -> Recipe:
    """Reads a recipe file.

    Args:
        path: A TOML file.

    Returns:
        The checked recipe.

    Raises:
        RecipeError: When the file cannot be read, is no TOML or does not fit.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"cannot read {path} ({error.strerror})", "a TOML file") from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits among them
        raise RecipeError(f"{path} is no TOML ({error})", "a recipe file") from None
    return parse(table)


def _shipped() -> dict[str, Path]:
    """Finds the recipe files that families ship, by name; nothing is imported or parsed."""
    root = Path(str(files("timbrel"))) / "families"
    return {file.stem: file for file in sorted(root.glob("*/recipes/*.toml"))}


def names() -> list[str]:
    """Lists the recipes that ship with timbrel.

    Returns:
        Their names in alphabetical order.

    Example:
        >>> "sample-vae-s3" in names()
        True
    """
    return sorted(_shipped())


def find(name: str) -> Recipe:
    """Finds a recipe by name, or reads one from a path that ends in ``.toml``.

    Args:
        name: A shipped recipe's name or the path of a recipe file.

    Returns:
        The checked recipe.

    Raises:
        UnknownNameError: When there is no such recipe.
    """
    if name.endswith(".toml"):
        return read(Path(name))
    shipped = _shipped()
    if name not in shipped:
        raise UnknownNameError("recipe", name, shipped)
    return read(shipped[name])


def override(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Changes settings of a recipe, checked as if they stood in its file.

    Args:
        recipe: The recipe to start from.
        settings: Each ``key=value``, the key dotted (``training.batch_size=32``), the value as
            TOML (``true``, ``0.5``, ``"cosine"``) or a bare word.

    Returns:
        A new recipe.

    Raises:
        RecipeError: When a setting has no ``=``, an unknown key or a value that does not fit.
    """
    return parse(with_settings(as_table(recipe), settings, "training.batch_size=32"))


def changed(options: Options, settings: Iterable[str]) -> Options:
    """Changes settings of any options, checked by the same rules.

    Args:
        options: The options to start from.
        settings: Each ``key=value``, the value as TOML or a bare word.

    Returns:
        New options of the same kind.

    Raises:
        RecipeError: When a setting has no ``=``, an unknown key or a value that does not fit.

    Example:
        >>> changed(TrainingOptions(), ["batch_size=8"]).batch_size
        8
    """
    table = options.model_dump(mode="json")
    return checked(type(options), with_settings(table, settings, "batch_size=32"))


def as_toml(recipe: Recipe) -> str:
    """Writes a recipe as a complete TOML file, each setting with its sentence and unit.

    Args:
        recipe: Any recipe.

    Returns:
        The text of the file; `parse` of it gives the same recipe.
    """
    groups = ["front_end", "phase", "network", "training"]
    lines = _setting_lines(recipe, [name for name in Recipe.model_fields if name not in groups])
    for group in groups:
        options = getattr(recipe, group)
        lines += ["", f"[{group}]", *_setting_lines(options, type(options).model_fields)]
    return "\n".join(lines) + "\n"


def _setting_lines(options: Options, names: Iterable[str]) -> list[str]:
    table = options.model_dump(mode="json")
    return [_setting_line(options, name, table[name]) for name in names]


def _setting_line(options: Options, name: str, value: Any) -> str:
    field = type(options).model_fields[name]
    extra = field.json_schema_extra
    unit = f" [{extra['unit']}]" if isinstance(extra, dict) and extra.get("unit") else ""
    comment = f"  # {field.description}{unit}" if field.description else ""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}{comment}"
