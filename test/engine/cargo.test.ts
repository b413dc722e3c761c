/**
 * The command `ralph` of the tools, on a machine whose only program is a cargo that records what it is asked to
 * build and "builds" a script. (The real build takes minutes: the runner's engine tests use its result.)
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { RALPH } from "../../local/tools/cargo";
import { REPOSITORY } from "../../lib/repository";
import { run, type RunResult } from "../../lib/process";
import { Machine } from "../support/machine";
import { RALPHCTL } from "../support/ralphctl";

describe("the program ralph, on a machine", () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  const installCargo = (onBuild: string, version = "1.88.0"): void =>
    machine.install(
      "cargo",
      `case "$1" in
         --version) echo cargo ${version} ;;
         install)
           echo "$@" | /bin/sed 's/ --root=.*//' >> "${machine.notes}"
           for argument in "$@"; do case "$argument" in --root=*) root="\${argument#--root=}" ;; esac; done
           ${onBuild} ;;
       esac`,
    );
  const BUILD = '/bin/mkdir -p "$root/bin"; echo built > "$root/bin/ralph"';

  const ralph = (): Promise<RunResult> =>
    run(process.execPath, [...RALPHCTL, "tools", "--ralph"], {
      cwd: REPOSITORY,
      env: machine.env,
    });

  it("without it and without a usable cargo: one error says where to get both", async () => {
    for (const prepare of [(): void => undefined, (): void => installCargo(BUILD, "1.87.0")]) {
      prepare();
      const { code, stdout, stderr } = await ralph();
      assert.deepEqual(
        { code, stdout, built: existsSync(machine.cache) },
        { code: 1, stdout: "", built: false },
      );
      assert.equal(
        stderr,
        `error: ralph 2.10.1 is not installed, and there is no cargo to build it; nothing was changed.\n` +
          `  ralph  ${RALPH.install}\n  cargo  https://rustup.rs (Rust 1.88 or newer)\n`,
      );
    }
  });

  it("with a usable or an unusable version of it", async () => {
    installCargo(BUILD);
    machine.install("ralph", "echo ralph 2.10.4");
    assert.equal((await ralph()).stdout, `${machine.dir}/bin/ralph\n`);
    machine.install("ralph", "echo ralph 2.9.2");
    assert.match((await ralph()).stdout, new RegExp(`^${machine.cache}/ralph-`));
  });

  it("with cargo: reports a build of the pinned crate by its own lock file, and builds it only once", async () => {
    installCargo(BUILD);
    const first = await ralph();
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stderr,
      /^\[1\/1\] ralph 2\.10\.1 by cargo, about 11 min.*\.\.\.\n.* done in \d+ s\n$/,
    );
    assert.equal(readFileSync(first.stdout.trim(), "utf8"), "built\n");
    const second = await ralph();
    assert.deepEqual([second.code, second.stderr, second.stdout], [0, "", first.stdout]);
    assert.deepEqual(machine.builds, ["install ralph-cli --version=2.10.1 --locked --no-track"]);
    assert.equal(readdirSync(machine.cache).length, 1); // nothing partial, no build artifacts
  });

  it("resumes after a failed build, and shows the compiler's error", async () => {
    installCargo('echo "error[E0000]: no luck" >&2; echo half > "$CARGO_TARGET_DIR/half"; exit 101');
    const failed = await ralph();
    assert.equal(failed.code, 1);
    assert.match(
      failed.stderr,
      /error: building ralph 2\.10\.1 failed.*\n {2}error\[E0000\]: no luck\nRepeat it by hand/,
    );
    assert.doesNotMatch(failed.stderr, /\n\s+at /);
    installCargo(`[ -e "$CARGO_TARGET_DIR/half" ] || exit 1; ${BUILD}`);
    assert.equal((await ralph()).code, 0);
  });

  it("builds once for two concurrent runs", async () => {
    installCargo(`/bin/sleep 1; ${BUILD}`);
    const both = await Promise.all([ralph(), ralph()]);
    assert.deepEqual(
      both.map(({ code, stdout }) => [code, stdout]),
      [0, 1].map(() => [0, both[0].stdout]),
    );
    assert.equal(machine.builds.length, 1);
  });
});
