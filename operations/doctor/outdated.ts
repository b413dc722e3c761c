import { operationsOf, type Place } from "../../clusters/operations";
import { askProgram, isUnseen } from "../leaks/ask";
import type { Unseen } from "../unseen";
import type { Commands, Finding } from "./types";

const ABOUT = "versions of add-ons and nodes";

/** What the stack's cloud says is older than it could be: findings, or why it could not be asked. */
export async function findOutdated(
  place: Place,
  { set, up }: Pick<Commands, "set" | "up">,
): Promise<{ readonly findings: readonly Finding[]; readonly unseen: readonly Unseen[] }> {
  const operations = operationsOf(place.cloud);
  if (!operations.ownsCluster || operations.outdated === undefined) return { findings: [], unseen: [] };
  const unseen: Unseen[] = [];
  try {
    const found = await operations.outdated(place, async (words) => {
      const answer = await askProgram({ about: ABOUT }, words, place);
      if (!isUnseen(answer)) return answer;
      unseen.push(answer);
      throw new Error(answer.reason);
    });
    return {
      findings: found.map(({ object, version, newest, kubernetes, update, pin }) => ({
        object,
        what: `${version} is not ${newest}, the newest version for Kubernetes ${kubernetes}`,
        cause: `The cloud does not update it by itself; a version pinned by ralph:${pin} stays as well.`,
        fix: [set(update.key, update.value), up],
      })),
      unseen: [],
    };
  } catch (error) {
    if (unseen.length === 0) throw error;
    return { findings: [], unseen: unseen.slice(0, 1) };
  }
}
