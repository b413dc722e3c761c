import type { CloudName } from "../../clusters";
import { ephemeralName } from "../../clusters/ephemeral";
import { labelValue } from "../../clusters/gke/labels";
import { EXPIRES_TAG, momentOfTag, OWNER_TAG, parseMoment } from "../../clusters/lifetime";
import { askCloud, findLeaks, isUnseen } from "../leaks";
import type { Unseen } from "../unseen";
import { PROJECT } from "../../lib/repository";
import type { Place } from "../place";
import { later } from "./record";
import type { Reaped } from "./decide";

/** Something in a cloud that says of which stack it is. */
interface Marked {
  readonly tags: Readonly<Record<string, string>>;
  /** Where its stack is in that cloud, as far as the thing tells. */
  readonly place: Partial<Pick<Place, "cluster" | "location" | "resourceGroup">>;
}

/** A question to a cloud for all that this project has marked. */
interface Sweep {
  readonly about: string;
  readonly ask: readonly string[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the answer of a vendor's program
  readonly marked: (answer: any) => readonly Marked[];
}

interface Item {
  readonly name: string;
  readonly location?: string;
  readonly labels?: Marked["tags"];
  readonly resourceLabels?: Marked["tags"];
  readonly tags?: Marked["tags"] | null;
}

const gcloud = (field: string, ...words: readonly string[]) => [
  "gcloud",
  ...words,
  "list",
  `--filter=${field}.project=${PROJECT}`,
  "--format=json",
];

const SWEEPS: Readonly<Partial<Record<CloudName, readonly Sweep[]>>> = {
  gke: [
    {
      about: "clusters",
      ask: gcloud("resourceLabels", "container", "clusters"),
      marked: (answer: readonly Item[]) =>
        answer.map(({ name, location, resourceLabels = {} }) => ({
          tags: resourceLabels,
          place: { cluster: name, location },
        })),
    },
    {
      about: "image repositories",
      ask: gcloud("labels", "artifacts", "repositories"),
      marked: (answer: readonly Item[]) =>
        answer.map(({ name, labels = {} }) => ({
          tags: labels,
          // projects/<project>/locations/<region>/repositories/<name of the cluster>
          place: { cluster: name.split("/").at(-1) },
        })),
    },
    {
      about: "file shares",
      ask: gcloud("labels", "filestore", "instances"),
      marked: (answer: readonly Item[]) => answer.map(({ labels = {} }) => ({ tags: labels, place: {} })),
    },
  ],
  eks: [
    {
      about: "everything with a tag",
      ask: [
        ...["aws", "resourcegroupstaggingapi", "get-resources"],
        ...["--tag-filters", `Key=project,Values=${PROJECT}`, "--output", "json"],
      ],
      marked: (answer: { ResourceTagMappingList: { Tags?: { Key: string; Value: string }[] }[] }) =>
        answer.ResourceTagMappingList.map(({ Tags = [] }) => ({
          tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
          place: {},
        })),
    },
  ],
  aks: [
    {
      about: "resource groups",
      ask: ["az", "group", "list", "--tag", `project=${PROJECT}`, "--output", "json"],
      marked: (answer: readonly Item[]) =>
        answer.map(({ name, tags }) => ({ tags: tags ?? {}, place: { resourceGroup: name } })),
    },
  ],
};

const SWEPT = Object.keys(SWEEPS) as CloudName[];

/** What stacks have left that this backend does not know: by their tags, one entry for each stack and cloud. */
export async function findOrphans(
  known: readonly string[],
  now: number,
  only?: CloudName,
): Promise<{ orphans: readonly Reaped[]; unseen: readonly Unseen[] }> {
  // A label on Google Cloud has no capital letters: a stack of any spelling speaks for it.
  const alive = new Set([...known, ...known.map(labelValue)]);
  const unseen: Unseen[] = [];
  const orphans: Reaped[] = [];
  for (const cloud of SWEPT.filter((each) => only === undefined || each === only)) {
    const found = new Map<string, Marked[]>();
    for (const { about, ask, marked } of SWEEPS[cloud] ?? []) {
      const answer = (await askCloud(cloud, about, ask)) as unknown;
      if (isUnseen(answer)) unseen.push(answer);
      else
        for (const each of marked(answer)) {
          const { stack } = each.tags;
          if (stack !== undefined && !alive.has(stack)) found.set(stack, [...(found.get(stack) ?? []), each]);
        }
    }
    for (const [stack, things] of found) {
      const { orphan, unseen: more } = await judge(cloud, stack, things, now);
      unseen.push(...more);
      if (orphan !== undefined) orphans.push(orphan);
    }
  }
  return { orphans, unseen };
}

/** The tags of a stack that is to stay have no end: nothing is said of what it has, which may be all of it. */
async function judge(
  cloud: CloudName,
  stack: string,
  things: readonly Marked[],
  now: number,
): Promise<{ orphan?: Reaped; unseen: readonly Unseen[] }> {
  const ends = things.flatMap(({ tags }) => momentOfTag(tags[EXPIRES_TAG] ?? "") ?? []);
  const [first, ...others] = ends;
  if (first === undefined) return { unseen: [] };
  const expires = others.reduce(later, first);
  const owner = things.flatMap(({ tags }) => tags[OWNER_TAG] ?? [])[0];
  const told = { stack, expires, ...(owner === undefined ? {} : { owner }) };
  if ((parseMoment(expires) ?? Infinity) > now)
    return {
      orphan: {
        ...told,
        outcome: "keep",
        reason: `is on ${cloud} and not in this backend, and lives until ${expires}`,
      },
      unseen: [],
    };

  const place: Place = {
    cloud,
    stack,
    cluster: ephemeralName(PROJECT, stack),
    provider: {},
    ...Object.assign({}, ...things.map((each) => defined(each.place))),
  };
  const { leftovers, unseen } = await findLeaks(place);
  if (leftovers.length === 0) return { unseen };
  return {
    orphan: {
      ...told,
      outcome: "orphan",
      reason: `is not in this backend, and has left on ${cloud}: ${leftovers.map(({ what, id }) => `${what} ${id}`).join(", ")}`,
      remove: leftovers.flatMap(({ remove }) => remove),
    },
    unseen,
  };
}

const defined = (place: Marked["place"]) =>
  Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
