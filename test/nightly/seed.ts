/** A number that the workflow sets, so that a failure can be repeated. */
export const SEED = Number(process.env.NIGHTLY_SEED ?? 1);
