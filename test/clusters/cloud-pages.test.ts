/**
 * Proves that docs/clouds says what the program does: the resources that the committed stack makes, what they
 * cost at the list prices of docs/clouds/prices.yaml, and commands whose keys, outputs and targets there are.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { FILESTORE_GIB } from "../../clusters/gke/config";
import { cloud, type CloudName } from "../../clusters";
import { sections } from "../../stack";
import { parseQuantity } from "../../config/quantity";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { block, table } from "../support/markdown";
import type { StackRun } from "../support/stack";

interface Price {
  readonly what: string;
  readonly usd: number;
  readonly per: "hour" | "month";
  readonly source: string;
}

interface Prices {
  readonly hoursPerMonth: number;
  readonly gke: { readonly parts: Readonly<Record<string, Price>> };
  readonly eks: { readonly parts: Readonly<Record<string, Price>> };
  readonly aks: { readonly parts: Readonly<Record<string, Price>> };
}

const PRICES = parse(readFileSync("docs/clouds/prices.yaml", "utf8")) as Prices;

const GIB = 2 ** 30;
/** The least share that Azure Files makes of the tier premium, which alone speaks NFS. */
const AZURE_FILES_GIB = 100;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inputs of any resource
type Inputs = any;

interface Subject {
  readonly name: Exclude<CloudName, "existing">;
  readonly run: () => Promise<StackRun>;
  /** Types of the resources that are at the cloud. */
  readonly types: RegExp;
  /** How many of each part that has a price. */
  readonly amounts: (
    one: (type: string) => Inputs,
    gib: (claim: string) => number,
    all: (type: string) => readonly Inputs[],
  ) => Readonly<Record<string, number>>;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "gke",
    run: () => gke.run(),
    types: /^gcp:/,
    amounts: (one, gib) => {
      const { initialNodeCount: nodes, nodeConfig } = one(gke.TYPE.pool);
      assert.equal(nodeConfig.machineType, "n1-standard-2");
      assert.equal(one(gke.TYPE.nat).natIpAllocateOption, "AUTO_ONLY");
      return {
        controlPlane: 1,
        node: nodes,
        nodeDisk: nodes * nodeConfig.diskSizeGb,
        nat: nodes,
        address: 1,
        workspace: gib("ralph-workspace"),
        cache: Math.max(gib("ralph-cache"), FILESTORE_GIB.BASIC_HDD),
      };
    },
  },
  {
    name: "eks",
    run: () => eks.run(),
    types: /^(aws|eks):/,
    amounts: (one, gib, all) => {
      const groups = all(eks.TYPE.group);
      const [{ ebs }] = one(eks.TYPE.template).blockDeviceMappings;
      for (const { instanceTypes } of groups) assert.deepEqual(instanceTypes, ["t3.medium"]);
      assert.ok(one(eks.TYPE.nat) && one(eks.TYPE.eip));
      const nodes = groups.reduce<number>((sum, { scalingConfig }) => sum + scalingConfig.desiredSize, 0);
      return {
        controlPlane: 1,
        node: nodes,
        nodeDisk: nodes * ebs.volumeSize,
        nat: 1,
        address: 1,
        workspace: gib("ralph-workspace"),
      };
    },
  },
  {
    name: "aks",
    run: () => aks.run({ ...aks.MINIMAL, api: { public: true } }),
    types: /^azure-native:/,
    amounts: (one, gib) => {
      const { agentPoolProfiles, sku } = one("azure-native:containerservice:ManagedCluster");
      const [{ count: nodes, vmSize, osDiskSizeGB }] = agentPoolProfiles;
      assert.equal(vmSize, "Standard_DS2_v2");
      assert.equal(sku.tier, "Free");
      assert.equal(one("azure-native:containerregistry:Registry").sku.name, "Basic");
      assert.ok(osDiskSizeGB > 64 && osDiskSizeGB <= 128, "another size of disk is billed");
      assert.ok(gib("ralph-workspace") > 8 && gib("ralph-workspace") <= 16, "another size of disk is billed");
      return {
        controlPlane: 1,
        node: nodes,
        nodeDisk: nodes,
        loadBalancer: 1,
        address: 1,
        registry: 1,
        workspace: 1,
        cache: Math.max(gib("ralph-cache"), AZURE_FILES_GIB),
      };
    },
  },
];

