/**
 * Proves what a GKE stack registers in a network that exists already, in its own project and in a Shared VPC; what it
 * refuses of the configuration beside one; and what it requires of the subnet itself, with the command that fixes it.
 * test/engine/gke-existing-network.test.ts shows the whole life of such a stack.
 */
import assert from "node:assert/strict";
import { cloud } from "../../clusters/gke";
import { check } from "../../clusters/gke/check";
import { schema } from "../../clusters/gke/config";
import { checkSubnet } from "../../clusters/gke/existing-network";
import { only, PROJECT_ID, PUBLIC, run, TYPE, withPrograms } from "../support/gke";

const HOST = "acme-network";
const EXISTING = { network: "shared", subnet: "nodes", podsRange: "p", servicesRange: "s" };
const SHARED = { ...EXISTING, project: HOST };

const PLACE = { name: "nodes", project: HOST, region: "us-central1" };
const SUBNET = {
  network: `https://www.googleapis.com/compute/v1/projects/${HOST}/global/networks/shared`,
  ipCidrRange: "10.16.0.0/24",
  privateIpGoogleAccess: true,
  secondaryIpRanges: [
    { rangeName: "p", ipCidrRange: "10.32.0.0/16" },
    { rangeName: "s", ipCidrRange: "10.48.0.0/20" },
  ],
};

const runIn = (existing: object) => run({ ...PUBLIC, network: { existing } });

