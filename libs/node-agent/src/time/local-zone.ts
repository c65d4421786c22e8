/** A local time zone. */
export interface LocalZone {
  /** Seconds that local time is ahead of UTC at an instant (whole seconds since 1970). */
  offsetAt(seconds: number): number;
}
