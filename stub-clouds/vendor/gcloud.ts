import type { Resource } from "../types";
import { parseFilter } from "./gcloud-filter";
import { option, Refused, type Respond } from "./words";

/** The type that `gcloud <group> list` lists, and `delete` deletes. */
export const TYPES: Readonly<Record<string, string>> = {
  "container clusters": "gcp:container/cluster:Cluster",
  "compute disks": "gcp:compute/disk:Disk",
  "filestore instances": "gcp:filestore/instance:Instance",
  "compute firewall-rules": "gcp:compute/firewall:Firewall",
  "compute network-endpoint-groups": "gcp:compute/networkEndpointGroup:NetworkEndpointGroup",
  "compute forwarding-rules": "gcp:compute/forwardingRule:ForwardingRule",
  "compute target-pools": "gcp:compute/targetPool:TargetPool",
  "compute routers": "gcp:compute/router:Router",
  "compute networks subnets": "gcp:compute/subnetwork:Subnetwork",
  "compute networks": "gcp:compute/network:Network",
  "artifacts repositories": "gcp:artifactregistry/repository:Repository",
  "iam service-accounts": "gcp:serviceaccount/account:Account",
};

/** Resources that `gcloud` identifies by a path. */
const BY_PATH = ["filestore instances", "artifacts repositories", "iam service-accounts"];

/**
 * For lists of global resources gcloud drops its own filter and sends the API one: of `name=x` it becomes `name eq
 * ".*\\bx\\b.*"`, which `dev-x` and `x-2` match too (filter_rewrite.ConvertEQPatternToFullMatch of gcloud 578).
 */
const GLOBAL = ["compute networks", "compute firewall-rules"];

export const gcloud: Respond = (words, resources) =>
  words.includes("describe") ? describe(words, resources) : list(words, resources);

/** Only of what is in a region, which Compute Engine's API returns as the resource itself. */
const describe = (words: readonly string[], resources: readonly Resource[]) => {
  const at = words.indexOf("describe");
  const command = words.slice(0, at).join(" ");
  const id = `projects/${option(words, "project")}/regions/${option(words, "region")}/subnetworks/${words[at + 1]}`;
  const found = resources.find((each) => each.token === TYPES[command] && each.id === id);
  // utils.RaiseToolException in googlecloudsdk/api_lib/compute/utils.py
  if (found === undefined)
    throw new Refused(
      `ERROR: (gcloud.${command.replaceAll(" ", ".")}.describe) Could not fetch resource:\n` +
        ` - The resource '${id}' was not found`,
    );
  return found.outputs;
};

const list = (words: readonly string[], resources: readonly Resource[]) => {
  const command = words.slice(0, words.indexOf("list")).join(" ");
  const token = TYPES[command];
  if (token === undefined) throw new Refused(`ERROR: (gcloud) Invalid choice: '${command}'.`);
  const matches = parseFilter(option(words, "filter") ?? "", GLOBAL.includes(command) ? ["name"] : []);
  return resources
    .filter((resource) => resource.token === token)
    .map(({ outputs, id }) => ({ ...outputs, name: BY_PATH.includes(command) ? id : (outputs.name ?? id) }))
    .filter(matches);
};
