import {
  type CloudOperations,
  type Found,
  operationsOf,
  type Place,
  type Query,
} from "../../clusters/operations";
import { ownerText } from "../../clusters/ownership";
import { pause } from "../../lib/process";
import { hasOwnCluster } from "../cluster/own";
import type { Resource } from "../engine/state";
import type { Unseen } from "../unseen";
import { askProgram, isUnseen } from "./ask";
import { comparable, isKnown } from "./known";
import { shellLogin } from "./login";
import { type Evidence, ownership } from "./owner";
import type { LeakReport, Leftover } from "./report";
import { leftInCluster } from "./shared-cluster";

/**
 * Finds what exists in the stack's cloud and not in its state, by the vendor's own program; or on the cluster, if the
 * stack does not own that. A cloud that cannot be asked is part of the report, not an error.
 *
 * @param known what the state has now: none of it is a leftover, and nothing that its cluster has created
 * @param had what the state had before, which is proof of what was the stack's
 */
export async function findLeaks(
  configured: Place,
  known: readonly Resource[] = [],
  had: readonly Resource[] = [],
): Promise<LeakReport> {
  const operations = operationsOf(configured.cloud);
  if (!operations.ownsCluster) return leftInCluster(operations, configured, known);
  const clusterIsUp = hasOwnCluster(known);
  const place = located(configured, [...known, ...had]);

  const answers = await Promise.all(operations.leaks.map((query) => look(query, place)));
  const all = answers.flatMap((answer) => (Array.isArray(answer) ? (answer as Found[]) : []));
  const owner = ownership(all, { place, operations, had: [...known, ...had] } satisfies Evidence);
  const candidates = new Map(
    all
      .filter((each) => !(clusterIsUp && each.createdBy === "cluster") && !isKnown(each, known))
      .map((each) => [`${each.what} ${each.id}`, each] as const),
  );
  const { existing, unseen } = await stillThere([...candidates.values()], place, operations);
  const of = (wanted: ReturnType<typeof owner>) => existing.filter((each) => owner(each) === wanted);
  const leftovers = [
    ...of("stack").map(({ what, id, remove }) => ({ what, id, remove })),
    ...of("unknown").map(({ what, id }) => ({ what, id, remove: [] })),
  ];
  const first = leftovers.some(({ remove }) => remove.length > 0) ? shellLogin(place) : [];
  return {
    ...(first.length > 0 ? { first } : {}),
    leftovers: inOrder(withoutContents(leftovers), operations),
    // What a name of this stack's own does not lead to, such as another cluster's disks, is of no interest here.
    others: of("other")
      .filter(({ named }) => named === true)
      .map(({ what, id, tags }) => ({ what, id, owner: ownerText(tags) })),
    unseen: [...answers.flatMap((answer) => (Array.isArray(answer) ? [] : [answer as Unseen])), ...unseen],
    looked: operations.leaks.filter((_, i) => Array.isArray(answers[i])).map(({ about }) => about),
  };
}

/** How many things are asked for at the same time: a vendor's program needs a second and 100 MB for each. */
const AT_ONCE = 8;

/** Asks for each thing by its id: a cloud's lists have deleted ones for minutes, some even for hours. */
async function stillThere(
  all: readonly Found[],
  place: Place,
  { byId }: CloudOperations,
): Promise<{ existing: readonly Found[]; unseen: readonly Unseen[] }> {
  const existing: Found[] = [];
  const unseen: Unseen[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    await Promise.all(
      all.slice(at, at + AT_ONCE).map(async (each) => {
        const query = byId(each.id, place);
        if (query === undefined) return void existing.push(each);
        const about = `${each.what} ${each.id}`;
        const answer = await askProgram({ about, none: query.none }, query.ask, place);
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
  for (const query of operations.blockers)
    for (const { id = "" } of known.filter(({ type }) => type === query.networkType)) {
      const answer = await askProgram(query, query.ask(id, place), place);
      if (!isUnseen(answer) && answer !== undefined) found.push(...query.found(answer, place));
    }
  return found.filter((each) => !isKnown(each, known)).map(({ what, id, remove }) => ({ what, id, remove }));
}

/** Without what is deleted along with something else: a resource in a group that is left over itself. */
const withoutContents = (all: readonly Leftover[]): Leftover[] =>
  all.filter(
    ({ id }) =>
      !all.some((other) => other.remove.length > 0 && comparable(id).startsWith(`${comparable(other.id)}/`)),
  );

/** In the order in which the commands work. */
function inOrder(all: readonly Leftover[], { removalOrder }: CloudOperations): Leftover[] {
  const rank = ({ what }: Leftover): number => removalOrder.indexOf(what);
  return [...all].sort((x, y) => rank(x) - rank(y));
}

/** The place of a stack, completed by the ids in its state. */
export function located(place: Place, known: readonly Resource[]): Place {
  const operations = operationsOf(place.cloud);
  const ids = known.flatMap(({ id }) => id ?? []);
  return operations.ownsCluster ? operations.located(place, ids) : place;
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
  const answer = await askProgram({ about: "cluster", none }, ask(place), place);
  if (isUnseen(answer)) return answer;
  return answer !== undefined && exists(answer, place);
}

async function look(query: Query, place: Place): Promise<readonly Found[] | Unseen> {
  const ask = (words: readonly string[]) => askProgram(query, words, place);
  const all = await ask(query.ask(place));
  if (isUnseen(all)) return all;
  if (all === undefined) return [];
  const found = query.found(all, place);
  const { tags } = query;
  if (tags === undefined) return found;
  const known: Found[] = [];
  for (const each of found) {
    const answer = await ask(tags.ask(each, place));
    if (isUnseen(answer)) return answer;
    if (answer !== undefined) known.push({ ...each, tags: tags.of(answer) });
  }
  return known;
}

/** `findLeaks`, repeated while something is left that may still be on its way out: a cloud's lists lag behind. */
export async function settledLeaks(
  place: Place,
  had: readonly Resource[],
  waits: readonly number[] = lagOf(place),
): Promise<LeakReport> {
  let report = await findLeaks(place, [], had);
  for (const wait of waits) {
    if (report.leftovers.length === 0) break;
    await pause(wait);
    report = await findLeaks(place, [], had);
  }
  return report;
}

function lagOf({ cloud }: Place): readonly number[] {
  const operations = operationsOf(cloud);
  return operations.ownsCluster ? operations.program.lag : [];
}
