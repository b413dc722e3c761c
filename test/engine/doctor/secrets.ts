import { CANARY, type Case, container, crashed, job, NAMESPACE, onPod, pod, waiting } from "./case";

/** API keys, and the Secrets that hold them. */
export const SECRETS: readonly Case[] = [
  {
    what: "a container without a key, by the runner's exit code",
    objects: [pod()],
    status: crashed(78),
    expected: [
      onPod(
        "crashes",
        /exited with code 78; 7 restarts/,
        /No API key/,
        "pulumi config set --secret --path ralph:apiKeys.claude --stack patient",
      ),
    ],
  },
  {
    what: "a deleted Secret of the program's",
    objects: [pod()],
    status: waiting("CreateContainerConfigError", 'secret "ralph-secrets" not found'),
    expected: [
      onPod("configuration", /not found/, /has been deleted since/, "pulumi refresh --stack patient"),
    ],
  },
  {
    what: "a Secret that the pods read and that was never created",
    objects: [
      job({ suspend: true }, { containers: [container({ envFrom: [{ secretRef: { name: "absent" } }] })] }),
    ],
    expected: [
      {
        check: "API keys",
        object: "Secret absent",
        what: /does not exist/,
        cause: /existingSecret/,
        fix: `kubectl -n ${NAMESPACE} create secret generic absent --from-file=CLAUDE_API_KEY=<file>`,
      },
    ],
  },
  {
    what: "API keys that cannot be right",
    objects: [
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "broken", namespace: NAMESPACE },
        stringData: { CLAUDE_API_KEY: `${CANARY}\n`, GEMINI_API_KEY: "your-gemini-key-here" },
      },
      job(
        { suspend: true },
        { containers: [container({ envFrom: [{ secretRef: { name: "broken" } }], args: ["--agent=q"] })] },
      ),
    ],
    // Agents are collected over the whole workload: q needs its key in this Secret too.
    expected: [
      {
        check: "API keys",
        object: "Secret broken",
        what: /has no Q_API_KEY/,
        cause: /agent q/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
      {
        check: "API keys",
        object: "Secret broken",
        what: /CLAUDE_API_KEY contains white space/,
        cause: /will reject/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
      {
        check: "API keys",
        object: "Secret broken",
        what: /GEMINI_API_KEY is a placeholder/,
        cause: /will reject/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
    ],
  },
];
