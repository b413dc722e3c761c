import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  AGENT_CHOICES,
  API_KEYS,
  type KeyedAgent,
  KEYED_AGENTS,
  SSH_FILES,
  VARIABLES,
} from "../runner/src/contract";
import {
  cidr,
  cron,
  dnsLabel,
  dnsSubdomain,
  duration,
  ingressHost,
  matching,
  port,
  promptName,
  quantity,
  seconds,
  stringMap,
  timeZone,
} from "../config/formats";
import { RALPH } from "./names";
import { sshKnownHosts, sshPrivateKey } from "../config/ssh";

/** Room between the moment Ralph stops by itself and the Job's deadline: image pull, checkpoint, grace period. */
export const DEADLINE_MARGIN_SECONDS = 300;
/** The guide's image. */
export const PUBLISHED_IMAGE = "ghcr.io/mikeyobrien/ralph-orchestrator";
/** Guide, section 6. */
const JOB_DEADLINE_SECONDS = 14400;
const JOB_RETRIES = 3;

const { RALPH_MAX_RUNTIME, RALPH_GIT_REMOTE, RALPH_GIT_BRANCH_PREFIX } = VARIABLES;
/** The runner accepts less, but a shorter run does nothing. */
const MIN_RUNTIME_SECONDS = 60;

const agent = z.enum(AGENT_CHOICES);
/** A whole number within the runner's bounds of the variable that it becomes. */
const within = ({ min, max }: { readonly min: number; readonly max: number }) => z.int32().min(min).max(max);
const runtime = within({ ...RALPH_MAX_RUNTIME, min: MIN_RUNTIME_SECONDS });
const secretText = z
  .string()
  .min(1)
  .transform((text) => pulumi.secret(text));
const apiKeys = Object.fromEntries(
  KEYED_AGENTS.map((name) => [
    name,
    secretText.optional().meta({ description: `Secret. ${API_KEYS[name]} of the pods.` }),
  ]),
) as Record<KeyedAgent, z.ZodOptional<typeof secretText>>;
const section = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape);

/** One run of an agent: what a task and a schedule share. */
const run = {
  agent: agent.default(VARIABLES.RALPH_AGENT.default).meta({ description: "Agent of this run." }),
  prompt: promptName.meta({ description: "Prompt of this run: a key of the ConfigMap ralph-prompts." }),
  maxIterations: within(VARIABLES.RALPH_MAX_ITERATIONS)
    .optional()
    .meta({ description: "Instead of `config.maxIterations`." }),
  maxRuntime: runtime.optional().meta({
    description: `Seconds after which Ralph ends by itself. By default \`config.maxRuntime\`, lowered to end ${DEADLINE_MARGIN_SECONDS} s before the deadline.`,
  }),
  activeDeadlineSeconds: seconds(DEADLINE_MARGIN_SECONDS + 60)
    .default(JOB_DEADLINE_SECONDS)
    .meta({ description: "Seconds after which Kubernetes ends the Job." }),
  backoffLimit: z
    .int32()
    .min(0)
    .default(JOB_RETRIES)
    .meta({ description: "How often a failed pod is tried again." }),
};

/**
 * The keys under `ralph:`, but for `cloud` and `cluster`. Names and defaults are those of the guide's
 * manifests and of its Helm values.
 */
