/**
 * Proves of every cloud what makes a cluster ephemeral: how everything it registers differs from a permanent cluster;
 * that everything with tags has those that `reap` reads, and nothing is protected or encrypted with a key that would
 * outlive it; that its name is unique to the stack and valid everywhere; and that its rules reject what breaks them,
 * with a command that fixes it.
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

/** Runs a minimal stack of each cloud, with additional configuration. */
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
 * The differences, by resource and path, from a permanent cluster: `[permanent, ephemeral]`. Names and tags, which
 * differ everywhere, are asserted separately.
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
    "eks:index:Cluster cluster": {
      deletionProtection: [true, false],
      enabledClusterLogTypes: [["api", "audit", "authenticator", "controllerManager", "scheduler"], []],
    },
    "aws:ec2/launchTemplate:LaunchTemplate cluster-nodes": {
      "blockDeviceMappings[0].ebs.volumeSize": [100, 50],
    },
    // One node per zone. A range of one number needs no autoscaler.
    "aws:eks/nodeGroup:NodeGroup cluster-nodes-a": {
      "scalingConfig.desiredSize": [2, 1],
      "scalingConfig.minSize": [2, 1],
      "tags.ralph-node-range": ["2-5", undefined],
      "scalingConfig.maxSize": [5, 1],
    },
    "aws:eks/nodeGroup:NodeGroup cluster-nodes-b": {
      "tags.ralph-node-range": ["1-5", undefined],
      "scalingConfig.maxSize": [5, 1],
    },
  },
  aks: {
    "azure-native:resources:ResourceGroup cluster": { resourceGroupName: ["ralph-rg", "ralph-cluster"] },
    // Its name, and a hash of the group's id, which is the same under mocks.
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

/** Types that only a permanent cluster has: its autoscaler, its logs, its lock. */
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

const OUTLIVES = /^must not be set: an encryption key would outlive an ephemeral cluster$/;
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
      ["ralph:cluster.kmsKey", OUTLIVES, rm("ralph:cluster.kmsKey")],
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
      ["ralph:cluster.kmsKey", OUTLIVES, rm("ralph:cluster.kmsKey")],
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
      ["ralph:cluster.kmsKey", OUTLIVES, rm("ralph:cluster.kmsKey")],
      ["ralph:cluster.kmsVault", OUTLIVES, rm("ralph:cluster.kmsVault")],
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

      it("differs from a permanent cluster only in what is listed here", () => {
        assert.deepEqual(differences(usual, made), {
          differs: DIFFERS[name],
          onlyThere: ONLY_THERE[name],
          onlyHere: [],
        });
      });

      it("has its expiry and its owner in the tags of every resource that has its stack", () => {
        const tagged = made.resources.flatMap(({ urn, inputs }) =>
          tagMaps(inputs).map((tags) => [urn, tags] as const),
        );
        assert.equal(tagged.length > 0, name !== "existing");
        for (const [urn, { expires, owner }] of tagged) assert.deepEqual({ expires, owner }, TAGS, urn);
      });

      it("has its lifetime as an output, which a permanent stack does not have", () => {
        assert.deepEqual(made.outputs.lifetime, { expires: LIFE.expires, owner: LIFE.owner });
        assert.equal("lifetime" in usual.outputs, false);
      });

      it("is not protected, and deletes volumes with their claims", () => {
        assert.deepEqual(
          made.resources.filter(({ protect }) => protect).map(({ urn }) => urn),
          [],
        );
        const classes = made.ofType("kubernetes:storage.k8s.io/v1:StorageClass");
        for (const { inputs } of classes) assert.equal(inputs.reclaimPolicy, "Delete");
        // Both assertions above have a case to trip them: a permanent cluster, and its storage classes.
        assert.equal(
          usual.resources.some(({ protect }) => protect),
          name !== "existing",
        );
        assert.equal(classes.length > 0, name !== "existing");
      });

      it("lets the stack's configuration override its defaults", async () => {
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

  it("keeps its nodes if its lifetime is extended", async () => {
    const { ofType } = await RUN.eks({}, { ralph: { ephemeral: LIFE } });
    assert.deepEqual(
      ofType(eks.TYPE.template).map(({ ignoreChanges }) => ignoreChanges),
      [["tagSpecifications[*].tags.expires"]],
    );
  });

  for (const { name, cluster, ephemeral, expected } of REFUSED) {
    it(`is rejected on ${name}: ${JSON.stringify(cluster)}`, async () => {
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
          `${key} ${rule} ${fix}\nis not reported by\n${message}`,
        );
      }
    });
  }
});

describe("the name of an ephemeral cluster", () => {
  /** The stack names that the engine accepts. */
  const stackName = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);

  it("is valid on every cloud, whatever the stack's name", () => {
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
    assert.ok(!limits["Google account id"]?.(`${NAME}-and-more`)); // a name beyond a limit is found
  });

  it("is unique to the stack, and contains its name", () => {
    fc.assert(
      fc.property(fc.uniqueArray(stackName, { minLength: 2, maxLength: 30 }), (stacks) => {
        const names = stacks.map((stack) => ephemeralName("ralph", stack));
        assert.equal(new Set(names).size, stacks.length);
      }),
    );
    assert.match(ephemeralName("ralph", "pr-123"), /^ralph-pr-123-[0-9a-f]{6}$/);
    assert.notEqual(ephemeralName("ralph", "pr-123"), ephemeralName("other", "pr-123"));
    // They share more characters than a name contains.
    const long = "feature-of-a-long-name-";
    assert.notEqual(ephemeralName("ralph", `${long}1`), ephemeralName("ralph", `${long}2`));
  });
});

it("every cloud has defaults for an ephemeral cluster, and only keys of its schema", () => {
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

/** The maps of tags, or labels, that contain the stack. */
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

/** Inputs without the tags of an ephemeral stack, and with the name of a permanent cluster. */
function plain({ inputs }: Registered): unknown {
  const text = JSON.stringify(inputs)
    .replaceAll(NAME, "ralph-cluster")
    // Also in JSON text, as in the configuration of add-ons.
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
