/** The cloud says no. */
export class Refusal extends Error {}

/** Made, or changed, and not as it should be: the engine must know of it, or it is lost. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}
