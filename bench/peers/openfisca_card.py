"""The card's last day as an OpenFisca system: dated parameters, one formula.

Run by ``bench/law.py`` in an environment that has openfisca-core. Reads
``single N`` or ``at_once N`` from standard input and answers in JSON lines.
"""

import json
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from openfisca_core import entities, parameters, periods, taxbenefitsystems, variables
from openfisca_core.simulation_builder import SimulationBuilder

_ASKED = "2023"
"""The period of all variables: any will do, the days are values."""

PERSON = entities.Entity("person", "persons", "A holder of a card", "")


def parameter(name: str, values: dict[str, int]) -> parameters.Parameter:
    dated = {day: {"value": value} for day, value in values.items()}
    return parameters.Parameter(name, {"values": dated})


def day_variable(name: str) -> type[variables.Variable]:
    return type(
        name,
        (variables.Variable,),
        {
            "value_type": date,
            "entity": PERSON,
            "definition_period": periods.YEAR,
        },
    )


def birthday(born: np.ndarray, year: np.ndarray) -> np.ndarray:
    """The birthday in calendar years; nobody here is born on 29 February."""
    month = born.astype("datetime64[M]")
    day = (born - month).astype("timedelta64[D]")
    moved = (year - 1970) * 12 + month.astype(int) % 12
    return moved.astype("datetime64[M]").astype("datetime64[D]") + day


def year_of(day: np.ndarray) -> np.ndarray:
    return day.astype("datetime64[Y]").astype(int) + 1970


class expiry(variables.Variable):
    value_type = date
    entity = PERSON
    definition_period = periods.YEAR

    def formula(person, period, parameters_at):
        born, applied = person("born", period), person("applied", period)
        issued, stay = person("issued", period), person("stay_until", period)
        old, new = (parameters_at(day).validity for day in ("2022-03-31", "2022-04-01"))
        threshold = np.where(
            applied < np.datetime64("2022-04-01"), old.adult_age, new.adult_age
        )
        age = year_of(applied) - year_of(born)
        age = np.where(birthday(born, year_of(applied)) <= applied, age, age - 1)
        n = np.where(age >= threshold, new.adult_birthdays, new.minor_birthdays)
        first = year_of(issued)
        first = np.where(birthday(born, first) > issued, first, first + 1)
        return np.minimum(birthday(born, first + n - 1), stay)


def system() -> taxbenefitsystems.TaxBenefitSystem:
    made = taxbenefitsystems.TaxBenefitSystem([PERSON])
    for name in ("born", "applied", "issued", "stay_until"):
        made.add_variable(day_variable(name))
    made.add_variable(expiry)
    node = parameters.ParameterNode("", data={})
    validity = parameters.ParameterNode("validity", data={})
    for name, values in (
        ("adult_age", {"2015-10-05": 20, "2022-04-01": 18}),
        ("adult_birthdays", {"2015-10-05": 10}),
        ("minor_birthdays", {"2015-10-05": 5}),
    ):
        validity.add_child(name, parameter(f"validity.{name}", values))
    node.add_child("validity", validity)
    made.parameters = node
    return made


def simulate(made, columns: list[np.ndarray]) -> np.ndarray:  # type: ignore[no-untyped-def]
    simulation = SimulationBuilder().build_default_simulation(made, len(columns[0]))
    for name, column in zip(
        ("born", "applied", "issued", "stay_until"), columns, strict=True
    ):
        simulation.set_input(name, _ASKED, column)
    return simulation.calculate("expiry", _ASKED)


def main() -> None:
    rows = [line.split(",") for line in Path(sys.argv[1]).read_text().splitlines()]
    columns = [
        np.array(column, dtype="datetime64[D]") for column in zip(*rows, strict=True)
    ]
    made = system()
    offset = 719163  # the ordinal of 1 January 1970
    print(json.dumps({"version": version("openfisca-core")}), flush=True)
    for line in sys.stdin:
        what, text = line.split()
        count = int(text)
        start = time.perf_counter()
        if what == "single":
            found = [
                simulate(made, [c[i : i + 1] for c in columns])[0] for i in range(count)
            ]
            seconds = time.perf_counter() - start
            told = {"answers": [int(d.astype(int)) + offset for d in found]}
        else:
            days = simulate(made, [c[:count] for c in columns])
            seconds = time.perf_counter() - start
            told = {"sum": int(days.astype(int).sum()) + offset * count}
        print(json.dumps(told | {"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
