import { serverOf } from "./git-server";
import type { ClusterTraits } from "../clusters/types";
import type { Finding } from "../config/findings";
import type { Path } from "../config/path";
import { parseQuantity } from "../config/quantity";
import { API_KEY_SECRET, GIT_SECRET, MONITORING_NAMESPACE, RALPH, SMOKE_JOB } from "./names";
import { DEADLINE_MARGIN_SECONDS, PUBLISHED_IMAGE, type RalphConfig } from "./config";

/** A rule between keys. It is asked only when each section it names is valid by itself. */
interface Rule {
  readonly sections: readonly (keyof RalphConfig | "cluster")[];
  readonly check: (config: RalphConfig, traits: ClusterTraits) => readonly Finding[];
}

const found = (broken: boolean, finding: () => Finding): readonly Finding[] => (broken ? [finding()] : []);

/** A ConfigMap holds 1 MiB, keys and the server's own bookkeeping included. */
const PROMPTS_BYTES = 1_000_000;

/** What the API server takes in no path that it compares itself. */
const NO_PATH = /\/\/|\/\.{1,2}(\/|$)|%2f/i;

const OWN_SECRETS: Readonly<Record<string, string>> = {
  [API_KEY_SECRET]: "the API keys",
  [GIT_SECRET]: "the key that pushes",
};

