import { userInfo } from "node:os";

import { parseMoment, moment } from "../../clusters/lifetime";
import { parseTtl, schema } from "../../stack/ephemeral";
import { SECRETS } from "../../stack/secrets";
import { ToolError } from "../../lib/errors";
import { PROJECT } from "../../lib/repository";
import type { Candidate } from "./decide";
import { type EphemeralRecord, later } from "./record";

/** What `ephemeral up` is asked for. */
export interface Request {
  readonly cloud: string;
  readonly name: string;
  readonly ttl?: string;
  readonly owner?: string;
  /** `key=value`, the key with its project: `gcp:project=acme`. */
  readonly set: readonly string[];
}

/** What the request is judged by. */
export interface Known {
  /** Clouds that a cluster can be made on. */
  readonly clouds: readonly string[];
  /** Whether a committed stack file has the name. */
  readonly isCommitted: (name: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `ralph:ephemeral.ttl` of the cloud's committed stack file. */
  readonly usualTtl: (cloud: string) => string;
}

/** As the engine takes it, and a folder of that name can be made. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
/** What a provider of a cloud takes to log in with. */
const CREDENTIAL =
  /^(accessKey|secretKey|token|credentials|accessToken|client(Secret|Certificate\w*)|oidc\w*Token)$/;
const SET = /^([\w-]+):([^=\s]+)=(.*)$/s;

/**
 * The record that a stack gets, or has, by a request. What it says of the past is kept: who owns it, what it was
 * given, and how long it lives unless the request asks for longer.
 *
 * @param there the stack of that name, where there is one
 * @throws ToolError with all that is wrong with the request
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
            rule: `${name} has a committed stack file: it is one that is to stay`,
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
            rule: `must be a label on every cloud: lower-case letters, digits, '_' and '-'; it is ${JSON.stringify(owner)}`,
            fix: `--owner ${label(owner)}`,
          },
        ]),
    ...set.flatMap((each) => {
      const [, project, path = ""] = SET.exec(each) ?? [];
      if (project === undefined) {
        // Whatever it is, it may be a secret.
        const rule = "must be a key with its project, and a value";
        return [{ option: "--set", rule, fix: "--set gcp:project=<project-id>" }];
      }
      const steps = path.match(/[^.[\]"]+/g) ?? [];
      const [section = ""] = steps;
      const key = `${project}:${path}`;
      if (project === PROJECT && SECRETS.holdsSecret(steps)) {
        const rule = `${key} is a secret, which no command line may hold`;
        return [{ option: "--set", rule, fix: `pulumi config set --secret --path ${key} --stack ${cloud}` }];
      }
      if (project !== PROJECT && CREDENTIAL.test(section)) {
        const rule = `${key} is a credential, which no command line may hold`;
        return [{ option: "--set", rule, fix: "log in by the environment, as the vendor's program does" }];
      }
      if (project === PROJECT && section === "ephemeral") {
        const rule = `${key} is what the other options say`;
        return [{ option: "--set", rule, fix: "--ttl 8h --owner <owner>" }];
      }
      return [];
    }),
  ];
}

/** What is there already under that name. */
function clashes({ cloud, name, ttl }: Request, there: Candidate | undefined, { now }: Known): Problem[] {
  if (there === undefined) return [];
  const { record, unreadable, output, resources, finished } = there;
  const isEphemeral = record !== undefined && !(finished && output === undefined);
  if (unreadable !== undefined || (!isEphemeral && output === undefined && resources > 0)) {
    return [
      {
        option: "--name",
        rule: `stack ${name} is there, and is not ephemeral`,
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
          rule: `stack ${name} expired at ${moment(end)}: the next \`reap\` would take it`,
          fix: "--ttl 8h",
        },
      ]
    : [];
}

/** A life is made longer, never shorter, and only where it is asked for again. */
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

/** Whoever a CI run is of, or the user of this machine. */
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
    `${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in what is asked for; nothing was changed.`,
    ...problems.map(
      (problem) => `  ${problem.option.padEnd(option)}  ${problem.rule.padEnd(rule)}  ${problem.fix}`,
    ),
  ].join("\n");
}
