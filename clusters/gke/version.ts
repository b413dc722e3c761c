const VERSION = /^1\.(\d{2})(\.\d+(-gke\.\d+)?)?$/;

/** The oldest minor version that a release channel offers, and the newest that is known here. */
export const OLDEST_MINOR = 33;
export const NEWEST_MINOR = 37;

/** 35 of `1.35` and of `1.35.1-gke.100`; undefined where it is no version. */
export function minorOf(version: string): number | undefined {
  const [, minor] = VERSION.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

export const namesPatch = (version: string): boolean => !/^1\.\d{2}$/.test(version);
