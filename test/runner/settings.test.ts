/**
 * Proves the contract of the container: the workload's own variables and arguments are understood as intended, and all
 * problems are reported at once. (The real program's answers: test/engine/runner.test.ts.)
 */
import { dirname } from "node:path";
import assert from "node:assert/strict";
import fc from "fast-check";

import { AGENT_CHOICES, API_KEYS, GIT_REMOTE, VARIABLES } from "../../runner/src/contract";
import { parseSettings, type Problem, problemReport, type Settings } from "../../runner/src/settings";
import { serverOf } from "../../workload/git-server";
import { REMOTE } from "../support/git";
import { defaults, everything, KIND } from "../support/workload";

const DEFAULTS: Settings = {
  agent: "auto",
  prompt: undefined,
  maxIterations: 100,
  maxRuntime: 14400,
  checkpointInterval: 5,
  agentTimeout: 1800,
  drain: 0,
  maxCostUsd: undefined,
  maxDailyCostUsd: undefined,
  model: undefined,
  agentArgs: [],
  hats: undefined,
  ralph: {},
  logFormat: "text",
  verbose: true,
  metrics: true,
  port: 8080,
  statusPort: undefined,
  skipPrompts: [],
  gitRemote: undefined,
  gitBranchPrefix: "ralph/",
  gitSsh: "/etc/ralph/ssh",
  gitHost: undefined,
  gitSocket: undefined,
  gitAllowCi: false,
  gitForge: undefined,
  gitApi: undefined,
  githubApp: undefined,
  sourceRepository: undefined,
  sourceRef: undefined,
  sourceDirectory: undefined,
  sourcePrompts: undefined,
  sourceSetup: undefined,
  pullRequest: "none",
  pullRequestBase: undefined,
  otlpEndpoint: undefined,
  otlpProtocol: "http/protobuf",
  otlpSignals: [],
  otlpHeaders: undefined,
  otlpAttributes: undefined,
  keySecret: undefined,
  closedAddress: undefined,
};

interface Container {
  readonly args?: string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}
const variablesOf = ({ env }: Container): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