describe("the page", () => {
  let giveBack: () => void;
  before(() => (giveBack = aks.onlyPrograms("gke-gcloud-auth-plugin", "aws", "kubelogin", "az")));
  after(() => giveBack());

  for (const { name, run, types, amounts } of SUBJECTS) {
    describe(`docs/clouds/${name}.md`, () => {
      const text = readFileSync(`docs/clouds/${name}.md`, "utf8");
      let made: StackRun;
      before(async () => (made = await run()));

      it("counts what the committed stack makes at the cloud", () => {
        const at = made.resources.filter(({ type }) => types.test(type));
        const counts: Record<string, number> = {};
        for (const { type } of at) {
          const short = type.slice(type.lastIndexOf(":") + 1);
          counts[short] = (counts[short] ?? 0) + 1;
        }
        const list = Object.entries(counts)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([type, count]) => (count === 1 ? type : `${count} ${type}`));
        assert.equal(
          block(text, "made").replaceAll("\n", " "),
          `${at.length} resources: ${list.join(", ")}.`,
        );
      });

      it("adds up what they cost an hour", async () => {
        const one = (type: string): Inputs => {
          const [found, ...more] = made.ofType(type);
          assert.ok(found !== undefined && more.length === 0, `${more.length + 1} of ${type}`);
          return found.inputs;
        };
        const gib = (claim: string): number => {
          const { inputs } = made.find("kubernetes:core/v1:PersistentVolumeClaim", claim);
          return (parseQuantity((inputs as Inputs).spec.resources.requests.storage) ?? NaN) / GIB;
        };
        const { parts } = PRICES[name];
        const number = amounts(one, gib, (type) => made.ofType(type).map(({ inputs }) => inputs));
        assert.deepEqual(Object.keys(parts), Object.keys(number));
        const rows = Object.entries(parts).map(([id, price]) => ({ amount: number[id] ?? NaN, price }));
        const hourly = ({ usd, per }: Price) => (per === "hour" ? usd : usd / PRICES.hoursPerMonth);
        const sum = rows.reduce((all, { amount, price }) => all + amount * hourly(price), 0);
        const wanted = await table(
          ["Part", "Number", "List price", "$ an hour"],
          [
            ...rows.map(({ amount, price }) => [
              price.what,
              String(amount),
              `$${dollars(price.usd)} / ${price.per}`,
              (amount * hourly(price)).toFixed(3),
            ]),
            ["**All**", "", "", `**${sum.toFixed(2)}**`],
          ],
        );
        assert.equal(block(text, "costs"), wanted);
      });

      it("has no command, key or output that there is not", () => {
        assert.deepEqual(strangers(text, name, Object.keys(made.outputs)), []);
      });
    });
  }

  it("is told of a key, an output, a target and a stack that there are not", () => {
    const text = [
      "`ralph:cluster.nodes.spot`, `ralph:cluster.nodes.spto`, `ralph:presistence`",
      "```sh",
      "pulumi config set --path ralph:cluster.nodes.count 3",
      "pulumi config set --secret --path ralph:apiKeys.clod",
      "pulumi stack output registry && pulumi stack output password",
      "./ralphctl preview --stack gke && make coffee && ./ralphctl destroy --stack tea",
      "```",
    ].join("\n");
    assert.deepEqual(strangers(text, "gke", ["registry"]), [
      "ralph:cluster.nodes.spto",
      "ralph:presistence",
      "ralph:apiKeys.clod",
      "output password",
      "make coffee",
      "Pulumi.tea.yaml",
    ]);
  });
});

/** In cents, and in parts of them where there are any. */
const dollars = (usd: number): string => usd.toFixed(Math.max(2, String(usd).split(".")[1]?.length ?? 0));

/** What a page names and the program does not have. */
function strangers(text: string, name: CloudName, outputs: readonly string[]): string[] {
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = ""]) => found);
  const keys = new Set(
    Object.entries({ ...sections, cluster: cloud(name).schema }).flatMap(([key, schema]) =>
      paths(z.toJSONSchema(schema, { io: "input" }) as Node, `ralph:${key}`),
    ),
  );
  const makefile = readFileSync("Makefile", "utf8");
  const committed = (stack: string) => {
    try {
      return readFileSync(`Pulumi.${stack}.yaml`) !== undefined;
    } catch {
      return false;
    }
  };
  return [
    ...all(/\b(ralph:[\w.]+)/g).filter((key) => !keys.has(key)),
    ...all(/pulumi stack output (\w+)/g)
      .filter((output) => !outputs.includes(output))
      .map((output) => `output ${output}`),
    ...all(/\bmake ([a-z-]+)/g)
      .filter((target) => !new RegExp(`^${target}:`, "m").test(makefile))
      .map((target) => `make ${target}`),
    ...all(/ralphctl .*?--stack (\w+)/g)
      .filter((stack) => !committed(stack))
      .map((stack) => `Pulumi.${stack}.yaml`),
  ];
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

/** A key, and those below it. */
function paths({ properties = {} }: Node, key: string): string[] {
  return [key, ...Object.entries(properties).flatMap(([name, inner]) => paths(inner, `${key}.${name}`))];
}
