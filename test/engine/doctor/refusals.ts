import { type Case, NAMESPACE, NOBODY, container, deployment, job } from "./case";

/** What the server refuses to make. */
export const REFUSALS: readonly Case[] = [
  {
    what: "a Deployment whose pods Pod Security refuses",
    objects: [
      deployment({
        ...NOBODY,
        containers: [{ name: "a", image: "a", securityContext: { privileged: true } }],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /violates PodSecurity/,
        cause: /refuses the pod/,
        fix: "pulumi up --stack x",
      },
    ],
  },
  {
    what: "a quota that is used up, and the Deployment that it stops",
    objects: [
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "broken", namespace: NAMESPACE },
        spec: { hard: { "count/secrets": "1000", "requests.cpu": "10m" } },
      },
      deployment({
        ...NOBODY,
        containers: [container({ resources: { requests: { cpu: "3" }, limits: { cpu: "3" } } })],
      }),
    ],
    expected: [
      {
        check: "creation",
        object: "Deployment broken",
        what: /exceeded quota/,
        cause: /no room/,
        fix: "pulumi config set --path ralph:resources.requests.cpu 500m --stack x",
      },
      {
        check: "quota",
        object: "ResourceQuota broken",
        what: /used up: requests.cpu \S+ of 10m$/,
        cause: /refused/,
        fix: `kubectl -n ${NAMESPACE} edit quota broken`,
      },
    ],
  },
  {
    what: "a task whose pods the server refuses",
    objects: [job({}, { containers: [{ name: "a", image: "a" }] })],
    expected: [
      {
        check: "creation",
        object: "Job broken",
        what: /violates PodSecurity/,
        cause: /refuses the pod/,
        fix: "pulumi up --stack x",
      },
    ],
  },
];
