import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Finding, findIf, invalid, required } from "../../config/findings";
import { matching } from "../../config/formats";
import { sshKnownHosts, sshPrivateKey } from "../../config/ssh";
import { SSH_FILES, VARIABLES } from "../../runner/src/contract";
import { serverOf } from "../git-server";
import { checkInline, existingSecret, keysIn } from "./existing-secret";
import { rule, section } from "./section";

const { RALPH_GIT_REMOTE, RALPH_GIT_BRANCH_PREFIX } = VARIABLES;

export const git = section({
  remote: matching(RALPH_GIT_REMOTE.pattern, `must be ${RALPH_GIT_REMOTE.form}`)
    .optional()
    .meta({ description: "SSH address of the repository that results are pushed to." }),
  branchPrefix: matching(RALPH_GIT_BRANCH_PREFIX.pattern, `must be ${RALPH_GIT_BRANCH_PREFIX.form}`)
    .default(RALPH_GIT_BRANCH_PREFIX.default)
    .meta({
      description: "Prefix of the branches' names; the prompt's name and a hash of its content follow.",
    }),
  allowCI: z.boolean().default(VARIABLES.RALPH_GIT_ALLOW_CI.default).meta({
    description:
      "Whether CI definitions that an agent wrote, such as `.github/workflows`, are pushed. The server may run them, with the repository's secrets.",
  }),
  privateKey: sshPrivateKey
    .transform((text) => pulumi.secret(text))
    .optional()
    .meta({ description: "Secret. SSH key with write access to that repository only." }),
  knownHosts: sshKnownHosts.optional().meta({
    description: "Host keys of its server, as `ssh-keyscan` prints them; no other host is trusted.",
  }),
  existingSecret: existingSecret(Object.values(SSH_FILES)),
})
  .prefault({})
  .meta({
    description:
      "Where results are pushed to, and the Secret `ralph-git`. Without `remote`, nothing is pushed.",
  });

export const rules = [rule({ git }, ({ git: values }) => check(values))];

function check({
  remote,
  privateKey,
  knownHosts,
  existingSecret: existing,
}: z.output<typeof git>): Finding[] {
  const inline = { privateKey, knownHosts };
  if (remote === undefined) {
    const [key] = keysIn({ existingSecret: existing, ...inline });
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
  if (existing !== undefined) return checkInline("git", inline, existing);
  const { host, port } = serverOf(remote);
  const scan = `$(ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host})`;
  return [
    ...findIf(privateKey === undefined, () =>
      required(["git", "privateKey"], "<file>", "git.remote cannot be pushed to without it"),
    ),
    ...findIf(knownHosts === undefined, () =>
      required(["git", "knownHosts"], scan, `${host} cannot be verified without it`),
    ),
    ...findIf(knownHosts !== undefined && !namesHost(knownHosts, host, port), () =>
      invalid(
        ["git", "knownHosts"],
        knownHosts,
        `must have a key of ${host}${port === 22 ? "" : `, port ${port}`}`,
        scan,
      ),
    ),
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
