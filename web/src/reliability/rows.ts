// Row types of simulated operations: columns of the study schema, and of the tables thinned for the page.

export type GroupId = "works" | "all";

export interface ArrivalDistribution {
  service_id: string;
  group_id: string;
  sequence: number;
  point_id: string;
  event: string | null;
  distance_km: number | null;
  trips_count: number | null;
  delay_p05_min: number | null;
  delay_p25_min: number | null;
  delay_p50_min: number | null;
  delay_p75_min: number | null;
  delay_p95_min: number | null;
  delay_mean_min: number | null;
  delay_mean_min_error: number | null;
  delay_mean_min_low: number | null;
  delay_mean_min_high: number | null;
}

/** Quantiles of one departure: `group_id` is its trip. */
export interface TripDelay {
  group_id: string;
  point_id: string;
  event: string | null;
  delay_p05_min: number | null;
  delay_p25_min: number | null;
  delay_p50_min: number | null;
  delay_p75_min: number | null;
  delay_p95_min: number | null;
}

export interface Punctuality {
  service_id: string;
  group_id: string;
  measure: "announced_duration" | "arrival_tolerance";
  limit_h: number;
  trips_count: number | null;
  share: number | null;
  share_error: number | null;
  share_low: number | null;
  share_high: number | null;
}

export interface HandoverRisk {
  service_id: string;
  group_id: string;
  sequence: number;
  point_id: string | null;
  to_train_id: string | null;
  trips_count: number | null;
  missed_share: number | null;
  missed_share_error: number | null;
  missed_share_low: number | null;
  missed_share_high: number | null;
  wait_if_missed_h: number | null;
  wait_if_missed_h_error: number | null;
  wait_if_missed_h_low: number | null;
  wait_if_missed_h_high: number | null;
  delay_cost_h: number | null;
  delay_cost_h_error: number | null;
  delay_cost_h_low: number | null;
  delay_cost_h_high: number | null;
}

export interface RotationRisk {
  pool_id: string;
  spare_sets: number;
  trips_count: number | null;
  lost_share: number | null;
  lost_share_error: number | null;
  lost_share_low: number | null;
  lost_share_high: number | null;
  departure_delay_mean_h: number | null;
  departure_delay_mean_h_error: number | null;
  departure_delay_mean_h_low: number | null;
  departure_delay_mean_h_high: number | null;
  value_h_per_year: number | null;
  value_h_per_year_error: number | null;
  value_h_per_year_low: number | null;
  value_h_per_year_high: number | null;
}

export interface BufferValue {
  service_id: string;
  sequence: number;
  kind: string;
  minutes: number;
  point_id: string | null;
  missed_share: number | null;
  missed_share_error: number | null;
  missed_share_low: number | null;
  missed_share_high: number | null;
  delay_saved_h: number | null;
  delay_saved_h_error: number | null;
  delay_saved_h_low: number | null;
  delay_saved_h_high: number | null;
}

export interface DelayCause {
  service_id: string;
  group_id: string;
  cause_id: string;
  parent_id: string | null;
  cause: string | null;
  name: string | null;
  section_id: string | null;
  point_id: string | null;
  rank: number | null;
  delay_min: number | null;
  delay_min_error: number | null;
  delay_min_low: number | null;
  delay_min_high: number | null;
  primary_min: number | null;
  knock_on_min: number | null;
  share: number | null;
}

export interface LineDelay {
  train_key: string;
  scenario: string;
  trains_count: number | null;
  delay_mean_min: number | null;
  delay_mean_min_error: number | null;
  delay_mean_min_low: number | null;
  delay_mean_min_high: number | null;
  primary_min: number | null;
  knock_on_min: number | null;
  delay_p50_min: number | null;
  delay_p95_min: number | null;
}

/** An asset among those that cost most delay; `delay_h` is hours a year of all trains. */
export interface WorstAsset {
  asset_id: string;
  kind: string;
  section_id: string | null;
  rank: number;
  from_offset_m: number | null;
  units_count: number | null;
  is_generated: boolean | null;
  age_y: number | null;
  track_class: number | null;
  speed_limit_kmh: number | null;
  closes_line: boolean | null;
  basis: string | null;
  delay_h: number | null;
  failures_per_year: number | null;
  failures_per_year_error: number | null;
  failures_per_year_low: number | null;
  failures_per_year_high: number | null;
  primary_delay_min_per_year: number | null;
  primary_delay_min_per_year_error: number | null;
  primary_delay_min_per_year_low: number | null;
  primary_delay_min_per_year_high: number | null;
  knock_on_delay_min_per_year: number | null;
  knock_on_delay_min_per_year_error: number | null;
  knock_on_delay_min_per_year_low: number | null;
  knock_on_delay_min_per_year_high: number | null;
  restriction_delay_min_per_year: number | null;
  restriction_delay_min_per_year_low: number | null;
  restriction_delay_min_per_year_high: number | null;
  derailments_per_year_low: number | null;
  derailments_per_year: number | null;
  derailments_per_year_high: number | null;
  train_runs_per_year: number | null;
}

export interface AssetPlace {
  kind: string;
  section_id: string | null;
  rank: number;
  latitude_deg: number;
  longitude_deg: number;
  is_generated: boolean | null;
  delay_h: number;
  failures_per_year: number | null;
}

export interface AssetKind {
  kind: string;
  /** Only in sums by section. */
  section_id?: string | null;
  assets_count: number;
  generated_count: number;
  units_count: number | null;
  delay_h: number | null;
  primary_delay_min_per_year: number | null;
  knock_on_delay_min_per_year: number | null;
  restriction_delay_min_per_year: number | null;
  failures_per_year: number | null;
  derailments_per_year_low: number | null;
  derailments_per_year: number | null;
  derailments_per_year_high: number | null;
}

/** A row without a section stands for all sections that are not listed. */
export interface DerailmentRisk {
  section_id: string | null;
  train_km_per_year: number | null;
  mean_class: number | null;
  derailments_per_year_low: number | null;
  derailments_per_year: number | null;
  derailments_per_year_high: number | null;
}

export interface SimulationRun {
  simulation_id: string;
  draws_count: number | null;
  replications_count: number | null;
  trips_per_replication: number | null;
  seed: number | null;
  parameter_set: string | null;
  from_date: string | null;
  to_date: string | null;
  attribution_gap_s: number | null;
}

export interface SectionEnds {
  section_id: string;
  from_point: string;
  to_point: string;
}
