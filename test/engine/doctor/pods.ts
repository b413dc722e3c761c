import { type Case, NAMESPACE, crashed, event, onPod, pod, status, waiting } from "./case";

/** Pods that do not run, or not for long. */
export const PODS: readonly Case[] = [
  {
    what: "an agent that uses too much memory",
    objects: [pod({}, { resources: { limits: { memory: "4Gi" }, requests: { memory: "1Mi" } } })],
    status: crashed(137, "OOMKilled"),
    expected: [
      onPod(
        "memory",
        /OOMKilled at its limit of 4Gi, 7 restarts/,
        /more memory/,
        "pulumi config set --path ralph:resources.limits.memory 8Gi --stack patient",
      ),
    ],
  },
  {
    what: "an evicted pod",
    objects: [pod()],
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: "The node was low on resource: ephemeral-storage.",
    },
    expected: [
      onPod(
        "memory",
        /Evicted/,
        /ran short/,
        "pulumi config set --path ralph:resources.requests.ephemeral-storage 4Gi --stack patient",
      ),
    ],
  },
  {
    what: "an image without the runner",
    objects: [pod()],
    status: waiting("RunContainerError", 'exec: "ralph": executable file not found'),
    expected: [
      onPod("crashes", /RunContainerError: exec/, /log/, `kubectl -n ${NAMESPACE} describe pod broken`),
    ],
  },
  {
    what: "a container that answers no probe",
    objects: [
      pod(),
      event(
        "Pod",
        "broken",
        "Unhealthy",
        "Readiness probe failed: dial tcp 10.0.0.9:8080: connect: connection refused",
      ),
    ],
    status: status("Running", { running: { startedAt: "2026-01-01T00:00:00Z" } }),
    expected: [onPod("readiness", /connection refused/, /port 8080/, `kubectl -n ${NAMESPACE} logs broken`)],
  },
];
