/** Something that could not be looked at, so nothing is known about it. */
export interface Unseen {
  /** What was to be looked at. */
  readonly about: string;
  /** In the words of the program or server that was asked. */
  readonly reason: string;
  /** A command that makes it visible, or shows which permission is missing. */
  readonly fix: string;
}
