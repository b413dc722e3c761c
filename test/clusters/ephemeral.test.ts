/**
 * Proves of every cloud what makes a cluster ephemeral: the whole of what it registers, beside what it registers
 * otherwise; that all that can carry a tag carries those that `reap` goes by, and nothing is protected or
 * encrypted with a key that outlives it; that its name is another for every stack and fits everywhere; and that
 * its rules refuse what breaks them, with a command that mends it.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { cloud, type CloudName, CLOUDS } from "../../clusters";
import { ephemeralName } from "../../clusters/ephemeral";
import { readConfig } from "../../stack";
import * as aks from "../support/aks";
import { BASE } from "../support/base";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import {
  type Registered,
  runStack,
  type StackConfig,
  type StackOptions,
  type StackRun,
} from "../support/stack";

const LIFE = { enabled: true, expires: "2026-11-25T08:00:00Z", owner: "team-a" };
const TAGS = { expires: "2026-11-25t08-00-00z", owner: "team-a" };
const NAME = ephemeralName("ralph", "test");

type Values = Readonly<Record<string, unknown>>;
type More = Pick<StackOptions, "program" | "stack"> & { readonly ralph?: StackConfig };

/** A stack of each cloud that says the least it must, and more. */
const RUN: Readonly<Record<CloudName, (cluster: StackConfig, more?: More) => Promise<StackRun>>> = {
  existing: (cluster, { ralph, ...options } = {}) =>
    runStack({ config: { ...BASE, cluster: { ...BASE.cluster, ...cluster }, ...ralph }, ...options }),
  gke: (cluster, { ralph, ...options } = {}) => gke.run({ ...gke.PUBLIC, ...cluster }, ralph, options),
  eks: (cluster, { ralph, stack, ...options } = {}) => {
    assert.equal(stack, undefined);
    return eks.run({ ...eks.PUBLIC, ...cluster }, ralph, options);
  },
  aks: (cluster, { ralph, ...options } = {}) =>
    aks.run({}, { config: { cloud: "aks", cluster: { ...aks.MINIMAL, ...cluster }, ...ralph }, ...options }),
};

/**
 * What differs, by resource and path, from a cluster that is to stay: `[there, here]`. Its name and tags, which
 * differ everywhere, are asserted on their own.
 */
const DIFFERS: Readonly<Record<CloudName, Readonly<Record<string, Values>>>> = {
  existing: {},
  gke: {
    "gcp:container/cluster:Cluster cluster-gke": {
      deletionProtection: [true, false],
      "loggingConfig.enableComponents": [
        ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"],
        ["SYSTEM_COMPONENTS", "WORKLOADS"],
      ],
    },
    "gcp:container/nodePool:NodePool cluster-nodes": {
      initialNodeCount: [3, 2],
      "autoscaling.totalMinNodeCount": [3, 1],
      "autoscaling.totalMaxNodeCount": [10, 2],
      "nodeConfig.machineType": ["n1-standard-2", "e2-standard-2"],
      "nodeConfig.diskSizeGb": [100, 50],
    },
  },
  eks: {
    "aws:cloudwatch/logGroup:LogGroup cluster": { retentionInDays: [30, 1] },
    "eks:index:Cluster cluster": { deletionProtection: [true, false] },
    "aws:ec2/launchTemplate:LaunchTemplate cluster-nodes": {
      "blockDeviceMappings[0].ebs.volumeSize": [100, 50],
    },
    "aws:eks/nodeGroup:NodeGroup cluster-nodes": {
      "scalingConfig.desiredSize": [3, 2],
      "scalingConfig.minSize": [3, 2],
      "scalingConfig.maxSize": [10, 2],
    },
  },
  aks: {
    "azure-native:resources:ResourceGroup cluster": { resourceGroupName: ["ralph-rg", "ralph-cluster"] },
    // Of its name, and of a hash of the group's id, which the mock gives to both.
    "azure-native:containerregistry:Registry cluster-registry": {
      registryName: ["ralphcluster3c6eb6a11b92", `${NAME.replaceAll("-", "")}3c6eb6a11b92`],
    },
    "azure-native:containerservice:ManagedCluster cluster": {
      "agentPoolProfiles[0].count": [3, 2],
      "agentPoolProfiles[0].minCount": [3, 1],
      "agentPoolProfiles[0].maxCount": [10, 2],
      "agentPoolProfiles[0].vmSize": ["Standard_DS2_v2", "Standard_D2s_v5"],
      "agentPoolProfiles[0].osDiskSizeGB": [100, 50],
    },
  },
};

