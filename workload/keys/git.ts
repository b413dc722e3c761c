import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { checkCertificates } from "../../config/certificates";
import { type Finding, findIf, forbidden, invalid, required } from "../../config/findings";
import { matching } from "../../config/formats";
import { appPrivateKey, asFile, sshKnownHosts, sshPrivateKey } from "../../config/ssh";
import type { Path } from "../../config/path";
import { spellPath } from "../../lib/stack-file";
import { FORGES, HTTPS_FILES, SSH_FILES, VARIABLES } from "../../runner/src/contract";
import { forgeOf, serverName } from "../../runner/src/forge";
import { serverOf, tokenHost } from "../git-server";
import { checkExternal, externalSecret } from "./external-secret";
import { type Credentials, credentialsOf, parentOf, placeholder } from "./git-credentials";
import { checkInline, existingSecret, keysIn } from "./existing-secret";
import { runsOf, schedules, tasks } from "./runs";
import { rule, secretText, section } from "./section";
import { merged, source, type SourceConfig } from "./source";

const { RALPH_GIT_REMOTE, RALPH_GIT_BRANCH_PREFIX, RALPH_GITHUB_APP, RALPH_GIT_API, RALPH_GIT_HOST } =
  VARIABLES;

export const git = section({
  remote: matching(RALPH_GIT_REMOTE.pattern, `must be ${RALPH_GIT_REMOTE.form}`).optional().meta({
    description:
      "Address of the repository that results are pushed to, if Ralph does not work on a `source`.",
  }),
  branchPrefix: matching(RALPH_GIT_BRANCH_PREFIX.pattern, `must be ${RALPH_GIT_BRANCH_PREFIX.form}`)
    .default(RALPH_GIT_BRANCH_PREFIX.default)
    .meta({
      description: "Prefix of the branches' names; the prompt's name and a hash of its content follow.",
    }),
  allowCI: z.boolean().default(VARIABLES.RALPH_GIT_ALLOW_CI.default).meta({
    description:
      "Whether changes that an agent made to CI definitions, such as `.github/workflows`, are pushed. The server may run them, with the repository's secrets.",
  }),
  privateKey: sshPrivateKey
    .transform((text) => pulumi.secret(text))
    .optional()
    .meta({ description: "Secret. SSH key with write access to that repository only." }),
  knownHosts: sshKnownHosts.optional().meta({
    description: "Host keys of its server, as `ssh-keyscan` prints them; no other host is trusted.",
  }),
  token: secretText.optional().meta({
    description: "Secret. Token for an `https://` address and for pull requests, for that repository only.",
  }),
  host: matching(RALPH_GIT_HOST.pattern, `must be ${RALPH_GIT_HOST.form}`).optional().meta({
    description:
      "The only server that gets `token` or the app's tokens. Defaults to that of `source.repository`, or else of `remote`.",
  }),
  githubApp: section({
    id: matching(RALPH_GITHUB_APP.pattern, `must be ${RALPH_GITHUB_APP.form}`).meta({
      description: "Client ID of a GitHub App that is installed on the repository.",
    }),
    privateKey: appPrivateKey
      .transform((text) => pulumi.secret(text))
      .optional()
      .meta({ description: "Secret. Private key of the app, as GitHub's .pem file has it." }),
  })
    .optional()
    .meta({ description: "Used instead of `token`: its tokens are valid for an hour." }),
  ca: z.string().transform(asFile).optional().meta({
    title: "certificates in PEM form",
    description: "Certificate authority of a server of your own.",
  }),
  forge: z
    .enum(FORGES)
    .optional()
    .meta({ description: "Program on the server, for pull requests; known of github.com and gitlab.com." }),
  api: matching(RALPH_GIT_API.pattern, `must be ${RALPH_GIT_API.form}`)
    .optional()
    .meta({ description: "Address of the server's API, if it is not the usual one for its program." }),
  existingSecret: existingSecret([...Object.values(SSH_FILES), "or", ...Object.values(HTTPS_FILES)]),
  externalSecret: externalSecret({
    privateKey: "the SSH key",
    token: "the token",
    githubAppKey: "the private key of the GitHub App",
  }),
})
  .prefault({})
  .meta({
    description:
      "Where results are pushed to, and the Secret `ralph-git`. Without `remote` and `source`, nothing is pushed.",
  });

