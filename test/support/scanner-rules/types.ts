/** A rule of a scanner of infrastructure code, as a question to what the program asks a cloud for. */
export interface ScannerRule {
  /** In the catalogues of checkov (`CKV_*`) and trivy (`AVD-*`). */
  readonly ids: readonly string[];
  readonly asks: string;
  /** Type of the resources that it looks at: there must be one at least, and each must keep it. */
  readonly of: string;
  /** It looks at the elements of this list in their inputs. */
  readonly within?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of any resource
  readonly holds: (inputs: any) => boolean;
  /** Merge patch (RFC 7396) on the inputs that turns the verdict: what trips it, or, where it is red, would keep it. */
  readonly turned: Values;
  /** Why a stack as it is committed does not keep it. */
  readonly exempt?: Exemption;
}

export interface Exemption {
  readonly why: string;
  /** What does the rule's work here. */
  readonly instead: string;
  /** Keys of `ralph:cluster` with which a stack does keep it. */
  readonly keptBy?: Values;
}

export type Values = Readonly<Record<string, unknown>>;