describe("a GKE stack in an existing network", () => {
  withPrograms();

  const CASES = [
    ["of its own project", EXISTING, PROJECT_ID, { network: "shared" }],
    [
      "of a Shared VPC's host project",
      SHARED,
      HOST,
      { network: `projects/${HOST}/global/networks/shared`, "connect-mode": "PRIVATE_SERVICE_ACCESS" },
    ],
  ] as const;
  for (const [what, existing, project, parameters] of CASES) {
    it(`${what} creates no network, and names that one by its links`, async () => {
      const result = await runIn(existing);
      assert.deepEqual(
        result.resources.filter(({ type }) => type.startsWith("gcp:compute/")),
        [],
      );
      const { network, subnetwork, ipAllocationPolicy } = only(result, TYPE.cluster).inputs;
      assert.deepEqual(
        { network, subnetwork, ipAllocationPolicy },
        {
          network: `projects/${project}/global/networks/shared`,
          subnetwork: `projects/${project}/regions/us-central1/subnetworks/nodes`,
          ipAllocationPolicy: { clusterSecondaryRangeName: "p", servicesSecondaryRangeName: "s" },
        },
      );
      const storageClass = result.find("kubernetes:storage.k8s.io/v1:StorageClass", "ralph-filestore");
      assert.deepEqual(storageClass.inputs.parameters, {
        tier: "BASIC_HDD",
        ...parameters,
        labels: "project=ralph,stack=test",
      });
    });
  }

  it("has a network policy without ranges of which it knows nothing", () =>
    assert.deepEqual(
      cloud.traits(schema.parse({ ...PUBLIC, network: { existing: EXISTING } })).networkPolicy,
      {
        enforced: true,
        dnsCidrs: ["169.254.20.10/32", "169.254.169.254/32"],
        blockedCidrs: [],
        hosts: { kind: "FQDNNetworkPolicy", enabled: false },
      },
    ));

  it("refuses keys of a network that it does not create, and names that are none", () => {
    const network = {
      existing: {
        project: "Acme",
        network: "ralph-cluster",
        subnet: "regions/x/nodes",
        podsRange: "p",
        servicesRange: "p",
      },
      nodes: "10.1.0.0/20",
      pods: "10.8.0.0/14",
      services: "34.118.224.0/20",
      controlPlane: "172.16.0.0/28",
    };
    const problems = check(schema.parse({ ...PUBLIC, network }))
      .filter(({ key }) => key.startsWith("ralph:cluster.network"))
      .map(({ key, rule, fix }) => [
        key.replace("ralph:cluster.network.", ""),
        rule,
        fix.replace("pulumi config ", ""),
      ]);
    const unused = "must not be set: it has no effect with network.existing";
    assert.deepEqual(problems, [
      [
        "existing.project",
        `must be a project id of 6 to 30 lower-case letters, digits and '-'; it is "Acme"`,
        "set --path ralph:cluster.network.existing.project <project-id>",
      ],
      [
        "existing.subnet",
        'must be the name of a subnet, not its path; it is "regions/x/nodes"',
        "set --path ralph:cluster.network.existing.subnet nodes",
      ],
      ["nodes", unused, "rm --path ralph:cluster.network.nodes"],
      ["pods", unused, "rm --path ralph:cluster.network.pods"],
      ["services", unused, "rm --path ralph:cluster.network.services"],
      [
        "controlPlane",
        "must not be set: GKE would add a subnet to network.existing",
        "rm --path ralph:cluster.network.controlPlane",
      ],
      [
        "existing.servicesRange",
        'must be unique; "p" is already listed',
        "set --path ralph:cluster.network.existing.servicesRange services",
      ],
      [
        "existing.network",
        'must differ from cluster.name, because `leaks` takes a network of that name for the cluster\'s own; it is "ralph-cluster"',
        "set --path ralph:cluster.name ralph-cluster-1",
      ],
    ]);
  });

  describe("requires of the subnet", () => {
    const config = schema.parse({ ...PUBLIC, network: { existing: SHARED } });
    const problemsOf = (subnet: object) =>
      checkSubnet(config, SHARED, PLACE, { ...SUBNET, ...subnet }).map(({ key, rule, fix }) => [
        key.replace("ralph:cluster.network.existing.", ""),
        rule,
        fix,
      ]);
    const gcloud = (verb: string, option: string) =>
      `gcloud compute networks subnets ${verb} nodes --project=${HOST} --region=us-central1 ${option}`;

    it("nothing, if it has all that nodes need", () => assert.deepEqual(problemsOf({}), []));

    const SUBNETS: readonly (readonly [what: string, subnet: object, ...expected: readonly string[][]])[] = [
      [
        "that it is in the network",
        { network: `projects/${HOST}/global/networks/other` },
        [
          "network",
          'must be the subnet\'s network, other; it is "shared"',
          "pulumi config set --path ralph:cluster.network.existing.network other",
        ],
      ],
      [
        "both secondary ranges",
        { secondaryIpRanges: undefined },
        [
          "podsRange",
          'must be a secondary range of the subnet, which has none; it is "p"',
          gcloud("update", "--add-secondary-ranges=p=<range>"),
        ],
        [
          "servicesRange",
          'must be a secondary range of the subnet, which has none; it is "s"',
          gcloud("update", "--add-secondary-ranges=s=<range>"),
        ],
      ],
      [
        "room for all nodes and their pods",
        {
          ipCidrRange: "10.16.0.0/29",
          secondaryIpRanges: [
            { rangeName: "p", ipCidrRange: "10.32.0.0/22" },
            { rangeName: "s", ipCidrRange: "10.48.0.0/20" },
          ],
        },
        [
          "podsRange",
          "must have room for 11 nodes, those of an upgrade included, and 10.32.0.0/22 has room for 4",
          gcloud("update", "--add-secondary-ranges=<name>=<range>"),
        ],
        [
          "subnet",
          "must have room for 11 nodes, those of an upgrade included, and 10.16.0.0/29 has room for 4",
          gcloud("expand-ip-range", "--prefix-length=28"),
        ],
      ],
      [
        "Private Google Access",
        { privateIpGoogleAccess: false },
        [
          "subnet",
          'must have Private Google Access; "nodes" does not',
          gcloud("update", "--enable-private-ip-google-access"),
        ],
      ],
    ];
    for (const [what, subnet, ...expected] of SUBNETS)
      it(what, () => assert.deepEqual(problemsOf(subnet), expected));
  });
});