export const rules = [
  rule({ git, source, tasks, schedules }, check),
  rule({ git }, ({ git: { ca } }) => checkCertificates(["git", "ca"], ca)),
];

interface Values {
  readonly git: z.output<typeof git>;
  readonly source: SourceConfig;
  readonly tasks: z.output<typeof tasks>;
  readonly schedules: z.output<typeof schedules>;
}

/** A repository that pods push to. */
interface Target {
  readonly address: string;
  /** The key that has the address. */
  readonly at: Path;
  /** The key by which they open pull requests. */
  readonly pullRequest: string | undefined;
}

/** The workers' repository, then the runs'. */
function targetsOf({ git: { remote }, source: all, ...runs }: Values): Target[] {
  const target = (at: Path, own?: SourceConfig): Target[] => {
    const { repository, pullRequest } = merged(all, own);
    const address = repository ?? remote;
    const inherited = repository === undefined ? ["git", "remote"] : ["source", "repository"];
    const opens = repository !== undefined && pullRequest.enabled === true;
    const enabledAt = own?.pullRequest.enabled === undefined ? ["source"] : at;
    return address === undefined
      ? []
      : [
          {
            address,
            at: own?.repository === undefined ? inherited : [...at, "repository"],
            pullRequest: opens ? spellPath([...enabledAt, "pullRequest"]) : undefined,
          },
        ];
  };
  return [
    ...target(["source"]),
    ...runsOf(runs).flatMap(({ run, at }) => target([...at, "source"], run.source)),
  ];
}

function check(values: Values): Finding[] {
  const { privateKey, knownHosts, token, githubApp, ...given } = values.git;
  const { existingSecret: existing, externalSecret: external } = given;
  const inline = { privateKey, knownHosts, token };
  const targets = targetsOf(values);
  if (targets.length === 0) {
    const [key] = keysIn({ existingSecret: existing, externalSecret: external, ...inline, githubApp });
    return [
      ...findIf(key !== undefined, () =>
        required(
          ["git", "remote"],
          "git@<host>:<owner>/<repository>.git",
          `git.${key} is set, but there is nowhere to push to`,
        ),
      ),
    ];
  }
  const servers = checkServers(values, targets);
  const conflicts = [
    ...checkExternal(["git"], external, { privateKey, token, existingSecret: existing }),
    ...findIf(external !== undefined && githubApp?.privateKey !== undefined, () =>
      forbidden(["git", "githubApp", "privateKey"], "externalSecret has it, as keys.githubAppKey"),
    ),
  ];
  if (conflicts.length > 0) return [...servers, ...conflicts];
  if (existing !== undefined)
    return [
      ...servers,
      ...checkInline("git", inline, existing),
      ...findIf(githubApp?.privateKey !== undefined, () =>
        forbidden(["git", "githubApp", "privateKey"], `existingSecret "${existing}" contains it`),
      ),
    ];
  const ssh = targets.filter(({ address }) => !isHttps(address));
  const credentials = credentialsOf(values.git);
  return [
    ...servers,
    ...findIf(credentials.privateKey && ssh.length === 0, () =>
      forbidden(
        parentOf(credentials.at.privateKey),
        `the repository has an https:// address: set ${spellPath(parentOf(credentials.at.token))}`,
      ),
    ),
    ...checkToken(credentials, githubApp !== undefined, targets),
    ...checkSsh(credentials, knownHosts, ssh),
  ];
}

const isHttps = (address: string): boolean => address.startsWith("https:");

