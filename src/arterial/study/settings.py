"""Settings of a study: the file ``study.toml``, checked key by key.

The main class is `Settings`; `parse_settings` reads the text of a file and gives every fault at
once. Settings are frozen, an unknown key is refused, and `Settings.model_copy` gives a variant.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from arterial.units import GRAVITY_M_S2

__all__ = [
    "SCHEMA_VERSION",
    "SITE_MARK",
    "CampaignSettings",
    "GradientAssumption",
    "ReportSettings",
    "RunningSettings",
    "Settings",
    "TimetableSettings",
]

SCHEMA_VERSION: Final = 1
SITE_MARK: Final = ":"
"""Between asset and work in the id of a work site, as in `must_do`."""
# As of the dates in tables; a calendar can still be gone over.
FIRST_DAY: Final = dt.date(1800, 1, 1)
LAST_DAY: Final = dt.date(2199, 12, 31)
MOST_DAYS: Final = 7306
"""Version of the tables and settings that this program reads."""

_Ids = Annotated[tuple[str, ...], Field(strict=False)]


class GradientAssumption(StrEnum):
    """How unknown gradients are drawn between the ends of a section."""

    ROLLING = "rolling"
    LEVEL = "level"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class RunningSettings(_Frozen):
    """Settings of running times, the part ``[running]``."""

    braking_deceleration_ms2: float = Field(
        default=0.35, ge=0.01, le=2, description="Deceleration of service braking [m/s²]"
    )
    gradient_assumption: GradientAssumption = Field(
        default=GradientAssumption.ROLLING,
        strict=False,
        description="Profile where gradients are unknown: rolling hills, or level",
    )
    gradient_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of the ruling gradient that the rolling profile reaches [1]",
    )
    gradient_wave_km: float = Field(
        default=10.0, ge=0.1, le=1000, description="Length of one rise and fall [km]"
    )
    default_supplement_percent: float = Field(
        default=4.0,
        ge=0,
        le=200,
        description="Regularity supplement where a section states none [%]",
    )
    gravity_ms2: float = Field(
        default=GRAVITY_M_S2, ge=9.7, le=9.9, description="Acceleration of free fall [m/s²]"
    )


class TimetableSettings(_Frozen):
    """Settings of the timetable, the part ``[timetable]``."""

    minimum_connection_min: float = Field(
        default=90.0,
        ge=0,
        le=10_000,
        description="Time a coach needs between two trains where no procedure is given [min]",
    )
    default_dwell_min: float = Field(
        default=3.0, ge=0, le=1440, description="Standstill at a stop that states none [min]"
    )
    catch_up_days: int = Field(
        default=4, ge=0, le=40, description="How far to look for the next host train [d]"
    )


class ReportSettings(_Frozen):
    """Settings of the report, the part ``[report]``."""

    trip_ids: _Ids = Field(default=(), description="Trips that are shown first")
    route_ids: _Ids = Field(default=(), description="Routes that are shown first")


class ReliabilitySettings(_Frozen):
    """Settings of simulated operations, the part ``[reliability]``."""

    # What is not known moves a chance more than luck does: many draws of few replications.
    draws: int = Field(
        default=100, ge=1, le=10_000, description="Draws of uncertain inputs, each simulated alone"
    )
    replications: int = Field(
        default=10, ge=1, le=1_000_000, description="Simulated spans of time for each draw"
    )
    standard_error_points: float | None = Field(
        default=None,
        gt=0,
        le=50,
        description="Standard error of each service's chance to keep its announced day at which "
        "no more is simulated [percentage points]; empty = all replications",
    )
    line_draws: int = Field(
        default=6,
        ge=1,
        le=10_000,
        description="Draws with which the line is simulated, at most as many as there are",
    )
    line_days: int = Field(
        default=5,
        ge=1,
        le=1_000_000,
        description="Simulated days of the line with its other trains, for each draw and season",
    )
    simulate_from: dt.date | None = Field(
        default=None, description="First day of departure that is simulated; empty = the horizon"
    )
    simulate_to: dt.date | None = Field(
        default=None, description="Last day of departure that is simulated; empty = the horizon"
    )
    run_in_days: int = Field(
        default=42,
        ge=0,
        le=400,
        description="Days before the first simulated departure from which coach sets are followed "
        "uncounted, so that it is not the only one sure to find one [d]",
    )
    parameter_set: str = Field(
        default="literature_2026",
        pattern=r"^[a-z0-9_]+$",
        description="Named set of parameters for wear, failure and repair",
    )
    tolerance_min: float = Field(
        default=60.0, ge=0, le=100_000, description="Lateness that still counts as punctual [min]"
    )
    closed_line_wait_h: float = Field(
        default=24.0,
        gt=0,
        le=1000,
        description="Wait at a closed line after which a train, host or not, is taken off [h]",
    )
    closed_line_queue: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="Trains of a direction that may wait at a closed line; more are taken off",
    )
    link_wait_h: float = Field(
        default=2.0,
        ge=0,
        le=1000,
        description="How long a train waits for the one that brings its locomotive, set or "
        "passengers (train_links); then others take their place [h]",
    )
    cancel_after_h: float = Field(
        default=48.0,
        ge=0,
        le=1000,
        description="How long after its announced time a through coach leaves at most; then its "
        "trip is cancelled [h]",
    )


class EvidenceSettings(_Frozen):
    """Settings of what is learned from observations, the part ``[evidence]``."""

    draws: int = Field(
        default=300, ge=2, le=100_000, description="Pictures before and after learning, simulated"
    )
    replications: int = Field(
        default=4, ge=1, le=10_000, description="Simulated spans of time of each of them"
    )
    pictures: int = Field(
        default=1000, ge=100, le=1_000_000, description="Pictures weighed in a round of learning"
    )
    journeys: int = Field(
        default=200, ge=1, le=100_000, description="Simulated journeys by which one is weighed"
    )
    unmodelled_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of journeys that something delays which the model leaves out [1]",
    )
    unmodelled_mean_min: float = Field(
        default=60.0, gt=0, le=100_000, description="Mean of that delay [min]"
    )
    false_plan_chance: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Chance that a railway announces what cannot be [1]",
    )


class CampaignSettings(_Frozen):
    """Settings of the renewal campaign, the part ``[campaign]``."""

    first_month: dt.date | None = Field(
        default=None, description="First month of the campaign; empty = that of the horizon"
    )
    months: int = Field(default=36, ge=1, le=600, description="Months in which works may be done")
    discount_percent: float = Field(
        default=6.0, ge=0, le=100, description="Discount of worth that comes later [% a year]"
    )
    residual_years: float = Field(
        default=10.0,
        ge=0,
        le=100,
        description="Years behind the campaign over which its worth fades to nothing [y]",
    )
    derailment_worth_low_h: float = Field(
        default=100.0, ge=0, le=1e6, description="Least worth of a derailment avoided [train-hours]"
    )
    derailment_worth_h: float = Field(
        default=400.0, ge=0, le=1e6, description="Worth of a derailment avoided [train-hours]"
    )
    derailment_worth_high_h: float = Field(
        default=2000.0, ge=0, le=1e6, description="Most worth of a derailment avoided [train-hours]"
    )
    longest_wait_h: float = Field(
        default=24.0,
        gt=0,
        le=1000,
        description="Wait at a closed line after which a train is taken off; no more counts [h]",
    )
    longest_wait_low_h: float = Field(
        default=6.0, gt=0, le=1000, description="Shortest wait after which a train is taken off [h]"
    )
    longest_wait_high_h: float = Field(
        default=72.0, gt=0, le=1000, description="Longest wait after which a train is taken off [h]"
    )
    possession_window_low_h: float = Field(
        default=0.0, ge=0, le=744, description="Shortest window for works; 0 = no train waits [h]"
    )
    possession_window_h: float = Field(
        default=3.0,
        ge=0,
        le=744,
        description="Hours for which a line is closed for works at a time; 0 = no train waits [h]",
    )
    possession_window_high_h: float = Field(
        default=6.0, ge=0, le=744, description="Longest window for works [h]"
    )
    ratio_spread: float = Field(
        default=0.5,
        ge=0,
        le=10,
        description="Standard deviation of simulated over reckoned delay before it is seen [1]",
    )
    loops: int = Field(
        default=2, ge=0, le=20, description="Times that operations are simulated with the plan done"
    )
    time_limit_s: float = Field(
        default=15.0, gt=0, le=100_000, description="Wall time of the solver for each plan [s]"
    )
    must_do: _Ids = Field(
        default=(), description="Assets, or work sites as asset:work, that have to be in the plan"
    )

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        for name in ("derailment_worth", "longest_wait", "possession_window"):
            columns = [f"{name}{end}_h" for end in ("_low", "", "_high")]
            ends = [getattr(self, column) for column in columns]
            if ends != sorted(ends):
                message = f"{', '.join(columns)} fall"
                raise ValueError(message)
        if self.first_month is not None and self.first_month.day != 1:
            message = f"first_month ({self.first_month}) is not the first day of a month"
            raise ValueError(message)
        return self


class Settings(_Frozen):
    """Settings of a study.

    Examples
    --------
    >>> day = dt.date(2025, 6, 1)
    >>> settings = Settings(
    ...     schema_version=1, name="two_stations", title="Two stations", epoch=day,
    ...     horizon_from=day, horizon_to=day, as_of=day,
    ... )
    >>> settings.timetable.minimum_connection_min
    90.0
    """

    schema_version: int = Field(
        ge=SCHEMA_VERSION, le=SCHEMA_VERSION, description="Version of the tables and settings"
    )
    name: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="Short name of the study: letters, digits, underscore and hyphen",
    )
    title: str = Field(min_length=1, max_length=200, description="Title of the report")
    summary: str = Field(default="", max_length=5000, description="What the study is about")
    epoch: dt.date = Field(
        ge=FIRST_DAY, le=LAST_DAY, description="Day from whose midnight UTC instants are counted"
    )
    horizon_from: dt.date = Field(
        ge=FIRST_DAY, le=LAST_DAY, description="First local day of departure that is resolved"
    )
    horizon_to: dt.date = Field(
        ge=FIRST_DAY, le=LAST_DAY, description="Last local day of departure that is resolved"
    )
    as_of: dt.date = Field(
        ge=FIRST_DAY,
        le=LAST_DAY,
        description="Day on which the evidence was closed; parts past and future",
    )
    seed: int = Field(
        default=1, ge=0, le=2**63 - 1, description="Seed of every random number of a run"
    )
    currency: str = Field(
        default="EUR", pattern=r"^[A-Z]{3}$", description="Currency, as an ISO 4217 code"
    )
    running: RunningSettings = Field(
        default_factory=RunningSettings, description="Settings of running times"
    )
    timetable: TimetableSettings = Field(
        default_factory=TimetableSettings, description="Settings of the timetable"
    )
    reliability: ReliabilitySettings = Field(
        default_factory=ReliabilitySettings, description="Settings of simulated operations"
    )
    evidence: EvidenceSettings = Field(
        default_factory=EvidenceSettings, description="Settings of what observations teach"
    )
    campaign: CampaignSettings = Field(
        default_factory=CampaignSettings, description="Settings of the renewal campaign"
    )
    report: ReportSettings = Field(
        default_factory=ReportSettings, description="Settings of the report"
    )

    def as_record(self) -> dict[str, object]:
        """All settings, those by default too, as texts, numbers, lists and tables of them."""
        return self.model_dump(mode="json", exclude_none=True)

    @model_validator(mode="after")
    def _check_horizon(self) -> Self:
        if self.horizon_to < self.horizon_from:
            message = (
                f"horizon_to ({self.horizon_to}) lies before horizon_from ({self.horizon_from})"
            )
            raise ValueError(message)
        days = (self.horizon_to - self.horizon_from).days + 1
        if days > MOST_DAYS:
            message = f"the horizon has {days} days; up to {MOST_DAYS} (20 years) are resolved"
            raise ValueError(message)
        first, last = self.reliability.simulate_from, self.reliability.simulate_to
        if first is not None and last is not None and last < first:
            message = f"simulate_to ({last}) lies before simulate_from ({first})"
            raise ValueError(message)
        return self
