import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { cloud, type CloudName, CLOUDS, type ClusterConfig } from "../clusters";
import type { Cloud, ClusterTraits } from "../clusters/types";
import { dockerProblems } from "../workload/image/docker";
import { type RalphConfig, rules, schema as workload } from "../workload/keys";
import { type Lifetime } from "../clusters/lifetime";
import {
  clusterDefaults,
  type EphemeralConfig,
  ephemeralProblems,
  lifetime,
  reservedTags,
  schema as ephemeral,
} from "./ephemeral";
import { problemOf } from "../config/findings";
import { issueProblems, unknownKey } from "../config/issues";
import { isMap } from "../config/path";
import { promptFiles } from "./prompt-files";
import { refusal } from "../config/refusal";
import { secrecyProblems } from "../config/secrecy";
import { merge, readSources, type Sources } from "../config/sources";
import { type Problem, report } from "../config/problems";
import { PROJECT } from "../lib/repository";
import { SECRETS } from "./secrets";

/** All that a stack's configuration says. */
export interface Config {
  readonly cloud: CloudName;
  readonly cluster: ClusterConfig;
  readonly traits: ClusterTraits;
  readonly ralph: RalphConfig;
  /** Of a stack that lives for hours; absent on all others. */
  readonly lifetime?: Lifetime;
}

/** Every top-level key but `cluster`, whose schema is its cloud's. */
export const sections = {
  cloud: z.enum(CLOUDS).meta({ description: "Where the cluster comes from." }),
  valuesFile: z
    .string()
    .optional()
    .meta({ description: "A Helm-style values file; the stack's configuration overrides it." }),
  ephemeral,
  ...workload,
};

/**
 * Reads the stack's configuration. All that is wrong with it is thrown as one `pulumi.RunError`, which the
 * engine prints without a stack trace, before any resource is registered.
 *
 * @param options.reach whether the cluster will be reached: to render its manifests nobody has to, so the
 * cloud's `check`, which asks for a kubeconfig and for programs, is left out
 */
export function readConfig({ reach = true }: { readonly reach?: boolean } = {}): Config {
  const sources = readSources(PROJECT, SECRETS);
  const reader = new Reader(sources);

  for (const [key, schema] of Object.entries(sections)) reader.read(key, schema);
  const chosen = reader.valid.cloud === undefined ? undefined : cloud(reader.valid.cloud as CloudName);
  const visit = reader.valid.ephemeral as EphemeralConfig | undefined;
  if (chosen !== undefined) {
    const id = { project: pulumi.getProject(), stack: pulumi.getStack() };
    reader.read("cluster", chosen.schema, clusterDefaults(chosen.ephemeral, visit, id));
  }
  const cluster = reader.valid.cluster;
  const files = promptFiles();
  if (reader.valid.prompts !== undefined)
    reader.valid.prompts = { ...files.prompts, ...(reader.valid.prompts as object) };

  const problems = [
    ...sources.problems,
    ...reader.problems,
    ...files.problems,
    ...unknownKeys(sources),
    ...secrecyProblems(sources),
    ...(cluster === undefined || !reach ? [] : (chosen?.check?.(cluster) ?? [])),
    ...ruleProblems(reader.valid, chosen, sources),
    ...(reach && (reader.valid.image as RalphConfig["image"] | undefined)?.build === true
      ? dockerProblems()
      : []),
    ...(cluster === undefined ? [] : reservedTags(sources)),
    ...(visit === undefined || chosen === undefined
      ? []
      : ephemeralProblems(visit, chosen.ephemeral, sources)),
    ...(cluster === undefined || visit?.enabled !== true ? [] : (chosen?.ephemeral.check?.(cluster) ?? [])),
  ];
  if (problems.length > 0) throw refusal(report(`the configuration of stack ${pulumi.getStack()}`, problems));

  const ralph = Object.fromEntries(Object.keys(workload).map((key) => [key, reader.valid[key]]));
  return {
    cloud: reader.valid.cloud as CloudName,
    cluster,
    traits: (chosen as Cloud<ClusterConfig>).traits(cluster),
    ralph: ralph as unknown as RalphConfig,
    lifetime: visit === undefined ? undefined : lifetime(visit),
  };
}

/** Parses section by section, so that one bad key does not hide what is wrong with the others. */
class Reader {
  readonly valid: Record<string, unknown> = {};
  readonly problems: Problem[] = [];

  constructor(private readonly sources: Sources) {}

  /** @param below what the schema's own defaults are replaced by */
  read(key: string, schema: z.ZodType, below?: Record<string, unknown>): void {
    const given = this.sources.values[key];
    const value =
      below === undefined || !isMap(given ?? {})
        ? given
        : merge(below, (given ?? {}) as Record<string, unknown>);
    const parsed = schema.safeParse(value);
    // A name may be all digits, and at the top level the engine tells no text from a number.
    const asText = typeof value === "number" ? schema.safeParse(String(value)) : parsed;
    const result = asText.success && !parsed.success ? asText : parsed;
    if (result.success) {
      this.valid[key] = result.data;
    } else {
      this.problems.push(...issueProblems(result.error.issues, key, schema, this.sources));
    }
  }
}

function unknownKeys(sources: Sources): Problem[] {
  const known = [...Object.keys(sections), "cluster"];
  return Object.keys(sources.values)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey([key], known, sources));
}

/** The rules between keys, as far as the keys they look at are valid. */
function ruleProblems(
  valid: Record<string, unknown>,
  chosen: Cloud<ClusterConfig> | undefined,
  sources: Sources,
): Problem[] {
  const traits = valid.cluster === undefined ? undefined : chosen?.traits(valid.cluster);
  return (
    rules
      .filter((rule) => rule.sections.every((section) => section in valid))
      // A rule that asks for the traits names the section `cluster`.
      .flatMap((rule) => rule.check(valid, traits as ClusterTraits))
      .map((finding) => problemOf(finding, sources))
  );
}