export const schema = {
  namespace: dnsLabel()
    .refine(
      (name) => name !== "default" && !name.startsWith("kube-"),
      "must not be one of the cluster's own, which every pod but Ralph's would be refused in",
    )
    .default(RALPH)
    .meta({ description: "Namespace of all objects: the stack's alone, for it goes with the stack." }),

  replicaCount: z.int32().min(0).default(1).meta({ description: "Workers, while autoscaling is off." }),

  image: section({
    repository: matching(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
      "must be an image repository without tag or digest",
    )
      .default(PUBLISHED_IMAGE)
      .meta({
        description:
          "Without tag or digest. Nobody publishes the default: with `build` it stands for the cluster's own registry.",
      }),
    build: z.boolean().default(false).meta({
      description: "Builds runner/ by Docker, pushes it to `repository` and deploys what was pushed.",
    }),
    tag: matching(/^\w[\w.-]{0,127}$/, "must be an image tag")
      .default("v1.0.0")
      .meta({ description: "A tag of the repository." }),
    digest: matching(/^sha256:[a-f0-9]{64}$/, "must be a digest: sha256:<64 hex digits>")
      .optional()
      .meta({ description: "Beats the tag." }),
    pullPolicy: z
      .enum(["IfNotPresent", "Always", "Never"])
      .default("IfNotPresent")
      .meta({ description: "When a node pulls it." }),
  })
    .prefault({})
    .meta({ description: "Image of every Ralph pod." }),

  imagePullSecrets: z
    .array(
      section({
        name: dnsSubdomain.meta({ description: "Name of the Secret." }),
        server: z
          .string()
          .min(1)
          .optional()
          .meta({ description: "Registry host. With it the Secret is created." }),
        username: z.string().min(1).optional().meta({ description: "User at the registry." }),
        password: secretText.optional().meta({ description: "Secret. Password or token of that user." }),
      }),
    )
    .default([])
    .meta({
      description: "Pull Secrets, such as `regcred`: made here, or only named where they exist already.",
    }),

  apiKeys: section({
    ...apiKeys,
    existingSecret: dnsSubdomain
      .optional()
      .meta({ description: `A Secret with ${Object.values(API_KEYS).join(", ")} that others manage.` }),
  })
    .prefault({})
    .meta({ description: "Model keys, as secrets: the Secret `ralph-secrets`." }),

  git: section({
    remote: matching(RALPH_GIT_REMOTE.pattern, `must be ${RALPH_GIT_REMOTE.form}`)
      .optional()
      .meta({ description: "Repository that results are pushed to, by SSH." }),
    branchPrefix: matching(RALPH_GIT_BRANCH_PREFIX.pattern, `must be ${RALPH_GIT_BRANCH_PREFIX.form}`)
      .default(RALPH_GIT_BRANCH_PREFIX.default)
      .meta({ description: "Before the prompt's name and the hash of its content: the branch." }),
    privateKey: sshPrivateKey
      .transform((text) => pulumi.secret(text))
      .optional()
      .meta({ description: "Secret. A key that may write to that repository, and nothing else." }),
    knownHosts: sshKnownHosts
      .optional()
      .meta({ description: "Host keys of its server, as `ssh-keyscan` prints them; no other is trusted." }),
    existingSecret: dnsSubdomain.optional().meta({
      description: `A Secret with ${SSH_FILES.privateKey} and ${SSH_FILES.knownHosts} that others manage.`,
    }),
  })
    .prefault({})
    .meta({
      description: "Where results are pushed to, with the Secret `ralph-git`; without `remote` nowhere.",
    }),

  config: section({
    agent: agent
      .default(VARIABLES.RALPH_AGENT.default)
      .meta({ description: "Agent of the workers; `auto` takes the first that has a key." }),
    maxIterations: within(VARIABLES.RALPH_MAX_ITERATIONS)
      .default(VARIABLES.RALPH_MAX_ITERATIONS.default)
      .meta({ description: "Iterations after which Ralph ends a run." }),
    maxRuntime: runtime
      .default(RALPH_MAX_RUNTIME.default)
      .meta({ description: "Seconds after which Ralph ends a run." }),
    checkpointInterval: within(VARIABLES.RALPH_CHECKPOINT_INTERVAL)
      .default(VARIABLES.RALPH_CHECKPOINT_INTERVAL.default)
      .meta({ description: "Iterations between two checkpoints." }),
    verbose: z
      .boolean()
      .default(VARIABLES.RALPH_VERBOSE.default)
      .meta({ description: "Whether the log has each iteration." }),
    enableMetrics: z
      .boolean()
      .default(VARIABLES.RALPH_ENABLE_METRICS.default)
      .meta({ description: "Whether the pods serve /metrics." }),
  })
    .prefault({})
    .meta({ description: "What Ralph reads as RALPH_*: the ConfigMap `ralph-config`." }),

  prompts: z
    .record(promptName, z.string().min(1))
    .default({})
    .meta({ description: "More prompts by file name, beside the files `prompts/*.md`." }),

  resources: section({
    requests: section({
      cpu: quantity.default("1").meta({ description: "Cores, such as 500m." }),
      memory: quantity.default("2Gi").meta({ description: "Bytes, such as 512Mi." }),
      "ephemeral-storage": quantity
        .default("1Gi")
        .meta({ description: "Bytes of emptyDir volumes and logs." }),
    }).prefault({}),
    limits: section({
      cpu: quantity.default("2").meta({ description: "Above it a pod is slowed down." }),
      memory: quantity.default("4Gi").meta({ description: "Above it a pod is killed." }),
      "ephemeral-storage": quantity.default("10Gi").meta({ description: "Above it a pod is evicted." }),
    }).prefault({}),
  })
    .prefault({})
    .meta({ description: "Resources of every Ralph pod." }),

  serviceAccount: section({
    automountToken: z.boolean().default(false).meta({ description: "Whether every pod gets one." }),
  })
    .prefault({})
    .meta({
      description: "Whether pods get a token of `ralph-sa`; Ralph itself never calls the API server.",
    }),

  persistence: section({
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: "Off: every volume is empty when its pod starts." }),
    storageClass: dnsSubdomain
      .optional()
      .meta({ description: "Of the workspace. By default the cluster's." }),
    workspace: section({
      size: quantity.default("10Gi").meta({ description: "Of the claim; it can only grow." }),
      accessMode: z.enum(["ReadWriteOnce", "ReadWriteMany"]).default("ReadWriteOnce").meta({
        description: "ReadWriteMany spreads the workers over nodes and shares the volume with tasks.",
      }),
      existingClaim: dnsSubdomain
        .optional()
        .meta({ description: "A claim to use in place of `ralph-workspace`." }),
    }).prefault({}),
    cache: section({
      kind: z
        .enum(["pvc", "emptyDir"])
        .default("pvc")
        .meta({ description: "A shared claim, or an empty volume in each pod." }),
      size: quantity.default("5Gi").meta({ description: "Of the claim; it can only grow." }),
      storageClass: dnsSubdomain
        .optional()
        .meta({ description: "By default the cluster's class for ReadWriteMany." }),
      existingClaim: dnsSubdomain
        .optional()
        .meta({ description: "A claim to use in place of `ralph-cache`." }),
    }).prefault({}),
  })
    .prefault({})
    .meta({ description: "The claims `ralph-workspace` and `ralph-cache`." }),

  autoscaling: section({
    enabled: z.boolean().default(true).meta({ description: "Off: `replicaCount` workers." }),
    minReplicas: z.int32().min(1).default(1).meta({ description: "Fewest workers." }),
    maxReplicas: z.int32().min(1).default(10).meta({ description: "Most workers." }),
    targetCPUUtilizationPercentage: z
      .int32()
      .min(1)
      .default(70)
      .meta({ description: "Percent of the CPU request." }),
    targetMemoryUtilizationPercentage: z
      .int32()
      .min(1)
      .default(80)
      .meta({ description: "Percent of the memory request." }),
  })
    .prefault({})
    .meta({ description: "The HorizontalPodAutoscaler `ralph-hpa`." }),

  tasks: z
    .array(section({ name: dnsLabel().meta({ description: "Name of the Job." }), ...run }))
    .default([
      {
        name: "ralph-task",
        agent: "claude",
        prompt: "task.md",
        maxIterations: 50,
        activeDeadlineSeconds: JOB_DEADLINE_SECONDS,
        backoffLimit: JOB_RETRIES,
      },
    ])
    .meta({ description: "One Job each." }),

  schedules: z
    .array(
      section({
        // The controller appends a time of 11 characters to name its Jobs.
        name: dnsLabel(52).meta({ description: "Name of the CronJob." }),
        schedule: cron.meta({ description: "When it runs." }),
        timeZone: timeZone.optional().meta({ description: "By default the controller manager's." }),
        suspend: z.boolean().default(false).meta({ description: "Whether no more runs start." }),
        ...run,
      }),
    )
    .default([
      {
        name: "ralph-daily",
        schedule: "0 2 * * *",
        suspend: false,
        agent: "auto",
        prompt: "daily-task.md",
        activeDeadlineSeconds: JOB_DEADLINE_SECONDS,
        backoffLimit: JOB_RETRIES,
      },
    ])
    .meta({ description: "One CronJob each." }),

  smoke: section({
    enabled: z.boolean().default(false).meta({
      description:
        "The Job `ralph-smoke`, which runs Ralph once without a key: `pulumi up` succeeds when that has succeeded.",
    }),
  })
    .prefault({})
    .meta({ description: "A proof that Ralph runs on this cluster." }),

  monitoring: section({
    enabled: z.boolean().default(true).meta({ description: "Off: neither of the two objects below." }),
    serviceMonitor: section({
      enabled: z.boolean().default(true).meta({ description: "Needs the CRD of the Prometheus Operator." }),
      interval: duration.default("30s").meta({ description: "Time between two scrapes." }),
    }).prefault({}),
    install: z
      .enum(["none", "kube-prometheus-stack"])
      .default("none")
      .meta({ description: "Brings Prometheus and its operator into the namespace `monitoring`." }),
    chartRepository: matching(/^https?:\/\/\S+$/, "must be the address of a Helm repository")
      .default("https://prometheus-community.github.io/helm-charts")
      .meta({ description: "Where the chart comes from: set it to a mirror." }),
    prometheusConfig: section({
      enabled: z.boolean().default(true).meta({ description: "Needs the namespace `monitoring`." }),
    }).prefault({}),
  })
    .prefault({})
    .meta({ description: "The ServiceMonitor and the ConfigMap `prometheus-config` in `monitoring`." }),

  networkPolicy: section({
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: "Off: Ralph's agents reach whatever its nodes reach." }),
    allow: z
      .array(
        section({
          cidr: cidr.meta({ description: "Addresses; what is closed stays closed inside a wider range." }),
          ports: z.array(port).min(1).meta({ description: "TCP ports." }),
        }),
      )
      .default([])
      .meta({
        description:
          "Destinations besides DNS and HTTPS on the internet, such as `0.0.0.0/0` port 22 for git.",
      }),
    deny: z
      .array(cidr)
      .default([])
      .meta({ description: "Ranges to close besides private and metadata addresses; it beats `allow`." }),
  })
    .prefault({})
    .meta({ description: "The NetworkPolicy of every Ralph pod." }),

  ingress: section({
    enabled: z.boolean().default(false).meta({ description: "On: it needs at least one host." }),
    className: dnsSubdomain.optional().meta({ description: "By default the cluster's." }),
    annotations: stringMap
      .default({})
      .meta({ description: "For the controller; they win over the cluster's." }),
    hosts: z
      .array(
        section({
          host: ingressHost.meta({ description: "Host name, with at most a leading `*.`." }),
          paths: z
            .array(
              section({
                path: z
                  .string()
                  .startsWith("/", "must begin with '/'")
                  .default("/")
                  .meta({ description: "Path that leads to Ralph." }),
                pathType: z
                  .enum(["Prefix", "Exact", "ImplementationSpecific"])
                  .default("Prefix")
                  .meta({ description: "How the path is compared." }),
              }),
            )
            .min(1)
            .default([{ path: "/", pathType: "Prefix" }])
            .meta({ description: "Paths of the host." }),
        }),
      )
      .default([])
      .meta({ description: "Hosts that lead to Ralph." }),
    tls: z
      .array(
        section({
          secretName: dnsSubdomain
            .optional()
            .meta({ description: "Secret with the certificate; without it the controller's own." }),
          hosts: z.array(ingressHost).min(1).meta({ description: "Hosts that it is for." }),
        }),
      )
      .default([])
      .meta({ description: "Certificates of the hosts." }),
  })
    .prefault({})
    .meta({ description: "The way in to the status page and the metrics." }),

  argocd: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: "On: it needs `repoURL`, and Argo CD in the cluster." }),
    namespace: dnsLabel().default("argocd").meta({ description: "Where Argo CD runs." }),
    project: dnsSubdomain.default("default").meta({ description: "Argo CD project." }),
    repoURL: matching(/^(https?:\/\/|ssh:\/\/|git@)\S+$/, "must be the address of a git repository")
      .optional()
      .meta({ description: "The repository that holds the rendered manifests." }),
    targetRevision: z.string().min(1).default("HEAD").meta({ description: "Branch, tag or commit." }),
    path: matching(/^[^/\s][^\s]*$/, "must be a path inside the repository")
      .default("k8s")
      .meta({ description: "Folder of the manifests inside the repository." }),
    destinationServer: z
      .string()
      .default("https://kubernetes.default.svc")
      .meta({ description: "API server to apply them to: by default the one that Argo CD runs on." }),
  })
    .prefault({})
    .meta({ description: "The Argo CD Application `ralph-orchestrator`." }),
} satisfies Record<string, z.ZodType>;

/** The parsed configuration of the workload. API keys and passwords are secret outputs. */
export type RalphConfig = { readonly [Key in keyof typeof schema]: z.output<(typeof schema)[Key]> };
export type Run = RalphConfig["tasks"][number] | RalphConfig["schedules"][number];
