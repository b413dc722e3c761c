import type { Values } from "../engine/state";
import { type ClusterClient, unlessAbsent } from "./client";

/** An object as the server holds it. */
export interface Live {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly Owner[];
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec?: Values;
  readonly status?: Values;
}

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Kind, namespace and name of an object, such as `Service ralph/web`. */
export const qualifiedName = ({ kind, metadata: { name, namespace } }: Live): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** The objects of a cluster, of any kind that its server knows. Fails as `ClusterClient` does. */
export interface ClusterObjects {
  /** Address of the API server. */
  readonly address: string;
  /** Objects in one namespace, or in all; empty if the server does not know the kind. */
  readonly list: (kind: Kind, namespace?: string) => Promise<readonly Live[]>;
  /** Undefined if no such object exists. */
  readonly get: (kind: Kind, name: string, namespace?: string) => Promise<Live | undefined>;
  /** Merges fields into an object. */
  readonly patch: (object: Live, fields: object) => Promise<void>;
  /** Requests the deletion of an object, dependents first. Succeeds if the object no longer exists. */
  readonly remove: (object: Live) => Promise<void>;
}

/** How the server names a kind in its paths. */
interface ApiResource {
  /** Plural, such as `ingresses`; a subresource has a slash: `pods/log`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export function clusterObjects(client: ClusterClient): ClusterObjects {
  const discovered = new Map<string, Promise<readonly ApiResource[]>>();

  function resources(apiVersion: string): Promise<readonly ApiResource[]> {
    const known = discovered.get(apiVersion);
    if (known !== undefined) return known;
    const found = unlessAbsent(client.get<{ resources: ApiResource[] }>(groupPath(apiVersion))).then(
      (group) => group?.resources ?? [],
    );
    discovered.set(apiVersion, found);
    return found;
  }

  /** Undefined if the server does not know the kind. */
  async function pathOf(
    { apiVersion, kind }: Kind,
    namespace?: string,
    name?: string,
  ): Promise<string | undefined> {
    const resource = (await resources(apiVersion)).find(
      (each) => each.kind === kind && !each.name.includes("/"),
    );
    if (resource === undefined) return undefined;
    const scope = resource.namespaced && namespace !== undefined ? ["namespaces", namespace] : [];
    const steps = [...scope, resource.name, ...(name === undefined ? [] : [name])];
    return [groupPath(apiVersion), ...steps.map(encodeURIComponent)].join("/");
  }

  return {
    address: client.address,
    async list(kind, namespace) {
      const path = await pathOf(kind, namespace);
      const items = path === undefined ? [] : ((await unlessAbsent(client.list<Live>(path))) ?? []);
      // The items of a list carry neither.
      return items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
    },
    async get(kind, name, namespace) {
      const path = await pathOf(kind, namespace, name);
      return path === undefined ? undefined : unlessAbsent(client.get<Live>(path));
    },
    async patch(object, fields) {
      const { name, namespace } = object.metadata;
      const path = await pathOf(object, namespace, name);
      if (path !== undefined) await client.patch(path, fields);
    },
    async remove(object) {
      const { name, namespace } = object.metadata;
      const path = await pathOf(object, namespace, name);
      if (path !== undefined) await unlessAbsent(client.delete(`${path}?propagationPolicy=Foreground`));
    },
  };
}

/** `/api/v1` for the core group, `/apis/<group>/<version>` for any other. */
const groupPath = (apiVersion: string): string =>
  `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