/** Types that only a cluster that is to stay has: what would count its nodes, keep its logs, hold it. */
const ONLY_THERE: Readonly<Record<CloudName, readonly string[]>> = {
  existing: [],
  gke: [],
  eks: [
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  ],
  aks: [
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:monitor:DiagnosticSetting",
    "azure-native:operationalinsights:Workspace",
  ],
};

interface Refused {
  readonly name: CloudName;
  readonly cluster: StackConfig;
  readonly ephemeral: StackConfig;
  /** Key, rule and fix. */
  readonly expected: readonly (readonly [key: string, rule: RegExp, fix: string])[];
}

const KEY_OUTLIVES = /^must not be set: an encryption key would outlive an ephemeral cluster$/;
const rm = (key: string) => `pulumi config rm --path ${key}`;

const REFUSED: readonly Refused[] = [
  {
    name: "gke",
    cluster: { deletionProtection: true, kmsKey: gke.KEY },
    ephemeral: LIFE,
    expected: [
      [
        "ralph:cluster.deletionProtection",
        /^must be false when ephemeral\.enabled is true/,
        rm("ralph:cluster.deletionProtection"),
      ],
      ["ralph:cluster.kmsKey", KEY_OUTLIVES, rm("ralph:cluster.kmsKey")],
    ],
  },
  {
    name: "gke",
    cluster: { location: "europe-west4" },
    ephemeral: LIFE,
    expected: [
      [
        "ralph:cluster.location",
        /^must be a zone: in a region, an ephemeral cluster would have three of everything;/,
        "pulumi config set --path ralph:cluster.location europe-west4-b",
      ],
    ],
  },
  {
    name: "eks",
    cluster: { kmsKey: eks.KEY, tags: { expires: "never" } },
    ephemeral: LIFE,
    expected: [
      ["ralph:cluster.kmsKey", KEY_OUTLIVES, rm("ralph:cluster.kmsKey")],
      [
        "ralph:cluster.tags.expires",
        /^must not be set: the program sets this tag, from/,
        rm("ralph:cluster.tags.expires"),
      ],
    ],
  },
  {
    name: "eks",
    cluster: { tags: { expires: "never" } },
    ephemeral: {},
    expected: [
      [
        "ralph:cluster.tags.expires",
        /^must not be set: the program sets this tag, from/,
        rm("ralph:cluster.tags.expires"),
      ],
    ],
  },
  {
    name: "aks",
    cluster: { kmsKey: aks.KEY, kmsVault: aks.VAULT },
    ephemeral: LIFE,
    expected: [
      ["ralph:cluster.kmsKey", KEY_OUTLIVES, rm("ralph:cluster.kmsKey")],
      ["ralph:cluster.kmsVault", KEY_OUTLIVES, rm("ralph:cluster.kmsVault")],
    ],
  },
];

