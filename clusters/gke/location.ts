const ZONE = /^([a-z]+(?:-[a-z]+)+[0-9]+)-[a-z]$/;
const REGION = /^[a-z]+(-[a-z]+)+[0-9]+$/;

export const isZone = (location: string): boolean => ZONE.test(location);

export const isLocation = (location: string): boolean => isZone(location) || REGION.test(location);

/** The region of a zone, or the region itself. */
export const regionOf = (location: string): string => ZONE.exec(location)?.[1] ?? location;

/** A region's own choice where nobody names zones: one cluster-wide count stands for so many nodes. */
const ZONES_OF_A_REGION = 3;

interface Placement {
  readonly location: string;
  /** Of a zonal cluster: zones of nodes besides its own. Of a regional one: all zones of its nodes. */
  readonly zones: readonly string[];
}

/** In how many zones nodes run. */
export function zoneCount({ location, zones }: Placement): number {
  if (isZone(location)) return 1 + zones.length;
  return zones.length > 0 ? zones.length : ZONES_OF_A_REGION;
}
