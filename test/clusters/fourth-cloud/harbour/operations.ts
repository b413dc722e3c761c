import type { CloudOperations, Place } from "../../../../clusters/operations";
import { PROJECT } from "../../../../lib/repository";

interface Ship {
  readonly name: string;
  readonly berth: string;
  readonly tags: Readonly<Record<string, string>>;
}

const ask = ({ where, provider }: Place<"berth">, what: string) => [
  "harbourctl",
  what,
  ...["--berth", where.berth ?? "any"],
  ...["--port", provider.port ?? "any"],
];

export const operations = {
  ownsCluster: true,
  provider: "harbour",
  where: ["berth"],
  clusterType: "harbour:fleet:Cluster",
  stackTag: (stack) => stack.toUpperCase(),
  program: { install: "https://harbour.example.com", logIn: "harbourctl login", lag: [1] },
  cluster: {
    ask: (place) => ask(place, "fleets"),
    exists: (fleets: readonly unknown[]) => fleets.length > 0,
  },
  leaks: [
    {
      about: "ships",
      ask: (place) => [...ask(place, "ships"), place.stack.toUpperCase()],
      found: (ships: readonly Ship[]) =>
        ships.map(({ name, tags }) => ({
          what: "ship",
          id: name,
          createdBy: "cluster",
          remove: [`harbourctl scuttle ${name}`],
          tags,
        })),
    },
  ],
  byId: () => undefined,
  removalOrder: [],
  located: (place) => place,
  blockers: [],
  quiet: () => [],
  addonLabels: {},
  sweeps: [
    {
      about: "everything with a flag",
      ask: ["harbourctl", "flags", PROJECT],
      tagged: (ships: readonly Ship[]) =>
        ships.map(({ name, berth, tags }) => ({ tags, place: { cluster: name, where: { berth } } })),
    },
  ],
  importIds: { "harbour:fleet:Cluster": ({ berth, name }) => `${berth}/${name}` },
  podCredentials: { usedBy: [], seconds: "return 0;", missing: "" },
  failures: [{ pattern: /LowTide/, because: "the tide is out", source: "the harbour master" }],
  preview: { plugins: ["harbour"], ownerValues: { "harbour:port": "Lisbon" } },
} satisfies CloudOperations<"berth">;
