import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A machine with only the programs installed by the test, for tools that look for programs. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "machine-"));
  readonly cache = join(this.dir, "cache");
  /** Where the fake compilers record each build, one line each. */
  readonly notes = join(this.dir, "builds");
  /** The environment of a process on this machine. It has no network: nothing listens on port 9. */
  readonly env = {
    PATH: join(this.dir, "bin"),
    HOME: this.dir,
    RALPH_TOOLS_CACHE: this.cache,
    RALPH_TOOLS_MIRROR: "http://127.0.0.1:9",
  };

  constructor() {
    mkdirSync(this.env.PATH);
  }

  install(name: string, script: string): void {
    const program = join(this.env.PATH, name);
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
  }

  get builds(): string[] {
    return existsSync(this.notes) ? readFileSync(this.notes, "utf8").trim().split("\n") : [];
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}
