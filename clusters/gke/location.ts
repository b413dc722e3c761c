const ZONE = /^([a-z]+(?:-[a-z]+)+[0-9]+)-[a-z]$/;
const REGION = /^[a-z]+(-[a-z]+)+[0-9]+$/;

export const isZone = (location: string): boolean => ZONE.test(location);

export const isLocation = (location: string): boolean => isZone(location) || REGION.test(location);

/** The region of a zone, or the region itself. */
export const regionOf = (location: string): string => ZONE.exec(location)?.[1] ?? location;

/** GKE's own choice for a region without configured zones. */
const ZONES_OF_A_REGION = 3;

interface Placement {
  readonly location: string;
  /** Of a zonal cluster: more zones for its nodes. Of a regional one: all zones of its nodes. */
  readonly zones: readonly string[];
}

/** Number of zones that nodes run in. */
export function zoneCount({ location, zones }: Placement): number {
  if (isZone(location)) return 1 + zones.length;
  return zones.length > 0 ? zones.length : ZONES_OF_A_REGION;
}
