/**
 * The parts of a case: objects named `broken`, statuses as a node writes them, and what the doctor must report.
 */
export const NAMESPACE = "patient";
/** A secret value that must not appear in any output. */
export const CANARY = "sk-canary-9f3c61";
export const APP = { app: "ralph-orchestrator" };

/** One expected finding: its check and object, and what the texts must match. */
export interface Expected {
  readonly check: string;
  readonly object: string;
  readonly what: RegExp;
  readonly cause: RegExp;
  /** A command that must be suggested. */
  readonly fix: string;
}

export const SECURITY = {
  runAsNonRoot: true,
  runAsUser: 1000,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
/** No scheduler has this name: the pod gets no node, and keeps the status that the test writes. */
export const UNSCHEDULED = { schedulerName: "none" };
export const container = (more: object = {}) => ({
  name: "ralph",
  image: "registry.test/ralph:1",
  securityContext: SECURITY,
  ...more,
});
export const pod = (spec: object = {}, containers: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "broken", namespace: NAMESPACE, labels: APP },
  spec: { ...UNSCHEDULED, containers: [container(containers)], ...spec },
});
/** Status of a pod whose container is not ready. */
export const status = (phase: string, state: object, more: object = {}) => ({
  phase,
  containerStatuses: [
    {
      name: "ralph",
      image: "registry.test/ralph:1",
      imageID: "",
      ready: false,
      restartCount: 0,
      state,
      ...more,
    },
  ],
});
export const waiting = (reason: string, message = "", more: object = {}) =>
  status("Pending", { waiting: { reason, message } }, more);
export const crashed = (exitCode: number, reason = "Error") =>
  waiting("CrashLoopBackOff", "back-off", {
    restartCount: 7,
    lastState: { terminated: { exitCode, reason } },
  });
export const event = (kind: string, name: string, reason: string, message: string) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "broken.1", namespace: NAMESPACE },
  involvedObject: { kind, name, namespace: NAMESPACE, apiVersion: "v1" },
  type: "Warning",
  reason,
  message,
  count: 1,
  // When it is applied: cases are loaded with the suite, which can be longer ago than events count as recent.
  get lastTimestamp() {
    return new Date().toISOString();
  },
  source: { component: "test" },
});
export const claim = (spec: object) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
export const template = (spec: object, labels: object = APP) => ({ metadata: { labels }, spec });
export const deployment = (podSpec: object) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { selector: { matchLabels: { x: "broken" } }, template: template(podSpec, { ...APP, x: "broken" }) },
});
export const job = (spec: object, podSpec: object = { ...UNSCHEDULED, containers: [container()] }) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "broken", namespace: NAMESPACE },
  spec: { backoffLimit: 0, ...spec, template: template({ restartPolicy: "Never", ...podSpec }) },
});

export interface Case {
  readonly what: string;
  readonly objects: readonly object[];
  /** Status of the pod `broken`, or of the pod of the Job `broken`. */
  readonly status?: object;
  /** Status of the node `broken`. */
  readonly nodeStatus?: object;
  readonly expected: readonly Expected[];
}

export const onPod = (check: string, what: RegExp, cause: RegExp, fix: string): Expected => ({
  check,
  object: "Pod broken",
  what,
  cause,
  fix,
});
