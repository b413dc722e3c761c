/**
 * Proves what `ephemeral up` makes of what it is asked for: when a stack's life ends, what is remembered of earlier
 * runs, and that all that is wrong is told at once, each with what to write instead, before anything is made.
 */
import assert from "node:assert/strict";
import { ToolError } from "../../../lib/errors";
import type { Candidate } from "../../../operations/ephemeral/decide";
import { type EphemeralRecord, fromTag, forgets, later, toTag } from "../../../operations/ephemeral/record";
import { type Known, recordOf, type Request } from "../../../operations/ephemeral/request";

const known: Known = {
  clouds: ["gke", "eks", "aks"],
  isCommitted: (name) => ["gke", "local"].includes(name),
  now: Date.parse("2026-11-25T12:00:00Z"),
  usualTtl: () => "8h",
};
const request: Request = { cloud: "gke", name: "pr-1", owner: "team-a", set: [] };
const record: EphemeralRecord = { cloud: "gke", expires: "2026-11-25T14:00:00Z", owner: "team-b" };
const there: Candidate = {
  stack: "pr-1",
  project: "ralph",
  record,
  output: { expires: record.expires },
  finished: true,
  resources: 40,
  guarded: [],
  busy: false,
};

const message = (asked: Partial<Request>, found?: Candidate): string => {
  try {
    recordOf({ ...request, ...asked }, found, known);
  } catch (error) {
    assert.ok(error instanceof ToolError, String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
};

describe("a request for an ephemeral stack", () => {
  it("has an expiry, by the requested or the usual time to live", () => {
    assert.deepEqual(recordOf(request, undefined, known), {
      cloud: "gke",
      expires: "2026-11-25T20:00:00Z",
      owner: "team-a",
    });
    assert.equal(recordOf({ ...request, ttl: "1d30m" }, undefined, known).expires, "2026-11-26T12:30:00Z");
  });

  const ENDS: readonly (readonly [
    name: string,
    ttl: string | undefined,
    found: Candidate,
    expires: string,
  ])[] = [
    ["that exists keeps its expiry", undefined, there, record.expires],
    ["for a longer life extends it", "4h", there, "2026-11-25T16:00:00Z"],
    ["for a shorter life changes nothing", "15m", there, record.expires],
    [
      "keeps the longer life of its configuration",
      undefined,
      { ...there, output: { expires: "2026-11-25T18:00:00Z" } },
      "2026-11-25T18:00:00Z",
    ],
    [
      "revives an expired one, if a longer life is requested",
      "1h",
      {
        ...there,
        record: { ...record, expires: "2026-11-25T11:00:00Z" },
        output: undefined,
        finished: false,
      },
      "2026-11-25T13:00:00Z",
    ],
    [
      "of a backend without tags is judged by its outputs",
      undefined,
      { ...there, record: undefined },
      record.expires,
    ],
    [
      "adopts an empty stack that a run left without a record",
      undefined,
      { ...there, record: undefined, output: undefined, finished: false, resources: 0 },
      "2026-11-25T20:00:00Z",
    ],
  ];
  for (const [name, ttl, found, expires] of ENDS) {
    it(name, () => assert.equal(recordOf({ ...request, ttl }, found, known).expires, expires));
  }

  it("remembers owner and values of earlier runs, and takes new ones", () => {
    const found = { ...there, record: { ...record, set: { "gcp:project": "acme", "ralph:namespace": "a" } } };
    const asked = { ...request, owner: undefined };
    assert.deepEqual(recordOf(asked, found, known), found.record);
    assert.deepEqual(
      recordOf({ ...request, set: ["ralph:namespace=b=c", "ralph:cluster.nodes.max=3"] }, found, known),
      {
        ...record,
        owner: "team-a",
        set: { "gcp:project": "acme", "ralph:namespace": "b=c", "ralph:cluster.nodes.max": "3" },
      },
    );
  });

  it("has the user as its owner, spelled as a label, by default", () => {
    const { GITHUB_ACTOR } = process.env;
    process.env.GITHUB_ACTOR = "Jo.Doe[bot]";
    try {
      assert.equal(recordOf({ ...request, owner: undefined }, undefined, known).owner, "jo-doe-bot");
    } finally {
      if (GITHUB_ACTOR === undefined) delete process.env.GITHUB_ACTOR;
      else process.env.GITHUB_ACTOR = GITHUB_ACTOR;
    }
  });

  it("is refused with every problem at once", () => {
    const lines = message({
      cloud: "gek",
      name: "../pr",
      ttl: "8d",
      owner: "Jo Doe",
      set: [
        "gcp:project",
        "ralph:apiKeys.claude=canary",
        "aws:secretKey=canary",
        "ralph:ephemeral.enabled=false",
      ],
    }).split("\n");
    assert.match(lines[0] ?? "", /^8 problems in the options; nothing was changed\.$/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.trim().split(/ {2,}/)),
      [
        ["--cloud", 'must be one of gke, eks, aks; it is "gek"', "--cloud gke"],
        [
          "--name",
          "must be 1 to 100 letters, digits, '_', '.' and '-', the first a letter or digit; it is \"../pr\"",
          "--name pr-123",
        ],
        ["--ttl", 'must be days, hours and minutes from 15m to 7d; it is "8d"', "--ttl 8h"],
        [
          "--owner",
          "must be a valid label on every cloud: lower-case letters, digits, '_' and '-'; it is \"Jo Doe\"",
          "--owner jo-doe",
        ],
        ["--set", "must be <namespace>:<key>=<value>", "--set ralph:namespace=<name>"],
        [
          "--set",
          "ralph:apiKeys.claude is a secret, which must not be on a command line",
          "pulumi config set --secret --path ralph:apiKeys.claude --stack gek",
        ],
        [
          "--set",
          "aws:secretKey is a credential, which must not be on a command line",
          "log in with the vendor's program, or set its environment variables",
        ],
        ["--set", "ralph:ephemeral.enabled is set by other options", "--ttl 8h --owner <owner>"],
      ],
    );
    assert.ok(!lines.join().includes("canary"));
  });

  it("may set what stands beside a secret, and nothing that holds one", () => {
    const beside = ["git.remote", "git.knownHosts", "apiKeys.existingSecret", "imagePullSecrets[0].server"];
    const set = beside.map((key) => `ralph:${key}=x`);
    assert.deepEqual(
      Object.keys(recordOf({ ...request, set }, undefined, known).set ?? {}),
      beside.map((key) => `ralph:${key}`),
    );
    for (const key of [
      "git",
      "git.privateKey",
      'git["privateKey"]',
      '["git"].privateKey',
      "apiKeys",
      "imagePullSecrets",
      "imagePullSecrets[0]",
      "imagePullSecrets[0].password",
    ]) {
      assert.match(
        message({ set: [`ralph:${key}=canary`] }),
        /is a secret, which must not be on a command line/,
        key,
      );
    }
  });

  const REFUSED: readonly (readonly [
    name: string,
    asked: Partial<Request>,
    found: Candidate | undefined,
    said: RegExp,
  ])[] = [
    [
      "the name of a committed stack",
      { name: "local" },
      undefined,
      /--name +local has a committed stack file/,
    ],
    ["a permanent stack", {}, { ...there, record: undefined, output: undefined }, /is not ephemeral/],
    ["a stack that was made permanent", {}, { ...there, output: undefined }, /is not ephemeral/],
    ["a stack whose tag is broken", {}, { ...there, record: undefined, unreadable: "{" }, /is not ephemeral/],
    ["another cloud", { cloud: "eks" }, there, /--cloud +stack pr-1 is on gke +\.\/ralphctl ephemeral down/],
    [
      "one that has expired, without asking for longer",
      {},
      {
        ...there,
        record: { ...record, expires: "2026-11-25T11:00:00Z" },
        output: { expires: "2026-11-25T12:00:00Z" },
      },
      /--ttl +stack pr-1 expired at 2026-11-25T12:00:00Z: the next `reap` would delete it +--ttl 8h/,
    ],
  ];
  for (const [name, asked, found, said] of REFUSED) {
    it(`is refused: ${name}`, () => assert.match(message(asked, found), said));
  }
});

describe("the record of an ephemeral stack", () => {
  it("is read as it is written", () => {
    for (const each of [record, { ...record, owner: undefined, set: { "gcp:project": "acme" } }]) {
      assert.deepEqual(JSON.parse(JSON.stringify(fromTag(toTag(each)))), JSON.parse(JSON.stringify(each)));
    }
  });

  it("fits a tag: it forgets values before it gets too long", () => {
    const long = { ...record, set: { "ralph:namespace": "n".repeat(250) } };
    assert.deepEqual(fromTag(toTag(long)), record);
    assert.deepEqual([forgets(long), forgets({ ...record, set: { "gcp:project": "acme" } })], [true, false]);
    assert.ok(toTag(long).length <= 256);
  });

  it("is undefined if the text is something else", () => {
    for (const text of ["", "{", "[]", "{}", '{"cloud":"gke"}', '{"cloud":"gke","expires":1}']) {
      assert.equal(fromTag(text), undefined, text);
    }
  });

  it("has the later of two times, and the first if the second is invalid", () => {
    assert.equal(later("2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z"), "2026-11-25T12:00:01Z");
    assert.equal(later("2026-11-25T12:00:01Z", "2026-11-25T12:00:00Z"), "2026-11-25T12:00:01Z");
    assert.equal(later("2026-11-25T12:00:00Z", "soon"), "2026-11-25T12:00:00Z");
    assert.equal(later("soon", undefined), "soon");
  });
});
