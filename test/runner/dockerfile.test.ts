/**
 * Proves the rules of runner/Dockerfile on its instructions; each rule has a change that breaks it. hadolint, where it
 * is on PATH, checks it as well. (That the image builds and runs is the real node's test.)
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser, type From, type Instruction, type JSONInstruction } from "dockerfile-ast";

import { RALPH } from "../../local/tools/cargo";
import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";
import { onPath } from "../../local/tools/versions";
import { AGENTS, AMD64_ONLY, DEFAULT_AGENTS, METRICS_PORT, PACKAGED_AGENTS } from "../../runner/src/contract";
import { defaults, KIND } from "../support/workload";

const RUNNER = join(REPOSITORY, "runner");
const text = readFileSync(join(RUNNER, "Dockerfile"), "utf8");
const json = (...path: string[]) =>
  JSON.parse(readFileSync(join(RUNNER, ...path), "utf8")) as Record<string, Record<string, string>>;

const SECRET = /(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL)/i;
/** A base by an exact tag, and by a digest where one is given. */
const BASE = /^\$\{(\w+)_IMAGE\}\$\{\1_DIGEST:\+@\$\{\1_DIGEST\}\}$/;

/** The rules that a Dockerfile breaks. */
function faults(source: string): string[] {
  const file = DockerfileParser.parse(source);
  const all = file.getInstructions();
  const of = (keyword: string): Instruction[] => all.filter((each) => each.getKeyword() === keyword);
  const args = new Map(
    file.getARGs().map((each) => [each.getProperty()?.getName() ?? "", each.getProperty()?.getValue() ?? ""]),
  );
  const last = all.slice(all.lastIndexOf(file.getFROMs().at(-1) as Instruction));
  const found: string[] = [];
  const rule = (name: string, holds: boolean): void => void (holds || found.push(name));

  const stages = new Set<string>(["scratch"]);
  for (const from of file.getFROMs() as From[]) {
    const image = from.getImage() ?? "";
    // The user's own base, if any.
    const own = image === "${BASE}" && stages.has(args.get("BASE") ?? "");
    const name = BASE.exec(image)?.[1] ?? "";
    const tag = args.get(`${name}_IMAGE`)?.split(":")[1] ?? "";
    rule(
      `base ${image}`,
      own || stages.has(image) || (/^\d+\.\d+\.\d+-/.test(tag) && args.get(`${name}_DIGEST`) === ""),
    );
    stages.add(from.getBuildStage() ?? "");
  }
  rule("no ADD", of("ADD").length === 0);
  rule(
    "no secret argument",
    [...args.keys()].every((name) => !SECRET.test(name)),
  );
  const variables = file
    .getENVs()
    .flatMap((each) => each.getProperties().map((property) => property.getName()));
  rule(
    "no secret variable",
    variables.every((name) => !SECRET.test(name)),
  );
  // Packages are installed as root, whatever user the base has.
  const user = last.map((each) => each.getKeyword()).lastIndexOf("USER");
  const byNumber = last[user]?.getArgumentsContent() === "1000:1000";
  rule("user by number, not root", byNumber);
  rule("nothing runs after USER", !byNumber || last.slice(user).every((each) => each.getKeyword() !== "RUN"));
  const [entry, ...more] = of("ENTRYPOINT") as JSONInstruction[];
  const words = entry?.getJSONStrings().map((each) => each.getJSONValue()) ?? [];
  rule(
    "exec form of the entry",
    more.length === 0 && words.join() === "/app/bin/entry" && of("CMD").length === 0,
  );
  for (const content of of("RUN").map((each) => each.getArgumentsContent() ?? "")) {
    rule("nothing is fetched past a lock", !/\b(curl|wget|npm (install|i)|npx)\b/.test(content));
    rule("npm runs no scripts", !content.includes("npm ci") || content.includes("npm ci --ignore-scripts"));
    rule(
      "apt leaves no lists",
      !content.includes("apt-get install") ||
        (content.includes("--no-install-recommends") && content.includes("rm -rf /var/lib/apt/lists")),
    );
    for (const [, crate = "", options = ""] of content.matchAll(
      /cargo (?:auditable )?install (\S+)([^&]*)/g,
    )) {
      const version = args.get(/--version "\$\{(\w+)\}"/.exec(options)?.[1] ?? "") ?? "";
      rule("cargo by its lock", options.includes("--locked") && /^\d+\.\d+\.\d+$/.test(version));
      rule(
        "Ralph has the list of its crates",
        crate !== RALPH.crate || content.includes("cargo auditable install"),
      );
    }
  }
  for (const [i, from] of file.getFROMs().entries()) {
    const next = file.getFROMs()[i + 1];
    const stage = all.slice(all.indexOf(from), next === undefined ? undefined : all.indexOf(next));
    const commands = stage.map((each) => each.getArgumentsContent() ?? "").join("\n");
    if (!commands.includes("npm ci")) continue;
    rule(
      "each tree of npm's has its SBOM",
      /npm sbom .*--sbom-format=cyclonedx.* >"?\/sbom\/[\w${}]+\.cdx\.json/.test(commands) &&
        file
          .getCOPYs()
          .some(
            (copy) =>
              copy.getFromFlag()?.getValue() === (from as From).getBuildStage() &&
              copy.getArgumentsContent() === "/sbom /usr/local/share/sbom",
          ),
    );
  }
  rule(
    "what is the same for each processor, or is compiled for it, is built without emulation",
    (file.getFROMs() as From[])
      .filter((from) => ["ralph-build", "runner"].includes(from.getBuildStage() ?? ""))
      .every((from) => from.getPlatformFlag()?.getValue() === "${BUILDPLATFORM}"),
  );
  rule("Ralph's version is the tools'", args.get("RALPH_VERSION") === RALPH.version);
  return [...new Set(found)];
}

