/**
 * Proves for each cloud: whatever a destroyed stack leaves behind, the commands that `leaks` and `destroy` print delete all
 * of it if they are run line by line in the printed order, refuse nothing on the way, and touch nothing else, not even a
 * stack with almost the same names; and that `leaks` then reports nothing although the vendors' lists still have it. The
 * stand-ins refuse a wrong order as the vendors do, or this would prove nothing. The leftovers are random parts of the
 * recorded stacks of a release, and of what controllers create; LEFTOVERS_SEED=7 draws others.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";

import type { Place } from "../../clusters/operations";
import { run } from "../../lib/process";
import { findLeaks } from "../../operations/leaks";
import { removal } from "../../operations/leaks/report";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";
import { referencesOf, refersTo } from "../../stub-clouds/references";
import { runRemoval } from "../../stub-clouds/removal";
import { tableOf } from "../../stub-clouds/tables";
import type { PluginName, Resource, Values } from "../../stub-clouds/types";
import { aws } from "../../stub-clouds/vendor/aws";
import { asText, queried } from "../../stub-clouds/vendor/query";
import { option } from "../../stub-clouds/vendor/words";
import { World } from "../../stub-clouds/world";

const SEED = Number(process.env.LEFTOVERS_SEED ?? 1);
const DRAWS = 6;
/** A deletion that takes a minute takes 30 ms here: long enough to be noticed by a command that does not wait for it. */
const TIME_SCALE = 0.0005;

interface Case {
  readonly place: Place;
  readonly plugin: PluginName;
  /** What controllers in the cluster create, given what the stack has. */
  readonly controllers: (stack: readonly Resource[]) => readonly Resource[];
  /** Spellings of the stack, and those of its neighbour. */
  readonly neighbour: readonly (readonly [RegExp, string])[];
  /** What is no thing of its own, or never deleted: project services, bindings, and locks, which `up` takes off first. */
  readonly ignored: RegExp;
  /** What a command may say if an earlier one has deleted its target already, or if the target never existed. */
  readonly idle: RegExp;
}

