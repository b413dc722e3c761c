import type { CloudName } from "../../clusters";
import { pause, run } from "../../lib/process";
import { hasOwnCluster } from "../cluster/own";
import type { Resource } from "../engine/state";
import type { Place } from "../place";
import { aks } from "./aks";
import { eks } from "./eks";
import { leftInCluster } from "./existing";
import { gke } from "./gke";
import { type Answer, type CloudQueries, type Found, type LeakReport, NO_LEAKS, type Query } from "./query";
import type { Unseen } from "../unseen";

/** The clouds that keep something beside the cluster's own objects. */
const CLOUDS: Readonly<Partial<Record<CloudName, CloudQueries>>> = { gke, eks, aks };

/** Milliseconds that a vendor's program may take. */
const PATIENCE = 120_000;

/**
 * Looks in the stack's cloud for what is there and not in its state, by the vendor's own program; or on the cluster,
 * where that is not the stack's.
 *
 * @param known what the state has now: none of it is a leftover, and neither is what its cluster has made
 * @throws nothing for a cloud that cannot be asked: that is part of the report
 */
export async function findLeaks(place: Place, known: readonly Resource[] = []): Promise<LeakReport> {
  const cloud = CLOUDS[place.cloud];
  if (cloud === undefined) return (await leftInCluster(place, known)) ?? NO_LEAKS;
  const alive = hasOwnCluster(known);

  const answers = await Promise.all(cloud.queries.map((query) => look(query, place, cloud)));
  const found = answers
    .flatMap((answer) => (Array.isArray(answer) ? (answer as Found[]) : []))
    .filter((each) => !(alive && each.madeBy === "cluster") && !isKnown(each, known));
  return {
    leftovers: [
      ...new Map(found.map(({ what, id, remove }) => [`${what} ${id}`, { what, id, remove }])).values(),
    ],
    unseen: answers.flatMap((answer) => (Array.isArray(answer) ? [] : [answer as Unseen])),
    looked: cloud.queries.filter((_, i) => Array.isArray(answers[i])).map(({ about }) => about),
  };
}

/** Whether the cluster of a stack is in its cloud; undefined where the cloud cannot say. */
export async function clusterExists(place: Place): Promise<boolean | Unseen> {
  const cloud = CLOUDS[place.cloud];
  if (cloud === undefined)
    return {
      about: "cluster",
      reason: "it is not made by this program, so no cloud can be asked about it",
      fix: `if it is gone for good: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy --stack ${place.stack}`,
    };
  const answer = await look(cloud.cluster, place, cloud);
  return Array.isArray(answer) ? answer.length > 0 : (answer as Unseen);
}

/** By what a cloud's answers may name a resource. */
const namesOf = ({ id, type, outputs = {} }: Resource): string[] =>
  type.startsWith("kubernetes:")
    ? []
    : [id, outputs.arn, outputs.name, outputs.email, outputs.repositoryId, outputs.id].filter(
        (name): name is string => typeof name === "string",
      );

/** By its id as it is, or as the end of an ARN: the states of some resources have no other name. */
const isKnown = ({ id, type }: Found, known: readonly Resource[]): boolean =>
  known
    .filter((resource) => type === undefined || resource.type === type)
    .flatMap(namesOf)
    .some((name) => id === name || id.endsWith(`/${name}`) || id.endsWith(`:${name}`));

async function look(query: Query, place: Place, cloud: CloudQueries): Promise<readonly Found[] | Unseen> {
  const ask = async (words: readonly string[]): Promise<Answer | Unseen> => answer(query, words, cloud);
  const all = await ask(query.ask(place));
  if (isUnseen(all)) return all;
  const found = all === undefined ? [] : query.found(all, place);
  const { whose } = query;
  if (whose === undefined) return found;
  const ours: Found[] = [];
  for (const each of found) {
    const said = await ask(whose.ask(each, place));
    if (isUnseen(said)) return said;
    if (said !== undefined && whose.ours(said, place)) ours.push(each);
  }
  return ours;
}

/** One question to a cloud about no stack in particular; its answer as JSON. */
export async function askCloud(
  name: CloudName,
  about: string,
  words: readonly string[],
): Promise<Answer | Unseen> {
  const cloud = CLOUDS[name];
  if (cloud === undefined) return [];
  return answer({ about }, words, cloud);
}

export const isUnseen = (answer: unknown): answer is Unseen =>
  typeof answer === "object" && answer !== null && "fix" in answer && "reason" in answer;

/** The answer, or undefined where the program says that there is none. */
async function answer(
  { about, none }: Pick<Query, "about" | "none">,
  [program = "", ...args]: readonly string[],
  { install, logIn }: CloudQueries,
): Promise<Answer> {
  const { code, stdout, stderr } = await run(program, args, { timeout: PATIENCE });
  const unseen = (reason: string, fix: string): Unseen => ({ about, reason, fix });
  if (code === 127) return unseen(`there is no ${program} on PATH`, install);
  if (code === 124) return unseen(`${program} gives no answer`, logIn);
  if (code !== 0) {
    if (none?.test(stderr) === true) return undefined;
    return unseen(stderr.trim().split("\n").at(-1) ?? `${program} fails (exit ${code})`, logIn);
  }
  try {
    return JSON.parse(stdout.trim() === "" ? "[]" : stdout) as Answer;
  } catch {
    return unseen(`${program} answers something else than JSON`, install);
  }
}

/** The same, as often as something is left that may be on its way out: a cloud's lists lag behind. */
export async function settledLeaks(
  place: Place,
  waits: readonly number[] = CLOUDS[place.cloud]?.lag ?? [],
): Promise<LeakReport> {
  let report = await findLeaks(place);
  for (const wait of waits) {
    if (report.leftovers.length === 0) break;
    await pause(wait);
    report = await findLeaks(place);
  }
  return report;
}
