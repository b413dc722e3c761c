import { CANARY, type Case, container, crashed, job, NAMESPACE, onPod, pod, waiting } from "./case";

/** Keys, and the Secrets that they are in. */
export const SECRETS: readonly Case[] = [
  {
    what: "a container without a key, by the runner's exit code",
    objects: [pod()],
    status: crashed(78),
    expected: [
      onPod(
        "crashes",
        /ended with code 78 after each of 7 restarts/,
        /No API key/,
        "pulumi config set --secret --path ralph:apiKeys.claude --stack x",
      ),
    ],
  },
  {
    what: "a Secret of the pods that is gone",
    objects: [pod()],
    status: waiting("CreateContainerConfigError", 'secret "ralph-secrets" not found'),
    expected: [onPod("configuration", /not found/, /somebody has deleted/, "pulumi refresh --stack x")],
  },
  {
    what: "a Secret of others that the pods read and nobody has made",
    objects: [
      job({ suspend: true }, { containers: [container({ envFrom: [{ secretRef: { name: "absent" } }] })] }),
    ],
    expected: [
      {
        check: "API keys",
        object: "Secret absent",
        what: /is not there/,
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
    // The agents are those of the whole workload: q is to have its key in this Secret too.
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
        what: /CLAUDE_API_KEY has white space/,
        cause: /refuses/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
      {
        check: "API keys",
        object: "Secret broken",
        what: /GEMINI_API_KEY is a placeholder/,
        cause: /refuses/,
        fix: `kubectl -n ${NAMESPACE} edit secret broken`,
      },
    ],
  },
];
