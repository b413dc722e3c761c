import { type Case, NAMESPACE, UNSCHEDULED, container, deployment, job } from "./case";

/** What the server refuses to create. */
export const REFUSALS: readonly Case[] = [
  {
    what: "a Deployment whose pods Pod Security rejects",
    objects: [
      deployment({
        ...UNSCHEDULED,
        containers: [{ name: "a", image: "a", securityContext: { privileged: true } }],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /violates PodSecurity/,
        cause: /rejects the pod/,
        fix: "pulumi up --stack patient",
      },
    ],
  },
  {
    what: "an exhausted quota, and the Deployment that it blocks",
    objects: [
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "broken", namespace: NAMESPACE },
        spec: { hard: { "count/secrets": "1000", "requests.cpu": "10m" } },
      },
      deployment({
        ...UNSCHEDULED,
        containers: [container({ resources: { requests: { cpu: "3" }, limits: { cpu: "3" } } })],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /exceeded quota/,
        cause: /does not allow another pod/,
        fix: "pulumi config set --path ralph:resources.requests.cpu 500m --stack patient",
      },
      {
        check: "quota",
        object: "ResourceQuota broken",
        what: /used up: requests.cpu \S+ of 10m$/,
        cause: /rejected/,
        fix: `kubectl -n ${NAMESPACE} edit quota broken`,
      },
    ],
  },
  {
    what: "a task whose pods the server rejects",
    objects: [job({}, { containers: [{ name: "a", image: "a" }] })],
    expected: [
      {
        check: "creation",
        object: "Job broken",
        what: /violates PodSecurity/,
        cause: /rejects the pod/,
        fix: "pulumi up --stack patient",
      },
    ],
  },
];
