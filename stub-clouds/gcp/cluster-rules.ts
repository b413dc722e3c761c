import type { Context, Values } from "../types";
import { machineRefusals } from "./machines";
import { CLUSTER, KEY_ACCESS, SUBNETWORK } from "./tokens";

/** GKE's service agent in the project whose number getProject returns. */
export const ROBOT = "service-123456789012@container-engine-robot.iam.gserviceaccount.com";
const KEY_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

const refused = (broken: boolean, reason: string): string[] => (broken ? [reason] : []);

/** GKE's errors for a cluster whose properties contradict each other. */
export function clusterRefusals(inputs: Values, context: Context): string[] {
  const { find } = context;
  const { ipAllocationPolicy = {}, databaseEncryption, controlPlaneEndpointsConfig: endpoints } = inputs;
  const ranges = find(SUBNETWORK, inputs.subnetwork)?.inputs.secondaryIpRanges ?? [];
  const named = [
    ipAllocationPolicy.clusterSecondaryRangeName,
    ipAllocationPolicy.servicesSecondaryRangeName,
  ].filter((name) => name !== undefined);
  const key = databaseEncryption?.keyName;
  return [
    ...placeRefusals(inputs),
    ...machineRefusals(inputs),
    ...rangeRefusals(inputs),
    ...endpointRefusals(inputs),
    ...maintenanceRefusals(inputs),
    ...versionRefusals(inputs, context),
    ...named
      .filter((name) => !ranges.some(({ rangeName }: Values) => rangeName === name))
      .map((name) => `Services/Pods range "${name}" does not exist in the subnetwork`),
    ...refused(
      inputs.datapathProvider === "ADVANCED_DATAPATH" && inputs.networkPolicy?.enabled === true,
      "Enabling NetworkPolicy for clusters with DatapathProvider=ADVANCED_DATAPATH is not allowed",
    ),
    ...refused(
      inputs.workloadIdentityConfig === undefined &&
        inputs.nodeConfig?.workloadMetadataConfig?.mode === "GKE_METADATA",
      "Workload Identity needs a workload pool",
    ),
    ...refused(
      endpoints?.ipEndpointsConfig?.enabled === false &&
        endpoints.dnsEndpointConfig?.allowExternalTraffic !== true,
      "neither the IP endpoints nor the DNS endpoint could be reached",
    ),
    ...refused(
      endpoints?.ipEndpointsConfig?.enabled === false && inputs.masterAuthorizedNetworksConfig !== undefined,
      "authorized networks need the IP endpoints",
    ),
    ...refused(
      key !== undefined && find(KEY_ACCESS, `${key}/${KEY_ROLE}/serviceAccount:${ROBOT}`) === undefined,
      `Cloud KMS key "${key}" is not accessible by the service agent ${ROBOT}`,
    ),
  ];
}

/** expandContainerCluster: https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/container/resource_container_cluster.go */
const placeRefusals = ({ location, nodeLocations = [] }: Values): string[] =>
  refused(
    nodeLocations.includes(location),
    "when using a multi-zonal cluster, node_locations should not contain the original 'zone'",
  );

/** https://github.com/gruntwork-io/terraform-google-network/pull/60 */
const rangeRefusals = ({ ipAllocationPolicy: policy = {} }: Values): string[] =>
  refused(
    policy.clusterSecondaryRangeName !== undefined &&
      policy.clusterSecondaryRangeName === policy.servicesSecondaryRangeName,
    `Pod secondary range name (${policy.clusterSecondaryRangeName}) should not be the same as service secondary range name.`,
  );

const RESERVED = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

function endpointRefusals(inputs: Values): string[] {
  const { privateClusterConfig = {}, masterAuthorizedNetworksConfig: authorized } = inputs;
  const { enablePrivateEndpoint, masterIpv4CidrBlock, privateEndpointSubnetwork } = privateClusterConfig;
  const onlyPrivate =
    enablePrivateEndpoint === true &&
    inputs.controlPlaneEndpointsConfig?.ipEndpointsConfig?.enabled !== false;
  const foreign = (authorized?.cidrBlocks ?? []).find(({ cidrBlock }: Values) => !RESERVED.test(cidrBlock));
  return [
    // https://github.com/GoogleCloudPlatform/magic-modules/pull/8338
    ...refused(
      onlyPrivate && authorized === undefined,
      "Master authorized networks must be enabled if private endpoint is enabled.",
    ),
    // https://github.com/terraform-google-modules/terraform-google-kubernetes-engine/issues/153
    ...refused(
      onlyPrivate && foreign !== undefined,
      `Invalid master authorized networks: network "${foreign?.cidrBlock}" is not a reserved network, which is required for private endpoints`,
    ),
    // https://github.com/terraform-google-modules/terraform-google-kubernetes-engine/issues/2119
    ...refused(
      masterIpv4CidrBlock !== undefined && privateEndpointSubnetwork !== undefined,
      "When masterIpv4Cidr is set, privateEndpointSubnetwork must be unset.",
    ),
  ];
}

/** Windows of less than four hours do not count, and four weeks are the whole weeks in 32 days. */
const MIN_HOURS = { window: 4, sum: 48 };
const WEEKS = 4;

/**
 * https://docs.cloud.google.com/kubernetes-engine/docs/how-to/maintenance-windows-and-exclusions; the message is that of
 * many public reports.
 */
function maintenanceRefusals({ maintenancePolicy }: Values): string[] {
  const window = maintenancePolicy?.recurringWindow;
  if (window === undefined) return [];
  const { startTime, endTime, recurrence } = window;
  const hours = (Date.parse(endTime) - Date.parse(startTime)) / 3_600_000;
  const days = /BYDAY=([A-Z,]+)/.exec(recurrence)?.[1]?.split(",").length;
  const aWeek = days ?? (/^FREQ=DAILY/.test(recurrence) ? 7 : 1);
  return refused(
    hours < MIN_HOURS.window || hours * aWeek * WEEKS < MIN_HOURS.sum,
    "maintenance policy would go longer than 32d without 48h maintenance availability",
  );
}

const minorOf = (version: unknown): number => Number(String(version).split(".")[1]);

/** https://www.nebari.dev/docs/how-tos/kubernetes-version-upgrade */
function versionRefusals(
  { name, location, project, minMasterVersion }: Values,
  { find, config }: Context,
): string[] {
  const id = `projects/${project ?? config.project}/locations/${location}/clusters/${name}`;
  const current = find(CLUSTER, id)?.outputs.masterVersion;
  return refused(
    minMasterVersion !== undefined &&
      current !== undefined &&
      minorOf(minMasterVersion) > minorOf(current) + 1,
    `Master cannot be upgraded to "${minMasterVersion}": cannot upgrade the master more than a minor version at a time.`,
  );
}