export const rules: readonly Rule[] = [
  {
    sections: ["autoscaling"],
    check: ({ autoscaling: { minReplicas, maxReplicas } }) =>
      found(minReplicas > maxReplicas, () => ({
        at: ["autoscaling"],
        rule: `minReplicas ${minReplicas} is above maxReplicas ${maxReplicas}`,
        set: { at: ["autoscaling", "maxReplicas"], value: String(minReplicas) },
      })),
  },
  {
    sections: ["resources"],
    check: ({ resources: { requests, limits } }) =>
      (["cpu", "memory", "ephemeral-storage"] as const).flatMap((kind) =>
        found((parseQuantity(requests[kind]) ?? 0) > (parseQuantity(limits[kind]) ?? 0), () => ({
          at: ["resources", "requests", kind],
          rule: `request ${requests[kind]} is above the limit ${limits[kind]}`,
          set: { at: ["resources", "limits", kind], value: requests[kind] },
        })),
      ),
  },
  {
    sections: ["image", "cluster"],
    check: ({ image: { build, repository, digest } }, { registry }) => [
      ...found(build && digest !== undefined, () => ({
        at: ["image", "digest"],
        rule: "names an image that is there, but image.build is true: keep one",
      })),
      ...found(build && repository === PUBLISHED_IMAGE && !registry, () => ({
        at: ["image", "repository"],
        rule: "is missing: image.build pushes there, and the cluster brings no registry",
        set: { at: ["image", "repository"], value: "<registry>/<image>" },
      })),
    ],
  },
  {
    sections: ["apiKeys"],
    check: ({ apiKeys: { existingSecret, ...inline } }) => excluded("apiKeys", inline, existingSecret),
  },
  { sections: ["git"], check: ({ git }) => gitFindings(git) },
  {
    sections: ["imagePullSecrets"],
    check: ({ imagePullSecrets }) =>
      imagePullSecrets.flatMap(({ server, username, password }, i) => {
        const given = { server, username, password };
        const missing = Object.entries(given).filter(([, value]) => value === undefined);
        return missing.length === 3
          ? []
          : missing.map(([key]) => ({
              at: ["imagePullSecrets", i, key],
              rule: "is missing: server, username and password make a Secret, none of them names one",
              set: { at: ["imagePullSecrets", i, key], value: `<${key}>` },
            }));
      }),
  },
  {
    sections: ["imagePullSecrets"],
    check: ({ imagePullSecrets }) => [
      ...repeated(
        imagePullSecrets.map(({ name }) => name),
        (i) => ["imagePullSecrets", i, "name"],
      ),
      ...imagePullSecrets.flatMap(({ name }, i) =>
        found(Object.hasOwn(OWN_SECRETS, name), () => ({
          at: ["imagePullSecrets", i, "name"],
          rule: `"${name}" is the Secret of ${OWN_SECRETS[name]}`,
          set: { at: ["imagePullSecrets", i, "name"], value: "regcred" },
        })),
      ),
    ],
  },
  {
    sections: ["tasks", "schedules", "config"],
    check: ({ tasks, schedules, config }) =>
      runs({ tasks, schedules }).flatMap(({ run, at }) => {
        const latest = run.activeDeadlineSeconds - DEADLINE_MARGIN_SECONDS;
        return found((run.maxRuntime ?? Math.min(config.maxRuntime, latest)) > latest, () => ({
          at: [...at, "maxRuntime"],
          rule: `${run.maxRuntime} s does not end ${DEADLINE_MARGIN_SECONDS} s before the deadline of ${run.activeDeadlineSeconds} s`,
          set: { at: [...at, "maxRuntime"], value: String(latest) },
        }));
      }),
  },
  {
    sections: ["tasks", "schedules", "prompts"],
    check: ({ tasks, schedules, prompts }) =>
      runs({ tasks, schedules }).flatMap(({ run, at }) =>
        found(!(run.prompt in prompts), () => ({
          at: [...at, "prompt"],
          rule: `no prompt "${run.prompt}"; there is ${Object.keys(prompts).join(", ") || "none"}`,
          set: { at: [...at, "prompt"], value: Object.keys(prompts)[0] ?? "<file in prompts/>" },
        })),
      ),
  },
  {
    sections: ["prompts"],
    check: ({ prompts }) => {
      const bytes = Object.values(prompts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      return found(bytes > PROMPTS_BYTES, () => ({
        at: ["prompts"],
        rule: `${bytes} bytes of prompts; a ConfigMap holds ${PROMPTS_BYTES}`,
      }));
    },
  },
  {
    sections: ["smoke", "tasks", "prompts"],
    check: ({ smoke: { enabled }, tasks, prompts }) => [
      ...found(enabled && Object.keys(prompts).length === 0, () => ({
        at: ["smoke", "enabled"],
        rule: "is true, but there is no prompt that it could run",
        set: { at: ["smoke", "enabled"], value: "false" },
      })),
      ...tasks.flatMap(({ name }, i) =>
        found(enabled && name === SMOKE_JOB, () => ({
          at: ["tasks", i, "name"],
          rule: `"${SMOKE_JOB}" is the Job of smoke.enabled`,
          set: { at: ["tasks", i, "name"], value: `${SMOKE_JOB}-task` },
        })),
      ),
    ],
  },
  {
    sections: ["tasks"],
    check: ({ tasks }) =>
      repeated(
        tasks.map(({ name }) => name),
        (i) => ["tasks", i, "name"],
      ),
  },
  {
    sections: ["schedules"],
    check: ({ schedules }) =>
      repeated(
        schedules.map(({ name }) => name),
        (i) => ["schedules", i, "name"],
      ),
  },
  {
    sections: ["persistence", "cluster"],
    check: ({ persistence: { enabled, storageClass, workspace, cache } }, { storageClass: cluster }) => [
      ...found(
        enabled &&
          workspace.accessMode === "ReadWriteMany" &&
          !(storageClass ?? cluster.rwx ?? workspace.existingClaim),
        () => ({
          at: ["persistence", "workspace", "accessMode"],
          rule: "ReadWriteMany, but the cluster has no class for it",
          set: { at: ["persistence", "workspace", "accessMode"], value: "ReadWriteOnce" },
        }),
      ),
      ...found(
        enabled && cache.kind === "pvc" && !(cache.storageClass ?? cluster.rwx ?? cache.existingClaim),
        () => ({
          at: ["persistence", "cache", "kind"],
          rule: "pvc is a ReadWriteMany claim, but the cluster has no class for it",
          set: { at: ["persistence", "cache", "kind"], value: "emptyDir" },
        }),
      ),
    ],
  },
  {
    sections: ["namespace", "monitoring"],
    check: ({ namespace, monitoring: { install } }) =>
      found(namespace === MONITORING_NAMESPACE && install !== "none", () => ({
        at: ["namespace"],
        rule: `"${namespace}" is where monitoring.install puts Prometheus, whose pods Ralph's namespace refuses`,
        set: { at: ["namespace"], value: RALPH },
      })),
  },
  {
    sections: ["monitoring", "config"],
    check: ({ monitoring: { enabled, serviceMonitor }, config: { enableMetrics } }) =>
      found(enabled && serviceMonitor.enabled && !enableMetrics, () => ({
        at: ["monitoring", "serviceMonitor", "enabled"],
        rule: "a ServiceMonitor, but config.enableMetrics is false: nothing to scrape",
        set: { at: ["monitoring", "serviceMonitor", "enabled"], value: "false" },
      })),
  },
  {
    sections: ["ingress"],
    check: ({ ingress: { enabled, hosts, tls } }) => [
      ...found(enabled && hosts.length === 0, () => ({
        at: ["ingress", "hosts"],
        rule: "is empty, but ingress.enabled is true",
        set: { at: ["ingress", "hosts", 0, "host"], value: "ralph.example.com" },
      })),
      ...hosts.flatMap(({ paths }, i) =>
        paths.flatMap(({ path, pathType }, j) =>
          found(pathType !== "ImplementationSpecific" && NO_PATH.test(path), () => ({
            at: ["ingress", "hosts", i, "paths", j, "path"],
            rule: `"${path}" has '//', '/.', '/..' or an encoded '/' in it, which no path of type ${pathType} may`,
            set: { at: ["ingress", "hosts", i, "paths", j, "path"], value: "<path>" },
          })),
        ),
      ),
      ...tls.flatMap((entry, i) =>
        entry.hosts.flatMap((host, j) =>
          found(!hosts.some((rule) => rule.host === host), () => ({
            at: ["ingress", "tls", i, "hosts", j],
            rule: `"${host}" is none of ingress.hosts`,
            set: { at: ["ingress", "tls", i, "hosts", j], value: hosts[0]?.host ?? "<host>" },
          })),
        ),
      ),
    ],
  },
  {
    sections: ["argocd"],
    check: ({ argocd: { enabled, repoURL } }) =>
      found(enabled && repoURL === undefined, () => ({
        at: ["argocd", "repoURL"],
        rule: "is missing: Argo CD needs the repository that holds the rendered manifests",
        set: { at: ["argocd", "repoURL"], value: "https://<host>/<owner>/<repository>" },
      })),
  },
];

/** What would be in a Secret of ours, where one that others manage is named. */
function excluded(section: string, inline: object, existingSecret: string | undefined): Finding[] {
  if (existingSecret === undefined) return [];
  return given(inline).map((key) => ({
    at: [section, key],
    rule: `excludes existingSecret "${existingSecret}": keep one`,
  }));
}

/** The keys that have a value. */
const given = (values: object): string[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : key));

