// Row types: the columns of the study schema that the page reads.

export type TripStatus = "past_reported" | "past_announced" | "suspended" | "test" | "planned";

export interface Trip {
  trip_id: string;
  service_id: string;
  trip_date: string;
  status: TripStatus | null;
  verdict: string | null;
  departure_low_at_s: number | null;
  departure_at_s: number | null;
  departure_high_at_s: number | null;
  arrival_low_at_s: number | null;
  arrival_at_s: number | null;
  arrival_high_at_s: number | null;
  elapsed_low_h: number | null;
  elapsed_h: number | null;
  elapsed_high_h: number | null;
  findings_count: number | null;
}

export interface TripEvent {
  trip_id: string;
  sequence: number;
  point_id: string;
  event: "departure" | "arrival";
  train_id: string | null;
  is_handover: boolean | null;
  distance_km: number | null;
  low_at_s: number | null;
  at_s: number | null;
  high_at_s: number | null;
  utc_offset_min: number | null;
  reference_offset_min: number | null;
  basis: string | null;
}

export interface Connection {
  trip_id: string;
  sequence: number;
  point_id: string;
  from_train_id: string | null;
  to_train_id: string | null;
  procedure_id: string | null;
  available_low_min: number | null;
  available_min: number | null;
  available_high_min: number | null;
  required_low_min: number | null;
  required_min: number | null;
  required_high_min: number | null;
  verdict: string | null;
}

export interface Finding {
  finding_id: string;
  service_id: string | null;
  trip_date: string | null;
  kind: string | null;
  severity: string | null;
  train_id: string | null;
  point_id: string | null;
  cause: string | null;
  consequence: string | null;
  cure: string | null;
}

export interface SectionRun {
  train_id: string;
  sequence: number;
  section_id: string;
  from_point: string;
  to_point: string;
  length_km: number | null;
  electrification: string | null;
  vehicle_type_id: string | null;
  basic_low_s: number | null;
  basic_s: number | null;
  basic_high_s: number | null;
  supplement_s: number | null;
  restriction_s: number | null;
  quality_factor: number | null;
  quality_basis: string | null;
  quality_source_id: string | null;
  calibrated_low_s: number | null;
  calibrated_s: number | null;
  calibrated_high_s: number | null;
}

export interface SpeedSample {
  train_id: string;
  position_km: number;
  speed_kmh: number | null;
  limit_kmh: number | null;
  gradient_permille: number | null;
  gradient_bound_permille: number | null;
  gradient_basis: string | null;
  electrification: string | null;
}

export interface RouteLine {
  route_id: string;
  sequence: number;
  point_id: string;
  section_id: string | null;
  distance_km: number | null;
  distance_error_km: number | null;
}

export interface RouteVariant {
  route_id: string;
  length_km: number | null;
  length_error_km: number | null;
  basic_h: number | null;
  calibrated_low_h: number | null;
  calibrated_h: number | null;
  calibrated_high_h: number | null;
  traction_changes_count: number | null;
  gauge_changes_count: number | null;
  single_track_km: number | null;
  unelectrified_km: number | null;
}

export interface CompatibilityCheck {
  service_id: string;
  subject_kind: "section" | "train";
  subject_id: string;
  attribute: string;
  verdict: string | null;
  coach_value: string | null;
  other_value: string | null;
  explanation: string | null;
}

export interface CoachTurn {
  pool_id: string;
  set_number: number;
  sequence: number;
  trip_id: string | null;
  point_id: string | null;
  arrival_at_s: number | null;
  next_trip_id: string | null;
  next_departure_at_s: number | null;
  minimum_turn_h: number | null;
  slack_low_h: number | null;
  slack_h: number | null;
  slack_high_h: number | null;
  chance_lost_low: number | null;
  chance_lost: number | null;
  chance_lost_high: number | null;
}

export interface SetRequirement {
  pool_id: string;
  trips_count: number | null;
  minimum_sets: number | null;
  minimum_sets_low: number | null;
  minimum_sets_high: number | null;
  spare_sets: number | null;
  sets_owned: number | null;
  critical_at_s: number | null;
  berths_per_year: number | null;
  explanation: string | null;
}

export interface StatementCheck {
  statement_id: string;
  kind: string | null;
  subject: string | null;
  stated: string | null;
  computed: string | null;
  verdict: string | null;
  calculation: string | null;
  conflicts_with: string | null;
  claim_id: string | null;
  source_id: string | null;
}

export interface Assumption {
  assumption_id: string;
  kind: string | null;
  where: string | null;
  value: string | null;
  range: string | null;
  reason: string | null;
  source_id: string | null;
  uses_count: number | null;
}

export interface OperationalPoint {
  point_id: string;
  name: string;
  name_local: string | null;
  name_hanja: string | null;
  country: string | null;
  latitude_deg: number | null;
  longitude_deg: number | null;
  coordinate_error_km: number | null;
  zone: string | null;
  kind: string | null;
  gauges_mm: string | null;
}

export interface Section {
  section_id: string;
  from_point: string;
  to_point: string;
  gauges_mm: string | null;
  tracks_count: number | null;
  electrification: string | null;
}

export interface Train {
  train_id: string;
  number: string;
  name: string | null;
}

export interface CoachService {
  service_id: string;
  name: string;
  from_point: string;
  to_point: string;
  published_frequency: string | null;
}

export interface Border {
  border_id: string;
  name: string | null;
  point_a: string;
  point_b: string;
}

export interface ChangePoint {
  point_id: string;
  kind: "gauge" | "electrification";
  from_value: string;
  to_value: string;
  method: string | null;
}

export interface Source {
  source_id: string;
  title: string | null;
  publisher: string | null;
  published_on: string | null;
  retrieved_on: string | null;
  reliability: string | null;
  licence: string | null;
  republishes: string | null;
}

export interface Named {
  name: string | null;
}

export interface Route extends Named {
  route_id: string;
  variant_of: string | null;
}

export interface CoachPool extends Named {
  pool_id: string;
}

export interface VehicleType extends Named {
  vehicle_type_id: string;
}

export interface Procedure extends Named {
  procedure_id: string;
}