describe("the runner's contract", () => {
  it("is understood as the workload writes it: the ConfigMap, the Job's arguments and its own variables", async () => {
    const stack = await defaults();
    const variables = stack.find(KIND.configMap, "ralph-config").inputs.data as Record<string, string>;
    assert.deepEqual(parseSettings([], variables), DEFAULTS);

    const [worker] = stack.find(KIND.deployment, "ralph-orchestrator").inputs.spec.template.spec
      .containers as [Container];
    assert.deepEqual(parseSettings(worker.args ?? [], { ...variables, ...variablesOf(worker) }), {
      ...DEFAULTS,
      skipPrompts: ["task.md", "daily-task.md"],
    });
    const [container] = stack.find(KIND.job, "ralph-task").inputs.spec.template.spec.containers as [
      Container,
    ];
    const own = variablesOf(container);
    assert.deepEqual(parseSettings(container.args ?? [], { ...variables, ...own }), {
      ...DEFAULTS,
      agent: "claude",
      prompt: "/prompts/task.md",
      maxIterations: 50,
      maxRuntime: 14100,
    });
    // Every variable of the workload is one that the runner knows.
    const known = Object.keys(VARIABLES);
    const unknown = Object.keys({ ...variables, ...own, ...variablesOf(worker) }).filter(
      (name) => !known.includes(name) && !["HOME", API_KEYS.claude].includes(name),
    );
    assert.deepEqual(unknown, []);
  });

  it("is understood as the workload writes it with a git remote", async () => {
    const stack = await everything();
    const variables = stack.find(KIND.configMap, "ralph-config").inputs.data as Record<string, string>;
    assert.deepEqual(parseSettings([], variables), {
      ...DEFAULTS,
      ...{ gitRemote: REMOTE, gitHost: "github.com", gitSocket: "/run/ralph/git.sock" },
    });
    const { containers, initContainers } = stack.find(KIND.deployment, "ralph-orchestrator").inputs.spec
      .template.spec as Record<string, { volumeMounts: { name: string; mountPath: string }[] }[]>;
    const [own, git] = [...(containers ?? []), ...(initContainers ?? [])].map(({ volumeMounts }) =>
      Object.fromEntries(volumeMounts.map(({ name, mountPath }) => [name, mountPath])),
    );
    assert.equal(git?.git, variables.RALPH_GIT_SSH);
    for (const each of [own, git])
      assert.equal(each?.["git-socket"], dirname(variables.RALPH_GIT_SOCKET ?? ""));
  });

  const REMOTES: [text: string, server?: ReturnType<typeof serverOf>][] = [
    ["git@github.com:owner/name.git", { host: "github.com", port: 22 }],
    ["git@github.com:/srv/git/name", { host: "github.com", port: 22 }],
    ["ssh://git@git.example.com/o/r.git", { host: "git.example.com", port: 22 }],
    ["ssh://git@git.example.com:2222/~me/r.git", { host: "git.example.com", port: 2222 }],
    ["git@10.0.0.1:2222/r.git", { host: "10.0.0.1", port: 22 }], // 2222 is a folder there, as git has it
    ["ssh://git@git.example.com:65536/r.git"],
    ["ssh://git@git.example.com:0/r.git"],
    ["ssh://git:password@git.example.com/r.git"],
    ["git:password@github.com:o/r.git"],
    ["ssh://git.example.com/r.git"],
    ["github.com:o/r.git"],
    ["https://github.com/o/r.git", { host: "github.com", port: 443 }],
    ["https://git.example.com:8443/group/sub/r", { host: "git.example.com", port: 8443 }],
    ["https://user:token@github.com/o/r.git"],
    ["http://github.com/o/r.git"],
    ["git@-oProxyCommand=x:o/r.git"],
    ["git@github.com:-x/r.git"],
    ["git@github.com://r.git"],
    ["git@github.com:o/r.git\n"],
    ["/srv/r.git"],
    [""],
  ];
  for (const [text, server] of REMOTES) {
    it(`${server === undefined ? "rejects" : "accepts"} the remote ${JSON.stringify(text)}`, () => {
      assert.equal(GIT_REMOTE.pattern.test(text), server !== undefined);
      if (server !== undefined) assert.deepEqual(serverOf(text), server);
    });
  }

  it("has the guide's defaults", () => assert.deepEqual(parseSettings([], {}), DEFAULTS));

  it("accepts the minimum and maximum of each variable, and nothing beyond", () => {
    for (const [variable, described] of Object.entries(VARIABLES)) {
      const { default: value }: { default: unknown } = described;
      if (value !== undefined) assert.deepEqual(parseSettings([], { [variable]: String(value) }), DEFAULTS);
      const wrong = "min" in described ? [described.min - 1, described.max + 1] : ["\n"];
      const right = "min" in described ? [described.min, described.max] : [];
      for (const text of wrong.map(String))
        assert.deepEqual(
          (parseSettings([], { [variable]: text }) as readonly Problem[]).map(({ name }) => name),
          [variable],
        );
      for (const text of right.map(String))
        assert.ok("agent" in (parseSettings([], { [variable]: text }) as object), `${variable}=${text}`);
    }
    for (const agent of AGENT_CHOICES)
      assert.deepEqual(parseSettings([], { RALPH_AGENT: agent }), { ...DEFAULTS, agent });
  });

  it("prints the usage before anything is checked", () =>
    assert.equal(parseSettings(["--help", "--agent=nobody"], { RALPH_VERBOSE: "?" }), "help"));

  const WRONG: [args: string[], env: NodeJS.ProcessEnv, name: string, problem: RegExp][] = [
    [["--prompt=x", "--agent"], {}, "--agent", /needs a value/],
    [["--prompt=x", "--agent=q", "--agent=q"], {}, "--agent", /twice/],
    [["--prompt=x", "more"], {}, '"more"', /is not a flag/],
    [["--prompt=x", "-v"], {}, "-v", /is not a flag/],
    [["--agent=smoke"], {}, "--prompt", /is missing/],
    [["--prompt="], {}, "--prompt", /is missing/],
    [["--prompt=x", "--max-iterations=1.5"], {}, "--max-iterations", /whole number/],
    [["--prompt=x", "--max-iterations=2147483648"], {}, "--max-iterations", /to 2147483647/],
    [[], { RALPH_AGENT: "" }, "RALPH_AGENT", /must be one of .*, is ""/],
    [[], { RALPH_CHECKPOINT_INTERVAL: "0" }, "RALPH_CHECKPOINT_INTERVAL", /from 1/],
    [[], { RALPH_METRICS_PORT: "65536" }, "RALPH_METRICS_PORT", /to 65535/],
    [[], { RALPH_STATUS_PORT: "65536" }, "RALPH_STATUS_PORT", /a port/],
    [[], { RALPH_SKIP_PROMPTS: "a.md, b.md" }, "RALPH_SKIP_PROMPTS", /separated by commas/],
    [[], { RALPH_GIT_REMOTE: "http://a/b" }, "RALPH_GIT_REMOTE", /an address such as https/],
    [[], { RALPH_GIT_BRANCH_PREFIX: "a b/" }, "RALPH_GIT_BRANCH_PREFIX", /separated by/],
    [[], { RALPH_GIT_SSH: "keys" }, "RALPH_GIT_SSH", /absolute/],
    [[], { RALPH_ENABLE_METRICS: "on" }, "RALPH_ENABLE_METRICS", /true or false/],
  ];
  for (const [args, env, name, problem] of WRONG) {
    it(`refuses ${[...args, ...Object.entries(env).map((each) => each.join("="))].join(" ")}`, () => {
      const problems = parseSettings(args, env);
      assert.ok(Array.isArray(problems) && problems.length === 1, JSON.stringify(problems));
      assert.equal(problems[0].name, name);
      assert.match(problems[0].problem, problem);
      assert.match(
        problemReport(problems),
        /^error: 1 problem; nothing was run\.\n {2}\S.*\n\nusage: runner/,
      );
    });
  }

  it("a flag overrides its variable, which is then not checked", () => {
    const settings = parseSettings(["--prompt=x", "--max-iterations=7"], { RALPH_MAX_ITERATIONS: "many" });
    assert.deepEqual(settings, { ...DEFAULTS, prompt: "x", maxIterations: 7 });
  });

  it("never throws, and its answer is settings or problems, whatever it is given", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("--agent", "--agent=q", "--prompt=x", "--", "-", "--no-agent"),
    );
    const env = fc.dictionary(fc.constantFrom(...Object.keys(VARIABLES)), fc.string());
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), env, (args, variables) => {
        const answer = parseSettings(args, variables);
        if (Array.isArray(answer)) assert.ok(answer.length > 0);
        else assert.ok(answer === "help" || "agent" in answer);
      }),
    );
  });
});
