import type { Events } from "./events";

/** What a user cannot restore, or waits an hour for: clusters, nodes, volumes, and what contains them. */
const IRREPLACEABLE = new Set([
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:PersistentVolumeClaim",
  "gcp:container/cluster:Cluster",
  "gcp:container/nodePool:NodePool",
  "aws:eks/cluster:Cluster",
  "aws:eks/nodeGroup:NodeGroup",
  "aws:efs/fileSystem:FileSystem",
  "azure-native:containerservice:ManagedCluster",
  "azure-native:containerservice:AgentPool",
  "azure-native:resources:ResourceGroup",
]);
export const isIrreplaceable = (type: string): boolean => IRREPLACEABLE.has(type);

export interface Loss {
  readonly type: string;
  readonly name: string;
}

/** Each resource that a run would delete or replace, including those whose protection makes it fail. */
export function losses({ operations, diagnostics }: Events): Loss[] {
  const refused = diagnostics
    .filter(({ severity, message }) => severity === "error" && /protected/.test(message))
    .flatMap(({ urn }) => urn ?? []);
  const lost = operations.filter(({ op }) => op === "delete" || op.includes("replace")).map(({ urn }) => urn);
  return [...new Set([...lost, ...refused])]
    .sort()
    .map((urn) => {
      const [, , types = "", name = ""] = urn.split("::");
      return { type: types.slice(types.lastIndexOf("$") + 1), name };
    })
    .filter((loss) => !isDefaultProvider(loss));
}

/** It is replaced, without consequences, whenever an SDK's version changes: the version is its name. */
const isDefaultProvider = ({ type, name }: Loss): boolean =>
  type.startsWith("pulumi:providers:") && name.startsWith("default");