describe("an ephemeral cluster", () => {
  let giveBack: () => void;
  before(() => (giveBack = aks.onlyPrograms("gke-gcloud-auth-plugin", "gcloud", "aws", "kubelogin", "az")));
  after(() => giveBack());

  for (const name of CLOUDS) {
    describe(`of the cloud ${name}`, () => {
      let usual: StackRun;
      let made: StackRun;
      before(async () => {
        usual = await RUN[name]({});
        made = await RUN[name]({}, { ralph: { ephemeral: LIFE } });
      });

      it("is as any other, but for what is listed here", () => {
        assert.deepEqual(differences(usual, made), {
          differs: DIFFERS[name],
          onlyThere: ONLY_THERE[name],
          onlyHere: [],
        });
      });

      it("has its end and its owner on everything that says its stack", () => {
        const tagged = made.resources.flatMap(({ urn, inputs }) =>
          tagMaps(inputs).map((tags) => [urn, tags] as const),
        );
        assert.equal(tagged.length > 0, name !== "existing");
        for (const [urn, { expires, owner }] of tagged) assert.deepEqual({ expires, owner }, TAGS, urn);
      });

      it("has a life as an output, which no other stack has", () => {
        assert.deepEqual(made.outputs.lifetime, { expires: LIFE.expires, owner: LIFE.owner });
        assert.equal("lifetime" in usual.outputs, false);
      });

      it("is not protected, and its volumes go with their claims", () => {
        assert.deepEqual(
          made.resources.filter(({ protect }) => protect).map(({ urn }) => urn),
          [],
        );
        const classes = made.ofType("kubernetes:storage.k8s.io/v1:StorageClass");
        for (const { inputs } of classes) assert.equal(inputs.reclaimPolicy, "Delete");
        // The cases of the two assertions above: a cluster that is to stay, and the classes there are.
        assert.equal(
          usual.resources.some(({ protect }) => protect),
          name !== "existing",
        );
        assert.equal(classes.length > 0, name !== "existing");
      });

      it("gives way to what the stack says", async () => {
        if (name === "existing") return;
        const { resources } = await RUN[name](
          { name: "mine", nodes: { count: 1, min: 1, max: 4 }, tags: { owner: "me", team: "b" } },
          { ralph: { ephemeral: LIFE } },
        );
        for (const { team, owner, expires } of resources.flatMap(({ inputs }) => tagMaps(inputs))) {
          assert.deepEqual({ team, owner, expires }, { team: "b", owner: "me", expires: TAGS.expires });
        }
        const named = resources.filter(({ inputs }) => [inputs.name, inputs.resourceName].includes("mine"));
        assert.ok(named.length > 0);
      });
    });
  }

  it("keeps the nodes that it has when its life is made longer", async () => {
    const { ofType } = await RUN.eks({}, { ralph: { ephemeral: LIFE } });
    assert.deepEqual(
      ofType(eks.TYPE.template).map(({ ignoreChanges }) => ignoreChanges),
      [["tagSpecifications[*].tags.expires"]],
    );
  });

  for (const { name, cluster, ephemeral, expected } of REFUSED) {
    it(`is refused on ${name}: ${JSON.stringify(cluster)}`, async () => {
      const program = () => ({ cloud: readConfig().cloud });
      const message = await RUN[name](cluster, { ralph: { ephemeral }, program }).then(
        () => assert.fail("it was accepted"),
        (error: unknown) => (error as Error).message,
      );
      const lines = message
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/ {2,}/));
      assert.equal(lines.length, expected.length, message);
      for (const [key, rule, fix] of expected) {
        assert.ok(
          lines.some(([k, r = "", f]) => k === key && rule.test(r) && f === fix),
          `${key} ${rule} ${fix}\nis not told by\n${message}`,
        );
      }
    });
  }
});

