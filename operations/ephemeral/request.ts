import { userInfo } from "node:os";

import { parseMoment, moment } from "../../clusters/lifetime";
import { parseTtl, schema } from "../../stack/ephemeral";
import { SECRETS } from "../../stack/secrets";
import { ToolError } from "../../lib/errors";
import { PROJECT } from "../../lib/repository";
import type { Candidate } from "./decide";
import { type EphemeralRecord, later } from "./record";

/** The options of `ephemeral up`. */
export interface Request {
  readonly cloud: string;
  readonly name: string;
  readonly ttl?: string;
  readonly owner?: string;
  /** `key=value`, the key with its namespace: `ralph:namespace=agents`. */
  readonly set: readonly string[];
}

/** What a request is checked against. */
export interface Known {
  /** Clouds on which a cluster can be created. */
  readonly clouds: readonly string[];
  /** Whether the name is that of a committed stack file. */
  readonly isCommitted: (name: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `ralph:ephemeral.ttl` of the cloud's committed stack file. */
  readonly usualTtl: (cloud: string) => string;
}

/** A name that the engine accepts, and that can be a folder's. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
/** Configuration of a provider that holds credentials. */
const CREDENTIAL =
  /^(accessKey|secretKey|token|credentials|accessToken|client(Secret|Certificate\w*)|oidc\w*Token)$/;
const SET = /^([\w-]+):([^=\s]+)=(.*)$/s;

/**
 * The record of a stack after a request. Earlier values are kept: its owner, its `--set` values, and its expiry unless
 * the request extends it.
 *
 * @param there the stack of that name, if it exists
 * @throws ToolError with every problem of the request
 */
export function recordOf(request: Request, there: Candidate | undefined, known: Known): EphemeralRecord {
  const problems = [...wrong(request, known), ...clashes(request, there, known)];
  if (problems.length > 0) throw new ToolError(report(problems));

  const before = there?.record;
  const set = { ...before?.set, ...Object.fromEntries(request.set.map(pair)) };
  return {
    cloud: request.cloud,
    expires: expiry(request, there, known),
    owner: request.owner ?? before?.owner ?? there?.output?.owner ?? ownerByDefault(),
    ...(Object.keys(set).length === 0 ? {} : { set }),
  };
}

interface Problem {
  readonly option: string;
  readonly rule: string;
  readonly fix: string;
}

function wrong({ cloud, name, ttl, owner, set }: Request, { clouds, isCommitted }: Known): Problem[] {
  return [
    ...(clouds.includes(cloud)
      ? []
      : [
          {
            option: "--cloud",
            rule: `must be one of ${clouds.join(", ")}; it is ${JSON.stringify(cloud)}`,
            fix: `--cloud ${clouds[0]}`,
          },
        ]),
    ...(NAME.test(name)
      ? []
      : [
          {
            option: "--name",
            rule: `must be 1 to 100 letters, digits, '_', '.' and '-', the first a letter or digit; it is ${JSON.stringify(name)}`,
            fix: "--name pr-123",
          },
        ]),
    ...(isCommitted(name)
      ? [
          {
            option: "--name",
            rule: `${name} has a committed stack file: it is a permanent stack`,
            fix: `--name ${name}-test`,
          },
        ]
      : []),
    ...(ttl === undefined || parseTtl(ttl) !== undefined
      ? []
      : [
          {
            option: "--ttl",
            rule: `must be days, hours and minutes from 15m to 7d; it is ${JSON.stringify(ttl)}`,
            fix: "--ttl 8h",
          },
        ]),
    ...(owner === undefined || schema.safeParse({ owner }).success
      ? []
      : [
          {
            option: "--owner",
            rule: `must be a valid label on every cloud: lower-case letters, digits, '_' and '-'; it is ${JSON.stringify(owner)}`,
            fix: `--owner ${label(owner)}`,
          },
        ]),
    ...set.flatMap((each) => {
      const [, project, path = ""] = SET.exec(each) ?? [];
      if (project === undefined) {
        // Not printed: it may be a secret.
        const rule = "must be <namespace>:<key>=<value>";
        return [{ option: "--set", rule, fix: "--set ralph:namespace=<name>" }];
      }
      const steps = path.match(/[^.[\]"]+/g) ?? [];
      const [section = ""] = steps;
      const key = `${project}:${path}`;
      if (project === PROJECT && SECRETS.holdsSecret(steps)) {
        const rule = `${key} is a secret, which must not be on a command line`;
        return [{ option: "--set", rule, fix: `pulumi config set --secret --path ${key} --stack ${cloud}` }];
      }
      if (project !== PROJECT && CREDENTIAL.test(section)) {
        const rule = `${key} is a credential, which must not be on a command line`;
        return [
          {
            option: "--set",
            rule,
            fix: "log in with the vendor's program, or set its environment variables",
          },
        ];
      }
      if (project === PROJECT && section === "ephemeral") {
        const rule = `${key} is set by other options`;
        return [{ option: "--set", rule, fix: "--ttl 8h --owner <owner>" }];
      }
      return [];
    }),
  ];
}

/** Conflicts with the stack that has that name. */
function clashes({ cloud, name, ttl }: Request, there: Candidate | undefined, { now }: Known): Problem[] {
  if (there === undefined) return [];
  const { record, unreadable, output, resources, finished } = there;
  const isEphemeral = record !== undefined && !(finished && output === undefined);
  if (unreadable !== undefined || (!isEphemeral && output === undefined && resources > 0)) {
    return [
      {
        option: "--name",
        rule: `stack ${name} exists, and is not ephemeral`,
        fix: `--name ${name}-test`,
      },
    ];
  }
  if (record !== undefined && record.cloud !== cloud) {
    return [
      {
        option: "--cloud",
        rule: `stack ${name} is on ${record.cloud}`,
        fix: `./ralphctl ephemeral down --name ${name}`,
      },
    ];
  }
  const expires = record?.expires ?? output?.expires;
  const end = expires === undefined ? undefined : parseMoment(later(expires, output?.expires));
  return end !== undefined && end <= now && ttl === undefined
    ? [
        {
          option: "--ttl",
          rule: `stack ${name} expired at ${moment(end)}: the next \`reap\` would delete it`,
          fix: "--ttl 8h",
        },
      ]
    : [];
}

/** A lifetime is extended, never shortened, and only if a new one is requested. */
function expiry({ ttl, cloud }: Request, there: Candidate | undefined, { now, usualTtl }: Known): string {
  const given = (text: string) => moment(now + (parseTtl(text) ?? 0));
  const before = there?.record?.expires ?? there?.output?.expires;
  if (before === undefined) return given(ttl ?? usualTtl(cloud));
  const known = later(before, there?.output?.expires);
  return ttl === undefined ? known : later(known, given(ttl));
}

const pair = (text: string): [string, string] => {
  const [, project = "", path = "", value = ""] = SET.exec(text) ?? [];
  return [`${project}:${path}`, value];
};

/** The user that started the CI run, or the user of this machine. */
function ownerByDefault(): string {
  const { GITHUB_ACTOR, GITLAB_USER_LOGIN } = process.env;
  return label(GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? userInfo().username);
}

const label = (text: string): string => {
  const made = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, 63)
    .replace(/[-_]+$/, "");
  return made === "" ? "unknown" : made;
};

function report(problems: readonly Problem[]): string {
  const width = (column: (problem: Problem) => string) =>
    Math.max(...problems.map((problem) => column(problem).length));
  const [option, rule] = [width((problem) => problem.option), width((problem) => problem.rule)];
  return [
    `${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in the options; nothing was changed.`,
    ...problems.map(
      (problem) => `  ${problem.option.padEnd(option)}  ${problem.rule.padEnd(rule)}  ${problem.fix}`,
    ),
  ].join("\n");
}