const thing = (token: string, id: string, values: Values): Resource => {
  const [plugin = ""] = token.split(":");
  return { plugin, token, id, inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

const EKS_TAGS = { project: "ralph", stack: "release-eks" };
const BALANCER_TAGS = { "kubernetes.io/cluster/ralph-cluster": "owned" };
const NEVER = /(?!)/;

const CASES: readonly Case[] = [
  {
    plugin: "aws",
    place: {
      cloud: "eks",
      stack: "release-eks",
      cluster: "ralph-cluster",
      where: {},
      provider: { region: "us-west-2" },
    },
    neighbour: [
      [/release-eks/g, "release-eks-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/\b([a-z]+)-0([0-9a-f]{15,16})/g, "$1-f$2"],
      [/\b(i|vol|snap|fsap|eni)-(\d)\b/g, "$1-9$2"],
      [/balancer-1/g, "balancer-2"],
      [/-([0-9a-f])([0-9a-f]{6})(?![0-9a-f])/g, "-$2$1"],
    ],
    ignored: NEVER,
    idle: NEVER,
    controllers: (stack) => {
      const first = (type: string) => stack.find(({ token }) => token.endsWith(`:${type}`))?.id ?? "";
      const arn = "arn:aws:any:us-west-2:123456789012:any";
      const made = (token: string, id: string, values: Values) =>
        thing(token, id, { arn, tags: EKS_TAGS, ...values });
      const subnet = first("Subnet");
      const group = made("aws:ec2/securityGroup:SecurityGroup", "sg-balancer-1", {
        vpcId: first("Vpc"),
        tags: BALANCER_TAGS,
      });
      return [
        group,
        made("aws:ec2/instance:Instance", "i-1", { subnetId: subnet, vpcSecurityGroupIds: [group.id] }),
        made("aws:ebs/volume:Volume", "vol-1", { instanceId: "i-1" }),
        made("aws:ebs/volume:Volume", "vol-2", {}),
        made("aws:ebs/snapshot:Snapshot", "snap-1", {}),
        made("aws:efs/accessPoint:AccessPoint", "fsap-1", { fileSystemId: first("FileSystem") }),
        made("aws:ec2/networkInterface:NetworkInterface", "eni-1", {
          subnetId: subnet,
          tags: { "cluster.k8s.amazonaws.com/name": "ralph-cluster" },
        }),
        made("aws:lb/loadBalancer:LoadBalancer", "balancer-1/50dc", {
          subnets: [subnet],
          securityGroups: [group.id],
          tags: BALANCER_TAGS,
        }),
        made("aws:lb/targetGroup:TargetGroup", "balancer-1/73e2", {
          tags: { "elbv2.k8s.aws/cluster": "ralph-cluster" },
        }),
      ];
    },
  },
  {
    plugin: "gcp",
    place: {
      cloud: "gke",
      stack: "release-gke",
      cluster: "ralph-cluster",
      where: { location: "us-central1-a" },
      provider: { project: "acme-agents" },
    },
    neighbour: [
      [/release-gke/g, "release-gke-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/(pvc|neg|internal)-1\b/g, "$1-9"],
      [/((?:1b){15})2/g, "$13"],
    ],
    ignored: /^gcp:projects\//,
    // The load balancer of a firewall rule may be deleted already.
    idle: /(target-pools|forwarding-rules)\.delete\) The resource '[^']+' was not found/,
    controllers: (stack) => {
      const network = stack.find(({ token }) => token === "gcp:compute/network:Network")?.outputs
        .selfLink as string;
      const zone = "https://www.googleapis.com/compute/v1/projects/acme-agents/zones/us-central1-a";
      const region = "https://www.googleapis.com/compute/v1/projects/acme-agents/regions/us-central1";
      const labels = { project: "ralph", stack: "release-gke" };
      const balancer = `a${"1b".repeat(15)}2`;
      const projects = "projects/acme-agents";
      return [
        thing("gcp:compute/disk:Disk", "pvc-1", {
          zone,
          labels: { "goog-k8s-cluster-name": "ralph-cluster" },
        }),
        thing("gcp:filestore/instance:Instance", `${projects}/locations/us-central1-a/instances/pvc-1`, {
          labels,
        }),
        thing("gcp:compute/firewall:Firewall", `k8s-fw-${balancer}`, { network }),
        thing("gcp:compute/forwardingRule:ForwardingRule", balancer, { region, target: balancer }),
        thing("gcp:compute/targetPool:TargetPool", balancer, { region }),
        thing("gcp:compute/forwardingRule:ForwardingRule", "k8s2-tcp-internal-1", { region, network }),
        thing("gcp:compute/networkEndpointGroup:NetworkEndpointGroup", "k8s1-neg-1", { zone, network }),
      ];
    },
  },
  {
    plugin: "azure-native",
    place: {
      cloud: "aks",
      stack: "release-aks",
      cluster: "ralph-cluster",
      where: { resourceGroup: "ralph-rg" },
      provider: { subscriptionId: "00000000-0000-0000-0000-000000000001" },
    },
    neighbour: [
      [/release-aks/g, "release-aks-2"],
      [/ralph-rg/g, "ralph-rg-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/ralphcluster/g, "ralphcluster2"],
      [/-([0-9a-f])([0-9a-f]{6})(?![0-9a-f-])/g, "-$2$1"],
    ],
    ignored: /ManagementLockByScope$/,
    idle: NEVER,
    controllers: () => {
      const groups = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups";
      const group = "MC_ralph-rg_ralph-cluster_eastus";
      const tags = { project: "ralph", stack: "release-aks" };
      return [
        thing("azure-native:resources:ResourceGroup", `${groups}/${group}`, {
          name: group,
          resourceGroupName: group,
          tags: {
            ...tags,
            "aks-managed-cluster-name": "ralph-cluster",
            "aks-managed-cluster-rg": "ralph-rg",
          },
        }),
        thing("azure-native:compute:Disk", `${groups}/${group}/providers/Microsoft.Compute/disks/pvc-1`, {
          name: "pvc-1",
          resourceGroupName: group,
          tags: {},
        }),
      ];
    },
  },
];

/** The recorded stack of a cloud, once its protection is off. */
function recorded({ plugin, place }: Case): readonly Resource[] {
  const text = readFileSync(`test/engine/releases/0.1.0/${place.cloud}.json`, "utf8");
  const { deployment } = JSON.parse(
    text.replaceAll('"deletionProtection": true', '"deletionProtection": false'),
  ) as {
    deployment: { resources: { type: string; id?: string; inputs?: Values; outputs?: Values }[] };
  };
  return deployment.resources
    .filter(({ type }) => type.startsWith(`${plugin}:`))
    .map(({ type, id = "", inputs = {}, outputs = {} }) => ({ ...thing(type, id, outputs), inputs }));
}

/** Some resources, and everything without which they cannot exist. */
function closed(
  some: readonly Resource[],
  all: readonly Resource[],
  plugin: PluginName,
): readonly Resource[] {
  const table = tableOf(plugin);
  const needed = new Set(some);
  for (const each of needed)
    for (const other of all) {
      const isParent = each.id.startsWith(`${other.id}/`);
      const isReferred = referencesOf(each.inputs, each.token, table).some((ref) =>
        refersTo(ref, other, table),
      );
      // Of what is in front of nodes, only the firewall rule names the network, and so the stack.
      const isAnchor = other.id === `k8s-fw-${each.id}`;
      if (other !== each && (isParent || isReferred || isAnchor)) needed.add(other);
    }
  return all.filter((each) => needed.has(each));
}

const spelled = ({ token, id }: Resource): string => `${token} ${id}`;

for (const given of CASES) {
  const { plugin, place, neighbour, controllers, ignored, idle } = given;
  const stack = recorded(given).filter(({ token }) => !ignored.test(token));
  const all = [...stack, ...controllers(stack)];
  const others = JSON.parse(
    neighbour.reduce((text, [from, to]) => text.replace(from, to), JSON.stringify(all)),
  ) as Resource[];

  describe(`the commands for leftovers on ${place.cloud}, with seed ${SEED}`, () => {
    let dir: string;
    let clouds: StubClouds;
    let world: World;
    const path = process.env.PATH ?? "";
    before(() => {
      dir = mkdtempSync(join(tmpdir(), "ralph-leftovers-"));
      clouds = installStubClouds(join(dir, "home"), {
        dir: join(dir, "world"),
        plugins: [],
        timeScale: TIME_SCALE,
      });
      world = new World(clouds.dir);
      process.env.PATH = clouds.environment(path).PATH;
    });
    after(() => {
      process.env.PATH = path;
      rmSync(dir, { recursive: true });
    });

    const left = () => {
      const neighbours = new Set(others.map(spelled));
      return clouds
        .inventory()
        .map(spelled)
        .filter((each) => !neighbours.has(each));
    };
    async function commands(leftovers: readonly Resource[]): Promise<readonly string[]> {
      await clouds.edit(() => [...leftovers, ...others]);
      const report = await findLeaks(place);
      assert.deepEqual(report.unseen, []);
      return report.leftovers.flatMap(removal);
    }

    /** Runs a line without starting its programs, which would take a quarter of a second each. */
    async function carryOut(line: string): Promise<void> {
      const [list = "", each] = line.split(" | xargs -r -n 1 ");
      const [program = "", ...words] = wordsOf(list);
      if (program === "sleep") return void (await delay(Number(words[0]) * TIME_SCALE * 1000));
      if (each === undefined) return runRemoval(program, words, world);
      const [, ...more] = wordsOf(each);
      const answer = queried(aws(words, world.resources, world.resources), option(words, "query") ?? "");
      for (const row of asText(answer).split("\n").filter(Boolean))
        await runRemoval(program, [...more, ...row.split("\t")], world);
    }

    const checkDeleted = async (): Promise<void> => {
      await until(
        () => left().length === 0,
        () => left().join("\n"),
      );
      assert.deepEqual(clouds.inventory().map(spelled).sort(), others.map(spelled).sort());
      const { leftovers, unseen } = await findLeaks(place);
      assert.deepEqual([leftovers, unseen], [[], []]);
    };

    fc.sample(fc.subarray([...all], { minLength: 1 }), { seed: SEED, numRuns: DRAWS }).forEach((some, i) => {
      const leftovers = closed(some, all, plugin);
      it(`delete ${leftovers.length} of ${all.length} things, and nothing else (${i + 1})`, async () => {
        for (const line of await commands(leftovers))
          await carryOut(line).catch((error: Error) => {
            assert.match(error.message, idle, `${line}: ${error.message}`);
          });
        await checkDeleted();
      });
    });

    it("delete everything, run by a shell", async () => {
      const script = (await commands(all)).map((line) => line.replace(/^sleep 60$/, "sleep 0.1"));
      const { code, stderr } = await run("sh", ["-c", script.map((line) => `${line} || exit 1`).join("\n")], {
        timeout: 240_000,
      });
      assert.equal(code, 0, stderr);
      await checkDeleted();
    }).timeout(300_000);

    it("are refused in the reverse order", async () => {
      const refused: string[] = [];
      for (const line of [...(await commands(all))].reverse())
        await carryOut(line).catch((error: Error) => refused.push(error.message));
      assert.match(
        refused.join("\n"),
        plugin === "azure-native" ? /^$/ : /DependencyViolation|is already being used by/,
      );
    });
  });
}

/** The words of a line that `commandLine` has written. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'/g, "$1").replaceAll("\\'", "'"),
  );

async function until(holds: () => boolean, message: () => string): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await delay(10)) assert.ok(Date.now() < end, message());
}
