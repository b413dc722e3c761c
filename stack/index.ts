import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { cloud, type CloudName, CLOUDS, type ClusterConfig } from "../clusters";
import type { Lifetime } from "../clusters/lifetime";
import { type AccountQuestion, accountProblems, missingRegistryProgram } from "../clusters/preflight";
import type { Cloud, ClusterTraits } from "../clusters/types";
import { type Finding, problemOf } from "../config/findings";
import { issueProblems, isUnknownKey, unknownKey } from "../config/issues";
import { isMap } from "../config/path";
import { type Problem, report } from "../config/problems";
import { refusal } from "../config/refusal";
import { secrecyProblems } from "../config/secrecy";
import { merge, readSources, type Sources } from "../config/sources";
import { PROJECT } from "../lib/repository";
import { dockerProblems } from "../workload/image/docker";
import { PUBLISHED_IMAGE } from "../workload/keys/image";
import { type RalphConfig, rules, schema as workload } from "../workload/keys";
import {
  checkEphemeral,
  checkReservedTags,
  clusterDefaults,
  type EphemeralConfig,
  lifetime,
  schema as ephemeral,
} from "./ephemeral";
import { promptFiles } from "./prompt-files";
import { SECRETS } from "./secrets";

/** The configuration of a stack. */
export interface Config {
  readonly cloud: CloudName;
  readonly cluster: ClusterConfig;
  readonly traits: ClusterTraits;
  readonly ralph: RalphConfig;
  /** Only on an ephemeral stack. */
  readonly lifetime?: Lifetime;
  /** What is left to check: the cloud's answer takes a second, during which `prepareCluster` asks the rest. */
  readonly account?: AccountQuestion;
}

/** Every top-level key except `cluster`, whose schema its cloud defines. */
export const sections = {
  cloud: z.enum(CLOUDS).meta({ description: "The cloud of the cluster, or `existing`." }),
  valuesFile: z
    .string()
    .optional()
    .meta({ description: "A Helm-style values file; the stack's configuration overrides it." }),
  ephemeral,
  ...workload,
};

/**
 * Reads and checks the stack's configuration.
 *
 * @param options.offline whether the cluster will not be reached, as when its manifests are only rendered: then neither
 * the cloud's own checks run, which need a kubeconfig and programs, nor the one for Docker
 * @throws pulumi.RunError with all problems, before any resource is registered; the engine prints it without a stack
 * trace
 */
export function readConfig({ offline = false }: { readonly offline?: boolean } = {}): Config {
  const sources = readSources(PROJECT, SECRETS);
  const reader = new Reader(sources);

  for (const [key, schema] of Object.entries(sections)) reader.read(key, schema);
  const chosen = reader.valid.cloud === undefined ? undefined : cloud(reader.valid.cloud as CloudName);
  const ephemeralConfig = reader.valid.ephemeral as EphemeralConfig | undefined;
  if (chosen !== undefined) {
    const id = { project: pulumi.getProject(), stack: pulumi.getStack() };
    reader.read("cluster", chosen.schema, clusterDefaults(chosen.ephemeral, ephemeralConfig, id));
  }
  const cluster = reader.valid.cluster;
  const files = promptFiles();
  if (reader.valid.prompts !== undefined)
    reader.valid.prompts = { ...files.prompts, ...(reader.valid.prompts as object) };

  const image = reader.valid.image as RalphConfig["image"] | undefined;
  const isBuilt = image?.build === true;
  const pushesTo =
    isBuilt && !offline && image.repository === PUBLISHED_IMAGE && cluster !== undefined
      ? chosen?.traits(cluster).registry
      : undefined;
  const unready = cluster === undefined || offline ? [] : (chosen?.check?.(cluster) ?? []);
  const account = cluster === undefined || offline ? undefined : chosen?.account?.(cluster);
  const findings = [
    ...checkRules(reader.valid, chosen),
    ...(cluster === undefined ? [] : checkReservedTags(sources.values)),
    ...(ephemeralConfig === undefined || chosen === undefined
      ? []
      : checkEphemeral(ephemeralConfig, chosen.ephemeral, sources.values)),
  ];
  const misplaced = [...reader.problems, ...unknownKeys(sources)];
  const unknown = new Set(misplaced.filter(isUnknownKey).map(({ key }) => key));
  const problems = [
    ...sources.problems,
    ...files.problems,
    ...misplaced,
    // What must be removed need not be encrypted first.
    ...secrecyProblems(sources).filter(({ key }) => !unknown.has(key)),
    ...unready,
    ...findings.map((finding) => problemOf(finding, sources)),
    ...(isBuilt && !offline ? dockerProblems() : []),
    ...(pushesTo === undefined ? [] : missingRegistryProgram(pushesTo)).filter(
      ({ fix }) => !unready.some((each) => each.fix === fix),
    ),
    ...(cluster === undefined || ephemeralConfig?.enabled !== true
      ? []
      : (chosen?.ephemeral.check?.(cluster) ?? [])),
  ];
  if (problems.length > 0)
    throw refusal(
      report(`the configuration of stack ${pulumi.getStack()}`, [
        ...problems,
        ...(account === undefined ? [] : accountProblems(account)),
      ]),
    );

  const ralph = Object.fromEntries(Object.keys(workload).map((key) => [key, reader.valid[key]]));
  return {
    cloud: reader.valid.cloud as CloudName,
    cluster,
    traits: (chosen as Cloud<ClusterConfig>).traits(cluster),
    ralph: ralph as unknown as RalphConfig,
    lifetime: ephemeralConfig === undefined ? undefined : lifetime(ephemeralConfig),
    account,
  };
}

/** Parses each section by itself, so that one bad key does not hide the problems of the others. */
class Reader {
  readonly valid: Record<string, unknown> = {};
  readonly problems: Problem[] = [];

  constructor(private readonly sources: Sources) {}

  /** @param defaults override the schema's own defaults */
  read(key: string, schema: z.ZodType, defaults?: Record<string, unknown>): void {
    const given = this.sources.values[key];
    const value =
      defaults === undefined || !isMap(given ?? {})
        ? given
        : merge(defaults, (given ?? {}) as Record<string, unknown>);
    const parsed = schema.safeParse(value);
    // A name may be all digits, and at the top level the engine does not distinguish text from a number.
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

/** The rules between keys of the workload, as far as the sections that they name are valid. */
function checkRules(
  valid: Record<string, unknown>,
  chosen: Cloud<ClusterConfig> | undefined,
): readonly Finding[] {
  const traits = valid.cluster === undefined ? undefined : chosen?.traits(valid.cluster);
  return (
    rules
      .filter((rule) => rule.sections.every((section) => section in valid))
      // A rule that needs the traits names the section `cluster`.
      .flatMap((rule) => rule.check(valid, traits as ClusterTraits))
  );
}
