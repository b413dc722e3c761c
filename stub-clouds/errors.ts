/** The cloud refuses a call. */
export class Refusal extends Error {}

/** Created or updated, but not successfully: the engine must record it in the state, or it is lost. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}
