import { z } from "zod";
import { findIf, forbidden, invalid, required } from "../../config/findings";
import { matching } from "../../config/formats";
import type { Path } from "../../config/path";
import { AMD64_ONLY, DEFAULT_AGENTS, PACKAGED_AGENTS } from "../../runner/src/contract";
import { config } from "./config";
import { runsOf, schedules, tasks } from "./runs";
import { clusterRule, rule, section } from "./section";

/** The guide's image. */
export const PUBLISHED_IMAGE = "ghcr.io/mikeyobrien/ralph-orchestrator";

export const image = section({
  registry: matching(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
    "must be a registry such as registry.example.com/mirror",
  )
    .optional()
    .meta({
      description:
        "Registry with a copy of each image that the program deploys, under its own path: Ralph's, unless it is built, cluster-autoscaler's and those of kube-prometheus-stack.",
    }),
  repository: matching(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
    "must be an image repository without tag or digest",
  )
    .default(PUBLISHED_IMAGE)
    .meta({
      description:
        "Without tag or digest. The default is not published; with `build` it stands for the cluster's own registry.",
    }),
  build: z.boolean().default(false).meta({
    description: "Builds runner/ with Docker, pushes it to `repository` and deploys the result.",
  }),
  agents: z
    .array(z.enum(PACKAGED_AGENTS))
    .optional()
    .meta({
      description: `Agents whose programs \`build\` puts into the image. Defaults to ${DEFAULT_AGENTS.join(" and ")}.`,
    }),
  packages: z
    .array(matching(/^[a-z0-9][a-z0-9+.-]+$/, "must be the name of a Debian package"))
    .optional()
    .meta({ description: "Debian packages that `build` adds, such as python3 or build-essential." }),
  base: matching(/^[a-z0-9][\w./:@-]*$/, "must be a reference of an image")
    .optional()
    .meta({
      description:
        "Image that `build` starts from: a Debian or Ubuntu with glibc 2.36 or later. Defaults to Node's official one.",
    }),
  tag: matching(/^\w[\w.-]{0,127}$/, "must be an image tag")
    .default("v1.0.0")
    .meta({ description: "Tag of the image." }),
  digest: matching(/^sha256:[a-f0-9]{64}$/, "must be a digest: sha256:<64 hex digits>")
    .optional()
    .meta({ description: "Digest of the image; takes precedence over the tag." }),
  pullPolicy: z
    .enum(["IfNotPresent", "Always", "Never"])
    .default("IfNotPresent")
    .meta({ description: "When a node pulls the image." }),
})
  .prefault({})
  .meta({ description: "Image of every Ralph pod." });

/** The keys that only a build reads. */
const OF_BUILD = ["agents", "packages", "base"] as const;

export const rules = [
  rule({ image }, ({ image: given }) =>
    OF_BUILD.flatMap((key) =>
      findIf(!given.build && given[key] !== undefined, () =>
        forbidden(["image", key], "image.build is false, and the image is used as it is", {
          at: ["image", "build"],
          value: "true",
        }),
      ),
    ),
  ),
  rule({ image, config, tasks, schedules }, ({ image: given, config: { agent: ofWorkers }, ...values }) => {
    if (!given.build) return [];
    const agents: readonly string[] = given.agents ?? DEFAULT_AGENTS;
    const named = [
      { agent: ofWorkers, at: ["config", "agent"] as Path },
      ...runsOf(values).map(({ run, at }) => ({ agent: run.agent, at: [...at, "agent"] as Path })),
    ];
    return named.flatMap(({ agent, at }) => {
      if (agent === "auto" || agent === "smoke" || agents.includes(agent)) return [];
      if ((PACKAGED_AGENTS as readonly string[]).includes(agent))
        return [
          invalid(at, agent, "must be in image.agents", {
            at: ["image", "agents", given.agents?.length ?? 0],
            value: agent,
          }),
        ];
      // A base can have any program.
      return findIf(given.base === undefined, () =>
        invalid(at, agent, "must be an agent that npm has, or in an image.base of yours", {
          at: ["image", "base"],
          value: "<image with its program>",
        }),
      );
    });
  }),
  clusterRule({ image }, ({ image: { build, agents = [] } }, { architectures }) =>
    agents.flatMap((agent, i) =>
      findIf(
        build && (AMD64_ONLY as readonly string[]).includes(agent) && architectures.includes("arm64"),
        () =>
          invalid(
            ["image", "agents", i],
            agent,
            "must have a program for arm64, which cluster.architectures has",
          ),
      ),
    ),
  ),
  clusterRule({ image }, ({ image: { build, repository, digest } }, { registry }) => [
    ...findIf(build && digest !== undefined, () =>
      forbidden(["image", "digest"], "image.build creates the image, and its digest with it"),
    ),
    ...findIf(build && repository === PUBLISHED_IMAGE && registry === undefined, () =>
      required(
        ["image", "repository"],
        "<registry>/<image>",
        "image.build pushes to it, and the cluster has no registry of its own",
      ),
    ),
  ]),
];