/** One token is for one server, and pull requests need to know the program there. */
function checkServers(values: Values, targets: readonly Target[]): Finding[] {
  const host = tokenHost(values);
  const users = targets
    .filter(({ address, pullRequest }) => isHttps(address) || pullRequest !== undefined)
    .map(({ address, at }) => ({ at, own: serverName(serverOf(address).host) }));
  // Runs without an address of their own share one.
  const others = new Map(users.filter(({ own }) => own !== host).map((each) => [spellPath(each.at), each]));
  const opener = targets.find(({ pullRequest }) => pullRequest !== undefined)?.pullRequest;
  const [first] = users;
  if (values.git.host !== undefined && first !== undefined && users.every(({ own }) => own !== host))
    return [
      invalid(["git", "host"], values.git.host, "must be the server of a repository with a token", first.own),
    ];
  return [
    ...[...others.values()].map(({ at, own }) =>
      forbidden(at, `${own} gets no token: there is one, for ${host} (git.host). Give it a stack of its own`),
    ),
    ...findIf(opener !== undefined && values.git.forge === undefined && forgeOf(host) === undefined, () =>
      required(
        ["git", "forge"],
        "<program>",
        `${opener} needs the program on ${host}, one of ${FORGES.join(", ")}`,
      ),
    ),
  ];
}

function checkToken(
  { token, githubAppKey, at }: Credentials,
  hasApp: boolean,
  targets: readonly Target[],
): Finding[] {
  const https = targets.find(({ address }) => isHttps(address))?.at;
  const pullRequest = targets.flatMap((target) => target.pullRequest ?? [])[0];
  const reason =
    https === undefined ? `${pullRequest} cannot be opened` : `${spellPath(https)} cannot be pushed to`;
  return [
    ...findIf(token && hasApp, () => forbidden(parentOf(at.token), "git.githubApp makes tokens of its own")),
    ...findIf((https ?? pullRequest) !== undefined && !token && !hasApp, () =>
      required(at.token, placeholder(at.token, "<token>"), `${reason} without it`),
    ),
    ...findIf(hasApp && !githubAppKey, () =>
      required(at.githubAppKey, placeholder(at.githubAppKey, "<file>"), "the app cannot log in without it"),
    ),
  ];
}

function checkSsh(
  { privateKey, at }: Credentials,
  knownHosts: string | undefined,
  [first, ...others]: readonly Target[],
): Finding[] {
  if (first === undefined) return [];
  const servers = [first, ...others].map(({ address }) => serverOf(address));
  const scanOf = ({ host, port }: (typeof servers)[number]): string =>
    `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host}`;
  // All servers, since the command replaces the keys that are set.
  const scan = `$(${[...new Set(servers.map(scanOf))].join("; ")})`;
  const unknown = servers.find(({ host, port }) => !namesHost(knownHosts ?? "", host, port));
  return [
    ...findIf(!privateKey, () =>
      required(
        at.privateKey,
        placeholder(at.privateKey, "<file>"),
        `${spellPath(first.at)} cannot be pushed to without it`,
      ),
    ),
    ...(unknown === undefined
      ? []
      : [
          knownHosts === undefined
            ? required(["git", "knownHosts"], scan, `${unknown.host} cannot be verified without it`)
            : invalid(
                ["git", "knownHosts"],
                knownHosts,
                `must have a key of ${unknown.host}${unknown.port === 22 ? "" : `, port ${unknown.port}`}`,
                scan,
              ),
        ]),
  ];
}

/** Whether a known_hosts file may have a key of the server: hashed names and patterns count as a match. */
function namesHost(knownHosts: string, host: string, port: number): boolean {
  const name = port === 22 ? host : `[${host}]:${port}`;
  return knownHosts
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([first = "", second = ""]) => (first.startsWith("@") ? second : first))
    .filter((names) => names !== "" && !names.startsWith("#"))
    .some((names) => /[|*?]/.test(names) || names.toLowerCase().split(",").includes(name.toLowerCase()));
}
