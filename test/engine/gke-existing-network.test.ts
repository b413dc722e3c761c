/**
 * Proves the life of a GKE stack in a Shared VPC, on the real engine and a real API server with a stub of Google Cloud:
 * a preview asks nothing of the cloud; `up` refuses a subnet that lacks something before anything is created, with
 * all problems at once; a second `up` is empty; and neither `destroy` nor `leaks` names or touches the network.
 */
import assert from "node:assert/strict";

import type { Resource } from "../../stub-clouds/types";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { GKE } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { kubectl } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";

const HOST = "acme-network";
const VPC = `projects/${HOST}/global/networks/shared`;
const SUBNET = `projects/${HOST}/regions/us-central1/subnetworks/nodes`;

const foreign = (token: string, id: string, inputs: object): Resource => {
  const values = { project: HOST, ...inputs };
  return { plugin: "gcp", token, id, inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

/** The network of the host project's owner; the subnet as far as it is prepared. */
const network = (subnet: object): readonly Resource[] => [
  foreign("gcp:compute/network:Network", VPC, { name: "shared", autoCreateSubnetworks: false }),
  foreign("gcp:compute/subnetwork:Subnetwork", SUBNET, {
    name: "nodes",
    network: VPC,
    region: "us-central1",
    ipCidrRange: "10.16.0.0/24",
    ...subnet,
  }),
];
const READY = network({
  privateIpGoogleAccess: true,
  secondaryIpRanges: [
    { rangeName: "p", ipCidrRange: "10.32.0.0/16" },
    { rangeName: "s", ipCidrRange: "10.48.0.0/20" },
  ],
});

describe("a GKE stack in a Shared VPC", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const inNetwork = () =>
    clouds()
      .inventory()
      .filter(({ token }) => token.startsWith("gcp:compute/"));

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...GKE,
      namespace: "gke-shared-vpc",
      config: {
        cluster: {
          api: { public: true },
          deletionProtection: false,
          network: {
            existing: {
              project: HOST,
              network: "shared",
              subnet: "nodes",
              podsRange: "p",
              servicesRange: "s",
            },
          },
        },
        image: { build: false },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("is previewed without a request to the cloud", async () => {
    const { code, stdout, stderr } = await stack.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(
      clouds()
        .ledger()
        .filter(({ method }) => method === "Invoke" || method === "Read"),
      [],
    );
  });

  const REFUSED: readonly (readonly [what: string, resources: readonly Resource[], ...told: RegExp[]])[] = [
    [
      "does not exist",
      [],
      /1 problem in the existing network; nothing was changed\./,
      /existing\.subnet must exist in us-central1 of the project acme-network; it is "nodes" gcloud compute networks subnets list --project=acme-network --regions=us-central1/,
    ],
    [
      "lacks its ranges and Private Google Access",
      network({}),
      /3 problems in the existing network; nothing was changed\./,
      /existing\.podsRange must be a secondary range of the subnet, which has none; it is "p" gcloud/,
      /existing\.servicesRange must be a secondary range of the subnet, which has none; it is "s" gcloud/,
      /existing\.subnet must have Private Google Access; "nodes" does not gcloud/,
    ],
  ];
  for (const [what, resources, ...told] of REFUSED) {
    it(`is refused before anything is created if the subnet ${what}`, async () => {
      await clouds().edit(() => resources);
      const { code, stdout, stderr } = await stack.up();
      assert.notEqual(code, 0);
      const output = (stdout + stderr).replace(/\s+/g, " ");
      for (const each of told) assert.match(output, each);
      assert.deepEqual(clouds().inventory(), resources);
    });
  }

  it("comes up in the subnet, and creates nothing in the network", async () => {
    await clouds().edit((all) => [...all.filter(({ token }) => !token.startsWith("gcp:compute/")), ...READY]);
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.deepEqual(inNetwork(), READY);
    const cluster = clouds()
      .inventory()
      .find(({ token }) => token === GKE.token);
    assert.deepEqual([cluster?.inputs.network, cluster?.inputs.subnetwork], [VPC, SUBNET]);
    const parameters = await kubectl("get", "sc", "ralph-filestore", "-o", "jsonpath={.parameters}");
    assert.deepEqual(JSON.parse(parameters), {
      tier: "BASIC_HDD",
      network: VPC,
      "connect-mode": "PRIVATE_SERVICE_ACCESS",
      labels: "project=ralph,stack=gke-shared-vpc",
    });
  });

  it("then has nothing to do", async () => {
    const { code, stdout, operations } = await stack.up("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.deepEqual(changes(operations), []);
  });

  it("is destroyed without leftovers, and the network is as it was", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes", "--json").result;
    assert.equal(code, 0, stdout + stderr);
    const { leaks } = JSON.parse(stdout) as { leaks: { leftovers: unknown; unseen: unknown } };
    assert.deepEqual([leaks.leftovers, leaks.unseen], [[], []]);
    assert.deepEqual(stack.resources, []);
    assert.deepEqual(clouds().inventory(), READY);
    assert.deepEqual(
      clouds()
        .ledger()
        .filter(({ token }) => token?.startsWith("gcp:compute/")),
      [],
    );
  });
});
