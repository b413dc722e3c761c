/**
 * Proves that the rows of Google Cloud refuse what its APIs and its provider refuse, in their words, for the resources of
 * a GKE stack: only then does the engine test of that stack, in which nothing is refused, prove anything. Each rule has
 * its source in stub-clouds/gcp.
 */
import assert from "node:assert/strict";

import { failureIn } from "../../operations/failures";
import type { Values } from "../../stub-clouds/types";
import {
  CLUSTER,
  type Google,
  googleWorld,
  type Kind,
  NETWORK,
  POOL,
  subject,
  SUBNET,
  TYPES,
} from "./google-world";

const weekly = (days: string, hours: number) => ({
  maintenancePolicy: {
    recurringWindow: {
      startTime: "2026-01-03T08:00:00Z",
      endTime: `2026-01-03T${String(8 + hours).padStart(2, "0")}:00:00Z`,
      recurrence: `FREQ=WEEKLY;BYDAY=${days}`,
    },
  },
});
const authorized = (cidrBlock: string) => ({
  masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock }] },
});
const privateEndpoint = (more: Values = {}) => ({
  privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true, ...more },
});

describe("the stub of Google Cloud", () => {
  const open = googleWorld();
  let google: Google;
  beforeEach(() => (google = open()));
  const { create, enable, refused } = {
    create: (kind: Kind, inputs: Values) => google.create(kind, inputs),
    enable: (...apis: string[]) => google.enable(...apis),
    refused: (kind: Kind, inputs: Values, message: string) => google.refused(kind, inputs, message),
  };

  const NOT_READY =
    "googleapi: Error 403: Compute Engine API has not been used in project acme before or it is disabled. Enable it by " +
    "visiting https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=acme then retry. " +
    "If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry., " +
    "accessNotConfigured";

  it("refuses a call whose API is off", async () => {
    await enable("container", "iam");
    await refused("network", NETWORK, NOT_READY);
  });

  it("refuses a call whose API was enabled a moment ago, which is worth another try", async () => {
    google.world.plan([{ method: "Create", token: TYPES.api, does: "invisible", ms: 60_000 }]);
    await enable("compute");
    await refused("network", NETWORK, NOT_READY);
    assert.match(failureIn(NOT_READY)?.because ?? "", /was enabled a moment ago is not ready yet/);
  });

  describe("with a network and its APIs", () => {
    beforeEach(async () => {
      await enable("compute", "container");
      await create("network", NETWORK);
    });

    const SUBNETS: readonly (readonly [what: string, inputs: Values, message: string])[] = [
      [
        "too small a subnet",
        { ipCidrRange: "10.0.0.0/30" },
        "googleapi: Error 400: Invalid value for field 'resource.ipCidrRange': '10.0.0.0/30'. It must be a /29 or larger., badRequest",
      ],
      [
        "secondary ranges that overlap",
        {
          secondaryIpRanges: [
            { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
            { rangeName: "services", ipCidrRange: "10.7.0.0/20" },
          ],
        },
        "googleapi: Error 400: Invalid value for field 'resource.secondaryIpRanges[1].ipCidrRange': '10.7.0.0/20'. Invalid " +
          "IPCidrRange: 10.7.0.0/20 conflicts with existing subnetwork 'sub' in region 'us-central1'., badRequest",
      ],
    ];
    for (const [what, inputs, message] of SUBNETS)
      it(`refuses ${what}`, () => refused("subnet", { ...SUBNET, ...inputs }, message));

    it("refuses a subnet that overlaps another one of its network", async () => {
      await create("subnet", SUBNET);
      await refused(
        "subnet",
        { ...SUBNET, name: "other", ipCidrRange: "10.5.0.0/20", secondaryIpRanges: [] },
        "googleapi: Error 400: Invalid value for field 'resource.ipCidrRange': '10.5.0.0/20'. Invalid IPCidrRange: " +
          "10.5.0.0/20 conflicts with existing subnetwork 'sub' in region 'us-central1'., badRequest",
      );
    });
  });

  describe("with a subnet", () => {
    beforeEach(async () => {
      await enable("compute", "container");
      await create("network", NETWORK);
      await create("subnet", SUBNET);
    });

    const CLUSTERS: readonly (readonly [what: string, inputs: Values, message: string])[] = [
      [
        "the cluster's own zone among further ones",
        { nodeLocations: ["us-central1-a", "us-central1-b"] },
        "when using a multi-zonal cluster, node_locations should not contain the original 'zone'",
      ],
      [
        "one range for pods and Services",
        { ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "pods" } },
        "Pod secondary range name (pods) should not be the same as service secondary range name.",
      ],
      [
        "a private endpoint without authorized networks",
        privateEndpoint(),
        "Master authorized networks must be enabled if private endpoint is enabled.",
      ],
      [
        "a private endpoint with a public authorized network",
        { ...privateEndpoint(), ...authorized("203.0.113.0/24") },
        'Invalid master authorized networks: network "203.0.113.0/24" is not a reserved network, which is required for private endpoints',
      ],
      [
        "two places for the private endpoint",
        {
          ...privateEndpoint({ masterIpv4CidrBlock: "172.16.0.0/28", privateEndpointSubnetwork: "sub" }),
          ...authorized("10.0.0.0/8"),
        },
        "When masterIpv4Cidr is set, privateEndpointSubnetwork must be unset.",
      ],
      [
        "less than 48 hours for maintenance",
        weekly("SA", 6),
        "maintenance policy would go longer than 32d without 48h maintenance availability",
      ],
      [
        "windows of less than four hours",
        weekly("MO,TU,WE,TH,FR,SA,SU", 3),
        "maintenance policy would go longer than 32d without 48h maintenance availability",
      ],
    ];
    for (const [what, inputs, message] of CLUSTERS)
      it(`refuses ${what}`, () =>
        refused("cluster", { ...CLUSTER, ...inputs }, `googleapi: Error 400: ${message}, badRequest`));

    it("accepts what keeps these rules", async () => {
      await create("cluster", {
        ...CLUSTER,
        ...privateEndpoint({ masterIpv4CidrBlock: "172.16.0.0/28" }),
        ...authorized("10.0.0.0/8"),
        ...weekly("SA,SU", 6),
        nodeLocations: ["us-central1-b"],
        ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
      });
    });

    it("upgrades the control plane one minor version at a time", async () => {
      const inputs = { ...CLUSTER, minMasterVersion: "1.34" };
      const { id, properties: state } = await create("cluster", inputs);
      const to = (minMasterVersion: string) =>
        google.cloud.update(
          subject("cluster"),
          { id, state, before: inputs, inputs: { ...inputs, minMasterVersion } },
          false,
          0,
        );
      await assert.rejects(
        to("1.36"),
        /Error 400: Master cannot be upgraded to "1\.36": cannot upgrade the master more than a minor version at a time\., badRequest/,
      );
      await to("1.35");
      await to("1.36");
    });

    describe("and a cluster", () => {
      beforeEach(() => create("cluster", CLUSTER));

      const DISKS: readonly (readonly [machineType: string, diskType: string | undefined, shown: string])[] =
        [
          ["c4-standard-16", undefined, "pd-balanced"],
          ["n4-standard-2", "pd-standard", "pd-standard"],
          ["n1-standard-2", "hyperdisk-balanced", "hyperdisk-balanced"],
        ];
      for (const [machineType, diskType, shown] of DISKS)
        it(`refuses ${shown} for ${machineType}`, () =>
          refused(
            "pool",
            { ...POOL, nodeConfig: { machineType, ...(diskType !== undefined && { diskType }) } },
            `googleapi: Error 400: [${shown}, ${machineType}] features are not compatible for creating instance., badRequest`,
          ));
    });
  });
});
