/** The controllers of a real cluster that create resources in its cloud: load balancers for Services, disks for volumes. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { openCluster } from "../../../operations/cluster/client";
import { clusterObjects, type ClusterObjects, type Live } from "../../../operations/cluster/objects";
import type { StubClouds } from "../../../stub-clouds/install";
import type { Resource } from "../../../stub-clouds/types";
import { fixture } from "./fixture";
import { kubectl } from "./kubectl";

const SERVICE = { apiVersion: "v1", kind: "Service" };
const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" };

/** Finalizers of objects whose cloud resource is deleted first: the cloud controller's and the volume drivers'. */
const FINALIZERS: Readonly<Record<string, string>> = {
  [SERVICE.kind]: "service.kubernetes.io/load-balancer-cleanup",
  [VOLUME.kind]: "external-provisioner.volume.kubernetes.io/finalizer",
};

/** A cloud resource that no program created. */
export const foreign = (
  plugin: string,
  token: string,
  id: string,
  properties: Readonly<Record<string, unknown>>,
): Resource => {
  const values = { name: id, ...properties };
  return { plugin, token, id, inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

/** Milliseconds that the cloud needs for a deletion. */
const SLOW = 1_500;

/** GKE's controllers, for the objects of one namespace, as far as an inventory shows them. */
export class Controllers {
  /** When each resource was deleted from the cloud, by its name there; milliseconds since 1970. */
  readonly gone: Record<string, number> = {};
  private readonly asked = new Map<string, number>();
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  private constructor(
    private readonly objects: ClusterObjects,
    private readonly clouds: StubClouds,
    private readonly namespace: string,
    private readonly cluster: string,
  ) {
    this.running = this.run();
  }

  static async start(clouds: StubClouds, namespace: string, cluster: string): Promise<Controllers> {
    const client = await openCluster({ kubeconfig: readFileSync(fixture().plane.kubeconfig, "utf8") });
    return new Controllers(clusterObjects(client), clouds, namespace, cluster);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.ended.signal.aborted) {
      const services = (await this.objects.list(SERVICE)).filter(
        ({ metadata: { namespace }, spec }) => namespace === this.namespace && spec?.type === "LoadBalancer",
      );
      const volumes = (await this.objects.list(VOLUME)).filter(
        ({ spec }) => spec?.claimRef?.namespace === this.namespace,
      );
      for (const service of services) await this.see(service, `k8s-fw-${service.metadata.name}`);
      for (const volume of volumes) await this.see(volume, volume.metadata.name);
      await delay(100);
    }
  }

  /** Keeps an object as long as its resource is in the cloud. */
  private async see({ kind, metadata }: Live, id: string): Promise<void> {
    const { name, namespace, finalizers = [], deletionTimestamp } = metadata;
    const finalizer = FINALIZERS[kind] ?? "";
    const patch = async (value: readonly string[] | null): Promise<void> => {
      const body = JSON.stringify({ metadata: { finalizers: value } });
      const where = namespace === undefined ? [] : ["-n", namespace];
      await kubectl("patch", kind, name, ...where, "--type=merge", "-p", body);
    };
    if (deletionTimestamp === undefined) {
      if (finalizers.includes(finalizer)) return;
      await patch([...finalizers, finalizer]);
      await this.clouds.edit((all) => [...all, this.resourceFor(kind, id, all)]);
      return;
    }
    const since = this.asked.get(id) ?? Date.now();
    this.asked.set(id, since);
    if (!finalizers.includes(finalizer) || Date.now() - since < SLOW) return;
    await this.clouds.edit((all) => all.filter((each) => each.id !== id));
    this.gone[id] = Date.now();
    await patch(finalizers.filter((each) => each !== finalizer));
  }

  private resourceFor(kind: string, id: string, all: readonly Resource[]): Resource {
    if (kind === VOLUME.kind) return disk(id, this.cluster);
    const network = all.find(({ token }) => token === "gcp:compute/network:Network")?.outputs.selfLink;
    return foreign("gcp", "gcp:compute/firewall:Firewall", id, { network });
  }
}

/** A disk as the persistent-disk driver leaves it behind. */
export const disk = (id: string, cluster: string): Resource =>
  foreign("gcp", "gcp:compute/disk:Disk", id, {
    zone: "https://www.googleapis.com/compute/v1/projects/acme-agents/zones/us-central1-a",
    labels: { "goog-k8s-cluster-name": cluster },
  });
