import type { Ask, CloudOperations, Outdated, Place } from "../../operations";
import { releaseParameter } from "../machine-types";
import { json } from "./aws";

/**
 * Add-ons and node groups that are older than the newest version for the cluster's Kubernetes: AWS updates neither by
 * itself, also where it has upgraded the control plane.
 */
export const outdated: NonNullable<CloudOperations<never>["outdated"]> = async (place, ask) => {
  const eks = eksOf(place, ask);
  const [{ cluster }, { addons }, { nodegroups }] = (await Promise.all([
    eks("describe-cluster", "--name", place.cluster),
    eks("list-addons", "--cluster-name", place.cluster),
    eks("list-nodegroups", "--cluster-name", place.cluster),
  ])) as [{ cluster: { version: string } }, { addons: string[] }, { nodegroups: string[] }];
  const both = await Promise.all([
    outdatedAddons(place, ask, addons, cluster.version),
    outdatedNodes(place, ask, nodegroups, cluster.version),
  ]);
  return both.flat();
};

const eksOf =
  (place: Place, ask: Ask) =>
  (...words: string[]) =>
    ask(json(place, "eks", ...words));

interface Addon {
  readonly addon: { readonly addonVersion: string };
}
interface Versions {
  readonly addons: readonly {
    readonly addonName: string;
    /** The newest one first. */
    readonly addonVersions: readonly { readonly addonVersion: string }[];
  }[];
}

async function outdatedAddons(
  place: Place,
  ask: Ask,
  names: readonly string[],
  kubernetes: string,
): Promise<Outdated[]> {
  const eks = eksOf(place, ask);
  const [{ addons }, ...installed] = (await Promise.all([
    eks("describe-addon-versions", "--kubernetes-version", kubernetes),
    ...names.map((name) => eks("describe-addon", "--cluster-name", place.cluster, "--addon-name", name)),
  ])) as [Versions, ...Addon[]];
  return names.flatMap((name, i) => {
    const version = installed[i]?.addon.addonVersion ?? "";
    const newest = addons.find(({ addonName }) => addonName === name)?.addonVersions[0]?.addonVersion;
    return older({ object: `add-on ${name}`, version, kubernetes, pin: `cluster.addons.${name}` }, newest);
  });
}

interface NodeGroup {
  readonly nodegroup: { readonly amiType: string; readonly releaseVersion: string };
}

async function outdatedNodes(
  place: Place,
  ask: Ask,
  names: readonly string[],
  kubernetes: string,
): Promise<Outdated[]> {
  const eks = eksOf(place, ask);
  const groups = (await Promise.all(
    names.map((name) => eks("describe-nodegroup", "--cluster-name", place.cluster, "--nodegroup-name", name)),
  )) as NodeGroup[];
  const parameters = groups.map(({ nodegroup }) => releaseParameter(nodegroup.amiType, kubernetes));
  const known = [...new Set(parameters)].filter((name) => name !== undefined);
  const values = (await Promise.all(
    known.map((name) => ask(json(place, "ssm", "get-parameter", "--name", name))),
  )) as { Parameter: { Value: string } }[];
  return groups.flatMap(({ nodegroup: { releaseVersion: version } }, i) => {
    const newest = values[known.indexOf(parameters[i] ?? "")]?.Parameter.Value;
    return older(
      { object: `node group ${names[i]}`, version, kubernetes, pin: "cluster.nodes.release" },
      newest,
    );
  });
}

/** What has another version than the newest; nothing if that is not known. */
function older(found: Omit<Outdated, "newest" | "update">, newest: string | undefined): Outdated[] {
  if (newest === undefined || newest === found.version) return [];
  const today = new Date().toISOString().slice(0, 10);
  return [{ ...found, newest, update: { key: "cluster.patchedOn", value: today } }];
}