function gitFindings({
  remote,
  privateKey,
  knownHosts,
  existingSecret,
}: RalphConfig["git"]): readonly Finding[] {
  const inline = { privateKey, knownHosts };
  if (remote === undefined) {
    const [key] = given({ existingSecret, ...inline });
    return found(key !== undefined, () => ({
      at: ["git", "remote"],
      rule: `is missing: git.${key} is set, but there is nowhere to push to`,
      set: { at: ["git", "remote"], value: "git@<host>:<owner>/<repository>.git" },
    }));
  }
  if (existingSecret !== undefined) return excluded("git", inline, existingSecret);
  const { host, port } = serverOf(remote);
  const scan = {
    at: ["git", "knownHosts"],
    value: `$(ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host})`,
  };
  return [
    ...found(privateKey === undefined, () => ({
      at: ["git", "privateKey"],
      rule: "is missing: nothing can be pushed to git.remote without",
      set: { at: ["git", "privateKey"], value: "<file>" },
    })),
    ...found(knownHosts === undefined, () => ({
      at: ["git", "knownHosts"],
      rule: `is missing: nobody else says that it is ${host} that answers`,
      set: scan,
    })),
    ...found(knownHosts !== undefined && !namesHost(knownHosts, host, port), () => ({
      at: ["git", "knownHosts"],
      rule: `has no key of ${host}${port === 22 ? "" : `, port ${port}`}`,
      set: scan,
    })),
  ];
}

/** Whether a known_hosts file may have a key of the server; names that are hashed or patterns may be its. */
function namesHost(knownHosts: string, host: string, port: number): boolean {
  const name = port === 22 ? host : `[${host}]:${port}`;
  return knownHosts
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([first = "", second = ""]) => (first.startsWith("@") ? second : first))
    .filter((names) => names !== "" && !names.startsWith("#"))
    .some((names) => /[|*?]/.test(names) || names.toLowerCase().split(",").includes(name.toLowerCase()));
}

function runs({ tasks, schedules }: Pick<RalphConfig, "tasks" | "schedules">) {
  return [
    ...tasks.map((run, i) => ({ run, at: ["tasks", i] as Path })),
    ...schedules.map((run, i) => ({ run, at: ["schedules", i] as Path })),
  ];
}

function repeated(names: readonly string[], at: (i: number) => Path): Finding[] {
  return names.flatMap((name, i) =>
    found(names.indexOf(name) < i, () => ({
      at: at(i),
      rule: `"${name}" is taken by an earlier entry`,
      set: { at: at(i), value: `${name}-${i + 1}` },
    })),
  );
}
