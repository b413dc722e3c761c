import { BASE } from "../base";
import { type BadConfig, task, rm } from "./case";

/** Unknown keys. */
export const UNKNOWN_KEYS: readonly BadConfig[] = [
  {
    name: "an unknown top-level key",
    config: { ...BASE, presistence: { enabled: false } },
    expected: [
      {
        key: "ralph:presistence",
        rule: /^unknown key, did you mean "persistence"\?$/,
        fix: rm("ralph:presistence"),
      },
    ],
  },
  {
    name: "an unknown key without a similar one",
    config: { ...BASE, xyzzyplugh: 1 },
    expected: [{ key: "ralph:xyzzyplugh", rule: /^unknown key$/, fix: rm("ralph:xyzzyplugh") }],
  },
  {
    name: "unknown keys below maps and lists",
    config: {
      ...BASE,
      persistence: { cache: { siz: "1Gi" } },
      tasks: [{ ...task, promt: "task.md" }],
      ingress: { hosts: [{ host: "a.example.com", paths: [{ pathtype: "Exact" }] }] },
    },
    expected: [
      {
        key: "ralph:persistence.cache.siz",
        rule: /^unknown key, did you mean "size"\?$/,
        fix: rm("--path ralph:persistence.cache.siz"),
      },
      {
        key: "ralph:tasks[0].promt",
        rule: /^unknown key, did you mean "prompt"\?$/,
        fix: rm("--path 'ralph:tasks[0].promt'"),
      },
      {
        key: "ralph:ingress.hosts[0].paths[0].pathtype",
        rule: /^unknown key, did you mean "pathType"\?$/,
        fix: rm("--path 'ralph:ingress.hosts[0].paths[0].pathtype'"),
      },
    ],
  },
  {
    name: "a key set without --path",
    config: { ...BASE, "autoscaling.maxReplicas": 3 },
    expected: [
      {
        key: "ralph:autoscaling.maxReplicas",
        rule: /^is one key with a dot in it, set without --path$/,
        fix: /^pulumi config rm ralph:autoscaling\.maxReplicas && pulumi config set --path ralph:autoscaling\.maxReplicas <value>$/,
      },
    ],
  },
  {
    name: "an API key set without --path",
    config: { ...BASE, "apiKeys.claude": "sk-ant-canary" },
    expected: [
      {
        key: "ralph:apiKeys.claude",
        rule: /^is one key with a dot in it, set without --path$/,
        fix: /&& pulumi config set --secret --path ralph:apiKeys\.claude$/,
      },
    ],
  },
];
