"""What a chart is drawn from, ready to be sent to the process that draws: all words are in it."""

from pydantic import BaseModel, ConfigDict


class Series(BaseModel):
    """One layer of stacked bars, or one line; a line has gaps where there is None."""

    model_config = ConfigDict(frozen=True)

    name: str
    color: str
    values: tuple[float | None, ...]


class Bar(BaseModel):
    """note: what stands beside it."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    note: str


class Chart(BaseModel):
    """labels: the days, as many as each series has values. summary: (what, how much) at the top."""

    model_config = ConfigDict(frozen=True)

    title: str
    summary: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    outcomes_title: str
    outcomes: tuple[Series, ...]
    times_title: str
    times: tuple[Series, ...]
    units_title: str
    units: Series
    providers_title: str
    providers: tuple[Bar, ...]
    people_title: str
    people: tuple[Bar, ...]
    empty: str
