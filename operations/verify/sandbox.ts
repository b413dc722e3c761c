import type {
  CoreV1Event,
  V1Job,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
} from "@kubernetes/client-node";

import { ToolError } from "../../lib/errors";
import { pause } from "../../lib/process";
import { type ClusterClient, unlessAbsent } from "../cluster/client";
import { type Probe, probeJob, RUN_LABEL, runLabels } from "./probe";

/** Milliseconds between two looks at the cluster. */
const INTERVAL = 2000;

/** Milliseconds for a driver to delete a volume: a file share takes minutes. */
const VOLUME_PATIENCE = 300_000;

/** A probe that did not end as it should; the message says what was seen. */
export class ProbeFailure extends ToolError {
  constructor(
    message: string,
    /** Exit code of its container, if that ran. */
    readonly exitCode?: number,
  ) {
    super(message);
  }
}

/** The end of a probe's container. */
export interface Ended {
  readonly exitCode: number;
  /** What its program reported. */
  readonly message: string;
  readonly pod: V1Pod;
  /** Seconds from the Job's creation to the container's start: scheduling, volumes and the image. */
  readonly startedAfter: number;
}

/** What a run creates in the cluster. It is deleted at its end, on Ctrl-C too. */
export class Sandbox {
  private readonly created: string[] = [];
  private readonly claims: string[] = [];

  constructor(
    private readonly client: ClusterClient,
    readonly namespace: string,
    /** Unique to the run. */
    readonly run: string,
    private readonly interval = INTERVAL,
  ) {}

  /** Name of an object of this run. */
  name(what: string): string {
    return `ralph-verify-${this.run}-${what}`;
  }

  /** Starts a probe. */
  async start(
    probe: Omit<Probe, "name" | "namespace"> & { what: string; namespace?: string },
  ): Promise<V1Job> {
    const { what, namespace = this.namespace, ...rest } = probe;
    const job = probeJob({ ...rest, name: this.name(what), namespace }, this.run);
    return this.create(`/apis/batch/v1/namespaces/${namespace}/jobs`, job, this.name(what));
  }

