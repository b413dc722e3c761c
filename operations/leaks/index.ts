import {
  type Answer,
  type CloudOperations,
  type Found,
  operationsOf,
  type Place,
  type Query,
  type VendorProgram,
} from "../../clusters/operations";
import { pause, run } from "../../lib/process";
import { hasOwnCluster } from "../cluster/own";
import type { Resource } from "../engine/state";
import type { Unseen } from "../unseen";
import type { LeakReport, Leftover } from "./report";
import { leftInCluster } from "./shared-cluster";

/** Milliseconds that a vendor's program may take. */
const PATIENCE = 120_000;

/**
 * Finds what exists in the stack's cloud and not in its state, by the vendor's own program; or on the cluster, if the
 * stack does not own that. A cloud that cannot be asked is part of the report, not an error.
 *
 * @param known what the state has now: none of it is a leftover, and nothing that its cluster has created
 */
export async function findLeaks(configured: Place, known: readonly Resource[] = []): Promise<LeakReport> {
  const operations = operationsOf(configured.cloud);
  if (!operations.ownsCluster) return leftInCluster(operations, configured, known);
  const clusterIsUp = hasOwnCluster(known);
  const place = located(configured, known);

  const answers = await Promise.all(operations.leaks.map((query) => look(query, place, operations)));
  const candidates = answers
    .flatMap((answer) => (Array.isArray(answer) ? (answer as Found[]) : []))
    .filter((each) => !(clusterIsUp && each.createdBy === "cluster") && !isKnown(each, known));
  const found = new Map(
    candidates.map(({ what, id, remove }) => [`${what} ${id}`, { what, id, remove }] as const),
  );
  const { existing, unseen } = await stillThere([...found.values()], place, operations);
  return {
    leftovers: inOrder(withoutContents(existing), operations),
    unseen: [...answers.flatMap((answer) => (Array.isArray(answer) ? [] : [answer as Unseen])), ...unseen],
    looked: operations.leaks.filter((_, i) => Array.isArray(answers[i])).map(({ about }) => about),
  };
}

/** How many things are asked for at the same time: a vendor's program needs a second and 100 MB for each. */
const AT_ONCE = 8;