describe("the name of an ephemeral cluster", () => {
  /** As the engine takes a stack's name. */
  const stackName = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);

  it("is one that every cloud takes, whatever the stack's", () => {
    const limits: Readonly<Record<string, (name: string) => boolean>> = {
      "GKE cluster, network, router": (name) => /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name),
      "Google account id": (name) => /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/.test(`${name}-nodes`),
      "Artifact Registry repository": (name) => /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name),
      "EKS cluster": (name) => /^[0-9A-Za-z][-0-9A-Za-z]{0,99}$/.test(name),
      "AKS cluster": (name) => /^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/.test(name),
      "AKS DNS prefix": (name) => /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/.test(name),
      "resource group": (name) => /^[-\w.()]{1,90}$/.test(name) && !name.endsWith("."),
      "resource group of the nodes": (name) => `MC_${name}_${name}_germanywestcentral`.length <= 80,
    };
    fc.assert(
      fc.property(stackName, (stack) => {
        const name = ephemeralName("ralph", stack);
        assert.deepEqual(
          Object.keys(limits).filter((limit) => limits[limit]?.(name) !== true),
          [],
          name,
        );
      }),
    );
    assert.ok(!limits["Google account id"]?.(`${NAME}-and-more`)); // a limit that is passed is found
  });

  it("is another for every stack, and tells which", () => {
    fc.assert(
      fc.property(fc.uniqueArray(stackName, { minLength: 2, maxLength: 30 }), (stacks) => {
        const names = stacks.map((stack) => ephemeralName("ralph", stack));
        assert.equal(new Set(names).size, stacks.length);
      }),
    );
    assert.match(ephemeralName("ralph", "pr-123"), /^ralph-pr-123-[0-9a-f]{6}$/);
    assert.notEqual(ephemeralName("ralph", "pr-123"), ephemeralName("other", "pr-123"));
    // What they have in common is longer than what a name shows of it.
    const long = "feature-of-a-long-name-";
    assert.notEqual(ephemeralName("ralph", `${long}1`), ephemeralName("ralph", `${long}2`));
  });
});

it("every cloud says what an ephemeral cluster is like there, without a key that its schema lacks", () => {
  for (const name of CLOUDS) {
    const { schema, ephemeral } = cloud(name);
    const values = ephemeral.defaults({ name: NAME, tags: TAGS });
    assert.equal(schema.safeParse(values).success, true, name);
    for (const key of ephemeral.without) {
      const told = JSON.stringify(schema.safeParse({ [key]: [[]] }).error?.issues ?? []);
      assert.ok(told.includes(`"${key}"`) && !told.includes("unrecognized_keys"), `${name} has no ${key}`);
    }
  }
});

/** The maps of tags, or labels, that say a stack. */
function tagMaps(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const { project, stack } = value as Values;
  const here = project === "ralph" && stack === "test" ? [value as Record<string, unknown>] : [];
  return [...here, ...Object.values(value).flatMap(tagMaps)];
}

function differences(there: StackRun, here: StackRun) {
  const only = (a: StackRun, b: StackRun) =>
    a.resources
      .filter(({ urn }) => !b.resources.some((each) => each.urn === urn))
      .map(({ type }) => type)
      .sort();
  const differs: Record<string, Values> = {};
  for (const resource of here.resources) {
    const other = there.resources.find(({ urn }) => urn === resource.urn);
    if (other === undefined) continue;
    const changed = changes(plain(other), plain(resource));
    if (Object.keys(changed).length > 0) differs[`${resource.type} ${resource.name}`] = changed;
  }
  return { differs, onlyThere: only(there, here), onlyHere: only(here, there) };
}

/** Inputs without the tags of an ephemeral stack, and under the name that any other cluster has. */
function plain({ inputs }: Registered): unknown {
  const text = JSON.stringify(inputs)
    .replaceAll(NAME, "ralph-cluster")
    // Also as JSON within a text, as add-ons are configured.
    .replaceAll(/\\?"(expires|owner)\\?":\\?"[^"\\]*\\?",?/g, "")
    .replaceAll(",}", "}");
  return JSON.parse(text);
}

function changes(there: unknown, here: unknown, at = ""): Values {
  if (JSON.stringify(there) === JSON.stringify(here)) return {};
  if (!isMap(there) || !isMap(here)) return { [at]: [there, here] };
  const keys = [...new Set([...Object.keys(there), ...Object.keys(here)])];
  const lists = Array.isArray(there) && Array.isArray(here);
  if (lists && there.length !== here.length) return { [at]: [there, here] };
  const step = (key: string) => (lists ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`);
  return Object.assign({}, ...keys.map((key) => changes(there[key], here[key], step(key)))) as Values;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
