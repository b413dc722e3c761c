import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type StreamLine, TOKEN_TYPES, type TokenType } from "./claude-stream";
import type { Ledger } from "./ledger";

export interface Spent {
  readonly costUsd: number;
  readonly tokens: Readonly<Partial<Record<TokenType, number>>>;
}

/** The money of one unit of work, over all its runs, against its limit and the day's. */
export class Spending {
  /** Where bin/agent finds what the next call may cost. */
  readonly file: string;

  /**
   * @param folder of the unit's state
   * @param before by earlier runs
   * @param limit in dollars; undefined if there is none
   */
  constructor(
    folder: string,
    private spent: Spent,
    private readonly limit: number | undefined,
    private readonly ledger: Ledger,
  ) {
    this.file = join(folder, "budget");
    mkdirSync(folder, { recursive: true });
    this.write();
  }

  get total(): Spent {
    return this.spent;
  }

  /** A call of the agent has ended, and reported what it cost. */
  add({ costUsd, tokens }: StreamLine): void {
    if (costUsd === 0 && TOKEN_TYPES.every((type) => tokens[type] === 0)) return;
    this.spent = {
      costUsd: round(this.spent.costUsd + costUsd),
      tokens: Object.fromEntries(
        TOKEN_TYPES.map((type) => [type, (this.spent.tokens[type] ?? 0) + tokens[type]] as const).filter(
          ([, count]) => count > 0,
        ),
      ),
    };
    this.ledger.add(costUsd);
    this.write();
  }

  /** What the unit may still cost. */
  get left(): number {
    return this.limit === undefined ? Infinity : this.limit - this.spent.costUsd;
  }

  private write(): void {
    const left = Math.min(this.left, this.ledger.left);
    writeFileSync(this.file, left === Infinity ? "" : String(Math.max(0.01, round(left))));
  }
}

/** Dollars to a millionth: sums of fractions would grow long tails. */
const round = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;