/** Asks for each thing by its id: a cloud's lists have deleted ones for minutes, some even for hours. */
async function stillThere(
  all: readonly Leftover[],
  place: Place,
  { byId, program }: CloudOperations,
): Promise<{ existing: readonly Leftover[]; unseen: readonly Unseen[] }> {
  const existing: Leftover[] = [];
  const unseen: Unseen[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    await Promise.all(
      all.slice(at, at + AT_ONCE).map(async (each) => {
        const query = byId?.(each.id, place);
        if (query === undefined) return void existing.push(each);
        const about = `${each.what} ${each.id}`;
        const answer = await askProgram({ about, none: query.none }, query.ask, program);
        if (isUnseen(answer)) unseen.push(answer);
        else if (answer !== undefined && query.exists(answer)) existing.push(each);
      }),
    );
  return { existing: all.filter((each) => existing.includes(each)), unseen };
}

/** What is in the stack's network and in no state, and may keep it from being deleted. */
export async function findBlockers(
  place: Place,
  known: readonly Resource[],
): Promise<LeakReport["leftovers"]> {
  const operations = operationsOf(place.cloud);
  if (!operations.ownsCluster) return [];
  const found: Found[] = [];
  for (const query of operations.blockers ?? [])
    for (const { id = "" } of known.filter(({ type }) => type === query.networkType)) {
      const answer = await askProgram(query, query.ask(id, place), operations.program);
      if (!isUnseen(answer) && answer !== undefined) found.push(...query.found(answer, place));
    }
  return found.filter((each) => !isKnown(each, known)).map(({ what, id, remove }) => ({ what, id, remove }));
}

/** Without what is deleted along with something else: a resource in a group that is left over itself. */
const withoutContents = (all: readonly Leftover[]): Leftover[] =>
  all.filter(({ id }) => !all.some((other) => comparable(id).startsWith(`${comparable(other.id)}/`)));

/** In the order in which the commands work. */
function inOrder(all: readonly Leftover[], { removalOrder = [] }: CloudOperations): Leftover[] {
  const rank = ({ what }: Leftover): number => removalOrder.indexOf(what);
  return [...all].sort((x, y) => rank(x) - rank(y));
}

/** The place of a stack, completed by the ids in its state. */
export function located(place: Place, known: readonly Resource[]): Place {
  const operations = operationsOf(place.cloud);
  const ids = known.flatMap(({ id }) => id ?? []);
  return (operations.ownsCluster ? operations.located?.(place, ids) : undefined) ?? place;
}

/** Whether the cluster of a stack exists; why it is not known if its cloud cannot be asked. */
export async function clusterExists(place: Place): Promise<boolean | Unseen> {
  const operations = operationsOf(place.cloud);
  if (!operations.ownsCluster)
    return {
      about: "cluster",
      reason: "this program did not create it, so no cloud can be asked about it",
      fix: `if it has been deleted: PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy --stack ${place.stack}`,
    };
  const { ask, exists, none } = operations.cluster;
  const answer = await askProgram({ about: "cluster", none }, ask(place), operations.program);
  if (isUnseen(answer)) return answer;
  return answer !== undefined && exists(answer, place);
}

/** Names by which a cloud's answers may identify a resource. */
const namesOf = ({ id, type, outputs = {} }: Resource): string[] =>
  type.startsWith("kubernetes:")
    ? []
    : [id, outputs.arn, outputs.name, outputs.email, outputs.repositoryId, outputs.id].filter(
        (name): name is string => typeof name === "string",
      );

/** By its whole id, or by the end of it: the states of some resources have no more. */
const isKnown = ({ id, type }: Found, known: readonly Resource[]): boolean =>
  known
    .filter((resource) => type === undefined || resource.type === type)
    .flatMap(namesOf)
    .map(comparable)
    .some((name) => [name, `/${name}`, `:${name}`].some((end) => comparable(id).endsWith(end)));

/** A cloud may spell the same id in different ways: `resourceGroups` and `resourcegroups`. */
const comparable = (id: string): string => (id.startsWith("/subscriptions/") ? id.toLowerCase() : id);

async function look(
  query: Query,
  place: Place,
  { program }: CloudOperations,
): Promise<readonly Found[] | Unseen> {
  const ask = (words: readonly string[]) => askProgram(query, words, program);
  const all = await ask(query.ask(place));
  if (isUnseen(all)) return all;
  if (all === undefined) return [];
  const found = query.found(all, place);
  const { owner } = query;
  if (owner === undefined) return found;
  const owned: Found[] = [];
  for (const each of found) {
    const answer = await ask(owner.ask(each, place));
    if (isUnseen(answer)) return answer;
    if (owner.isStack(answer, place)) owned.push(each);
  }
  return owned;
}

export const isUnseen = (answer: unknown): answer is Unseen =>
  typeof answer === "object" && answer !== null && "fix" in answer && "reason" in answer;

/**
 * Asks a vendor's program one question.
 *
 * @returns its JSON; undefined if it prints what means "none"; `Unseen` if it cannot answer
 */
export async function askProgram(
  { about, none }: { readonly about: string; readonly none?: RegExp },
  [program = "", ...args]: readonly string[],
  { install, logIn }: VendorProgram,
): Promise<Answer> {
  const { code, stdout, stderr } = await run(program, args, { timeout: PATIENCE });
  const unseen = (reason: string, fix: string): Unseen => ({ about, reason, fix });
  if (code === 127) return unseen(`${program} is not on PATH`, install);
  if (code === 124) return unseen(`${program} does not answer`, logIn);
  if (code !== 0) {
    if (none?.test(stderr) === true) return undefined;
    return unseen(stderr.trim().split("\n").at(-1) ?? `${program} fails (exit ${code})`, logIn);
  }
  try {
    return JSON.parse(stdout.trim() === "" ? "[]" : stdout) as Answer;
  } catch {
    return unseen(`${program} does not answer with JSON`, install);
  }
}

/** `findLeaks`, repeated while something is left that may still be on its way out: a cloud's lists lag behind. */
export async function settledLeaks(
  place: Place,
  waits: readonly number[] = lagOf(place),
): Promise<LeakReport> {
  let report = await findLeaks(place);
  for (const wait of waits) {
    if (report.leftovers.length === 0) break;
    await pause(wait);
    report = await findLeaks(place);
  }
  return report;
}

function lagOf({ cloud }: Place): readonly number[] {
  const operations = operationsOf(cloud);
  return operations.ownsCluster ? operations.program.lag : [];
}