describe("the runner's Dockerfile", () => {
  it("keeps its rules", () => assert.deepEqual(faults(text), []));

  const BREAKS: [rule: string, from: string, to: string][] = [
    ["base node:latest", "${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}} AS runner", "node:latest AS runner"],
    [
      "base ${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}}",
      "NODE_IMAGE=node:24.22.3-trixie-slim",
      "NODE_IMAGE=node:24-slim",
    ],
    ["no ADD", "COPY src ./src", "ADD https://example.com/src.tar ./src"],
    ["no secret argument", "ARG VERSION=0.1.0", "ARG VERSION=0.1.0\nARG NPM_TOKEN"],
    ["no secret variable", "NODE_ENV=production", "ANTHROPIC_API_KEY=x"],
    ["user by number, not root", "USER 1000:1000", "USER node"],
    ["user by number, not root", "USER 1000:1000", ""],
    ["nothing runs after USER", "EXPOSE 8080", "RUN true"],
    ["exec form of the entry", 'ENTRYPOINT ["/app/bin/entry"]', "ENTRYPOINT node /app/dist/main.js"],
    ["nothing is fetched past a lock", "npm run build", "npx something && npm run build"],
    ["npm runs no scripts", "npm ci --ignore-scripts --no-audit --no-fund\nCOPY src", "npm ci\nCOPY src"],
    ["apt leaves no lists", "--no-install-recommends ", ""],
    ["cargo by its lock", " --locked", ""],
    ["cargo by its lock", 'ralph-cli --version "${RALPH_VERSION}"', "ralph-cli"],
    ["Ralph has the list of its crates", "cargo auditable install", "cargo install"],
    ["each tree of npm's has its SBOM", "npm sbom --omit=dev", "npm ls --omit=dev"],
    ["each tree of npm's has its SBOM", "COPY --from=agents /sbom /usr/local/share/sbom", ""],
    [
      "what is the same for each processor, or is compiled for it, is built without emulation",
      "FROM --platform=${BUILDPLATFORM} ${RUST_IMAGE}",
      "FROM ${RUST_IMAGE}",
    ],
    ["Ralph's version is the tools'", "RALPH_VERSION=2.10.1", "RALPH_VERSION=2.9.0"],
  ];
  for (const [rule, from, to] of BREAKS) {
    it(`would not with: ${to === "" ? `no ${from.trim()}` : to.split("\n").at(-1)}`, () => {
      assert.ok(text.includes(from), from);
      assert.deepEqual(faults(text.replace(from, to)), [rule]);
    });
  }

  it("copies only existing files, and ignores all others", () => {
    const ignore = readFileSync(join(RUNNER, ".dockerignore"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const [first, ...allowed] = ignore;
    assert.equal(first, "*");
    const copied = DockerfileParser.parse(text)
      .getCOPYs()
      .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === "from"))
      .flatMap((copy) =>
        copy
          .getArguments()
          .slice(0, -1)
          .map((each) => each.getValue()),
      );
    assert.deepEqual([...new Set(copied)].map((path) => `!${path}`).sort(), allowed.sort());
    for (const path of copied) assert.ok(existsSync(join(RUNNER, path)), path);
  });

  it("has the paths and the port that the workload's pods use", async () => {
    const [{ volumeMounts, env }] = (await defaults()).find(KIND.deployment, "ralph-orchestrator").inputs.spec
      .template.spec.containers as [
      { volumeMounts: { mountPath: string }[]; env: { name: string; value: string }[] },
    ];
    const home = DockerfileParser.parse(text)
      .getENVs()
      .flatMap((each) => each.getProperties())
      .find((property) => property.getName() === "HOME")
      ?.getValue();
    assert.equal(home, env.find(({ name }) => name === "HOME")?.value);
    for (const { mountPath } of volumeMounts) {
      assert.ok(
        mountPath === "/tmp" || new RegExp(`mkdir -p .*${mountPath}( |$)`, "m").test(text),
        mountPath,
      );
    }
    assert.match(text, new RegExp(`^EXPOSE ${METRICS_PORT}$`, "m"));
  });

  for (const agent of PACKAGED_AGENTS) {
    it(`pins ${agent}'s program to a version and a hash, for the processors that it exists for`, () => {
      const { dependencies, optionalDependencies } = json("agents", agent, "package.json");
      for (const version of Object.values({ ...dependencies, ...optionalDependencies }))
        assert.match(version, /^\d+\.\d+\.\d+(-g[0-9a-f]+)?$/);
      const { packages = {} } = json("agents", agent, "package-lock.json") as unknown as {
        packages?: Record<
          string,
          { integrity?: string; cpu?: string[]; os?: string[]; optionalDependencies?: object }
        >;
      };
      const locked = Object.entries(packages).filter(([path]) => path !== "");
      for (const [path, { integrity }] of locked) assert.match(integrity ?? "", /^sha512-/, path);
      // `npm ci` of npm 11 refuses a lock file without them, even those of other systems.
      for (const { optionalDependencies: others = {} } of Object.values(packages))
        for (const name of Object.keys(others)) assert.ok(`node_modules/${name}` in packages, name);
      const processors = new Set(
        locked.flatMap(([, { cpu = [], os = [] }]) => (cpu.length === 1 && os.join() === "linux" ? cpu : [])),
      );
      const expected = (AMD64_ONLY as readonly string[]).includes(agent) ? ["x64"] : ["arm64", "x64"];
      assert.deepEqual([...processors].sort(), expected);
    });
  }

  it("has a folder for each of these agents, and by default those that images always had", () => {
    assert.deepEqual(readdirSync(join(RUNNER, "agents")).sort(), [...PACKAGED_AGENTS].sort());
    assert.match(text, new RegExp(`^ARG AGENTS="${DEFAULT_AGENTS.join(" ")}"$`, "m"));
    for (const agent of PACKAGED_AGENTS) assert.equal(AGENTS[agent].program, agent); // as the link to it is called
  });

  it("has the version of its package", () =>
    assert.match(text, new RegExp(`^ARG VERSION=${String(json("package.json").version)}$`, "m")));

  it("has nothing that hadolint complains about", async function () {
    const [hadolint] = onPath("hadolint");
    if (hadolint === undefined) return this.skip();
    const { code, stdout, stderr } = await run(hadolint, [join(RUNNER, "Dockerfile")]);
    assert.equal(code, 0, stdout + stderr);
  });
});
