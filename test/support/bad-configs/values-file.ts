import { BASE } from "../base";
import { type BadConfig, set, setPath } from "./case";

/** The values file. */
export const VALUES_FILE: readonly BadConfig[] = [
  {
    name: "a values file that does not exist",
    config: { ...BASE, valuesFile: "test/support/no-values.yaml" },
    expected: [
      {
        key: "ralph:valuesFile",
        rule: /^test\/support\/no-values\.yaml cannot be read: ENOENT$/,
        fix: set("ralph:valuesFile", "<file>"),
      },
    ],
  },
  {
    name: "a values file that is not YAML",
    config: BASE,
    valuesFile: "image: {tag: v1\n",
    expected: [
      {
        key: "ralph:valuesFile",
        rule: /values\.yaml is not valid YAML: /,
        fix: set("ralph:valuesFile", "<file>"),
      },
    ],
  },
  {
    name: "a values file that is not a map",
    config: BASE,
    valuesFile: "- a\n- b\n",
    expected: [
      {
        key: "ralph:valuesFile",
        rule: /values\.yaml must be a map of keys to values$/,
        fix: set("ralph:valuesFile", "<file>"),
      },
    ],
  },
  {
    name: "problems of the values file, fixed there, and problems of the stack, fixed with a command",
    config: { ...BASE, persistence: { workspace: { size: "much" } } },
    valuesFile: [
      "persistence: {cache: {size: lots}}",
      "image: {tag: 7, pullpolicy: Always}",
      "tasks: [{name: a}]",
      "autoscaling: {minReplicas: 20}",
      "ingres: {}",
    ].join("\n"),
    expected: [
      {
        key: "ralph:image.tag",
        rule: /^must be text; it is 7$/,
        fix: /^edit \S*values\.yaml: image\.tag: "7"$/,
      },
      {
        key: "ralph:image.pullpolicy",
        rule: /^unknown key, did you mean "pullPolicy"\?$/,
        fix: /^edit \S*values\.yaml: remove image\.pullpolicy$/,
      },
      {
        key: "ralph:persistence.workspace.size",
        rule: /^must be a quantity/,
        fix: setPath("ralph:persistence.workspace.size", "<value>"),
      },
      {
        key: "ralph:persistence.cache.size",
        rule: /^must be a quantity/,
        fix: /^edit \S*values\.yaml: persistence\.cache\.size: <value>$/,
      },
      {
        key: "ralph:tasks[0].prompt",
        rule: /^is missing$/,
        fix: /^edit \S*values\.yaml: tasks\[0\]\.prompt: <text>$/,
      },
      {
        key: "ralph:ingres",
        rule: /^unknown key, did you mean "ingress"\?$/,
        fix: /^edit \S*values\.yaml: remove ingres$/,
      },
      {
        key: "ralph:autoscaling.minReplicas",
        rule: /^must not be above maxReplicas, 10; it is 20$/,
        fix: /^edit \S*values\.yaml: autoscaling\.maxReplicas: 20$/,
      },
    ],
  },
];