  /** Creates a claim that is deleted with its first user. */
  async claim(what: string, owner: V1Job, spec: V1PersistentVolumeClaim["spec"]): Promise<string> {
    const name = this.name(what);
    const claim = await this.create<V1PersistentVolumeClaim>(
      `/api/v1/namespaces/${this.namespace}/persistentvolumeclaims`,
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: {
          name,
          namespace: this.namespace,
          labels: { ...runLabels(this.run) },
          ownerReferences: [
            {
              apiVersion: "batch/v1",
              kind: "Job",
              name: owner.metadata?.name ?? "",
              uid: owner.metadata?.uid ?? "",
            },
          ],
        },
        spec,
      },
      name,
    );
    this.claims.push(claim.metadata?.uid ?? "");
    return name;
  }

  private async create<T>(collection: string, object: object, name: string): Promise<T> {
    // Before the request: its answer may be lost.
    this.created.push(`${collection}/${name}`);
    return this.client.create<T>(collection, object);
  }

  /** The pod of a probe, as soon as it exists. */
  async pod({ metadata }: V1Job): Promise<V1Pod | undefined> {
    const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${metadata?.name}`);
    const pods = await this.client.list<V1Pod>(
      `/api/v1/namespaces/${metadata?.namespace}/pods?labelSelector=${selector}`,
    );
    return pods[0];
  }

  /** Waits for something about a probe's pod. */
  async until<T>(
    job: V1Job,
    what: string,
    seconds: number,
    look: (pod: V1Pod) => T | undefined | Promise<T | undefined>,
  ): Promise<T> {
    for (const end = Date.now() + seconds * 1000; ; await pause(this.interval)) {
      const pod = await this.pod(job);
      const found = pod === undefined ? undefined : await look(pod);
      if (found !== undefined) return found;
      const hopeless = pod === undefined ? undefined : neverStarts(pod);
      if (hopeless !== undefined) throw new ProbeFailure(hopeless);
      if (Date.now() > end)
        throw new ProbeFailure(`${what} did not happen within ${seconds} s: ${await this.why(job, pod)}`);
    }
  }

  /** Waits until a probe's container has ended. */
  ended(job: V1Job, seconds: number): Promise<Ended> {
    return this.until(job, "the end of the pod", seconds, (pod) => {
      const state = pod.status?.containerStatuses?.[0]?.state?.terminated;
      if (state === undefined) {
        if (pod.status?.phase !== "Failed") return undefined;
        throw new ProbeFailure(`the pod failed: ${pod.status.reason} ${pod.status.message ?? ""}`.trim());
      }
      const began = Number(new Date(job.metadata?.creationTimestamp ?? 0));
      return {
        exitCode: state.exitCode,
        message: state.message ?? "",
        pod,
        startedAfter: Math.max(0, Math.round((Number(new Date(state.startedAt ?? 0)) - began) / 1000)),
      };
    });
  }

  /** Runs a program to its end, and returns what it reported. */
  async report<T>(job: V1Job, seconds: number): Promise<T & { readonly ended: Ended }> {
    const ended = await this.ended(job, seconds);
    if (ended.exitCode !== 0)
      throw new ProbeFailure(
        `its program ended with ${ended.exitCode}${errorIn(ended.message)}`,
        ended.exitCode,
      );
    return { ...(JSON.parse(ended.message) as T), ended };
  }

  /** Events about a probe's pod, oldest first. */
  async events(pod: V1Pod): Promise<CoreV1Event[]> {
    const selector = encodeURIComponent(`involvedObject.uid=${pod.metadata?.uid}`);
    return this.client.list<CoreV1Event>(
      `/api/v1/namespaces/${pod.metadata?.namespace}/events?fieldSelector=${selector}`,
    );
  }

  /** Why a pod does not run, in the cluster's words. */
  private async why(job: V1Job, pod: V1Pod | undefined): Promise<string> {
    if (pod === undefined) {
      const condition = (await unlessAbsent(this.client.get<V1Job>(jobPath(job))))?.status?.conditions?.[0];
      return condition?.message ?? "its Job has created no pod";
    }
    const unscheduled = pod.status?.conditions?.find(
      ({ type, status }) => type === "PodScheduled" && status === "False",
    );
    if (unscheduled !== undefined) return unscheduled.message ?? "it has no node";
    const warning = (await this.events(pod)).filter(({ type }) => type === "Warning").at(-1);
    const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
    return warning?.message ?? waiting?.message ?? waiting?.reason ?? `it is ${pod.status?.phase}`;
  }

  /**
   * Deletes everything that was created, and waits until the drivers have deleted the volumes.
   *
   * @returns the volumes that still exist
   */
  async close({ wait }: { readonly wait: boolean }): Promise<string[]> {
    const paths = this.created.splice(0).reverse();
    const answers = await Promise.allSettled(
      paths.map((path) => unlessAbsent(this.client.delete(`${path}?propagationPolicy=Background`))),
    );
    for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
    if (this.claims.length === 0 || !wait) return [];
    for (const end = Date.now() + VOLUME_PATIENCE; ; await pause(this.interval)) {
      const volumes = await this.client.list<V1PersistentVolume>("/api/v1/persistentvolumes");
      const left = volumes.filter(({ spec }) => this.claims.includes(spec?.claimRef?.uid ?? "-"));
      if (left.length === 0 || Date.now() > end) return left.map(({ metadata }) => metadata?.name ?? "");
    }
  }

  /** Deletes by hand what this run could not delete. */
  get cleanUp(): string {
    return `kubectl delete jobs,persistentvolumeclaims -A -l ${RUN_LABEL}=${this.run}`;
  }
}

const jobPath = ({ metadata }: V1Job): string =>
  `/apis/batch/v1/namespaces/${metadata?.namespace}/jobs/${metadata?.name}`;

const NEVER = ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError"];

/** Why a pod's container will never start; the kubelet has tried. */
function neverStarts({ status }: V1Pod): string | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  return NEVER.includes(waiting?.reason ?? "")
    ? `${waiting?.reason}: ${waiting?.message ?? ""}`.trim()
    : undefined;
}

function errorIn(message: string): string {
  try {
    return `: ${(JSON.parse(message) as { error?: string }).error ?? message}`;
  } catch {
    return "";
  }
}
