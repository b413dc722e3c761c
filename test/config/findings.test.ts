/** Proves the wording of each kind of finding, and that checks written as data find every value they are for. */
import assert from "node:assert/strict";
import { checkFormats, checkUnique } from "../../config/checks";
import { removeCommand, setCommand, setSecretCommand } from "../../config/commands";
import {
  duplicate,
  findIf,
  forbidden,
  invalid,
  notSupported,
  problemOf,
  required,
} from "../../config/findings";

const FIXES = { fix: setCommand, remove: removeCommand };
const AT = ["tasks", 0, "name"];

describe("a finding", () => {
  it("says what is wrong in one wording for each kind", () => {
    assert.equal(invalid(AT, "A", "must be lower-case").rule, 'must be lower-case; it is "A"');
    assert.equal(invalid(AT, 12, "must be at most 10").rule, "must be at most 10; it is 12");
    assert.equal(required(AT, "a").rule, "is missing");
    assert.equal(required(AT, "a", "two tasks need names").rule, "is missing: two tasks need names");
    assert.equal(duplicate(AT, "a").rule, 'must be unique; "a" is already listed');
    assert.equal(forbidden(AT, "the program sets it").rule, "must not be set: the program sets it");
    assert.equal(notSupported(AT, "x", ["a", "b"]).rule, 'must be one of a, b; it is "x"');
  });

  it("is fixed by a value of its key or of another one, or by removing the key", () => {
    assert.deepEqual(problemOf(invalid(AT, "A", "must be lower-case", "a"), FIXES), {
      key: "ralph:tasks[0].name",
      rule: 'must be lower-case; it is "A"',
      fix: "pulumi config set --path 'ralph:tasks[0].name' a",
    });
    const other = { at: ["config", "agent"], value: "claude" };
    assert.equal(
      problemOf(invalid(AT, "A", "must be x", other), FIXES).fix,
      "pulumi config set --path ralph:config.agent claude",
    );
    assert.equal(problemOf(forbidden(AT, "x"), FIXES).fix, "pulumi config rm --path 'ralph:tasks[0].name'");
    assert.equal(
      problemOf(notSupported(["cloud"], "x", ["gke", "eks"]), FIXES).fix,
      "pulumi config set ralph:cloud gke",
    );
  });

  it("is created only if the rule is broken", () => {
    assert.deepEqual(
      findIf(false, () => assert.fail("created")),
      [],
    );
    assert.deepEqual(
      findIf(true, () => forbidden(AT, "x")),
      [forbidden(AT, "x")],
    );
  });

  it("cuts a long value", () => {
    const { rule } = invalid(AT, "x".repeat(100), "must be short");
    assert.equal(rule, `must be short; it is "${"x".repeat(56)}...`);
  });
});

describe("a command", () => {
  it("quotes what a shell would read otherwise, and leaves a placeholder and another command's output", () => {
    const value = (text: string) =>
      setCommand(["namespace"], text).replace("pulumi config set ralph:namespace ", "");
    assert.equal(value("a.b/c:1"), "a.b/c:1");
    assert.equal(value("two words"), "'two words'");
    assert.equal(value("it's"), `'it'\\''s'`);
    assert.equal(value("<name>"), "<name>");
    assert.equal(value("$(az account show)"), '"$(az account show)"');
  });

  it("asks for a secret, or reads it from a file", () => {
    assert.equal(
      setSecretCommand(["apiKeys", "claude"]),
      "pulumi config set --secret --path ralph:apiKeys.claude",
    );
    assert.equal(
      setSecretCommand(["git", "privateKey"], "<file>", "as text"),
      "pulumi config set --secret --type string --path ralph:git.privateKey < <file>",
    );
  });
});

describe("a check that is data", () => {
  interface Config {
    readonly name: string;
    readonly key?: string;
    readonly zones: readonly string[];
    readonly pools: { readonly system: string };
    readonly admins: readonly { readonly id: string; readonly count?: number }[];
  }
  const config: Config = {
    name: "A",
    zones: ["a", "B", "a"],
    pools: { system: "S" },
    admins: [{ id: "x", count: 1 }, { id: "X" }, { id: "y" }],
  };
  const lower = { holds: /^[a-z]+$/, rule: "must be lower-case", example: "a" };

  it("finds each value that does not have its format, and passes over those that are not set", () => {
    const findings = checkFormats(config, {
      name: lower,
      key: lower,
      "zones[]": lower,
      "pools.system": lower,
      "admins[].id": { ...lower, holds: (value) => value !== "y" },
      "admins[].count": { ...lower, holds: /^2$/ },
    });
    assert.deepEqual(
      findings.map(({ at }) => at.join(".")),
      ["name", "zones.1", "pools.system", "admins.2.id", "admins.0.count"],
    );
    assert.deepEqual(findings[0], invalid(["name"], "A", "must be lower-case", "a"));
    // @ts-expect-error A path that leads to no value is a type error, and no check that never finds anything.
    checkFormats(config, { "pools.spot": lower });
  });

  it("finds each entry that repeats an earlier one", () => {
    assert.deepEqual(checkUnique(config, "zones[]"), [duplicate(["zones", 2], "a")]);
    assert.deepEqual(checkUnique(config, "admins[].id"), []);
    assert.deepEqual(checkUnique(config, "admins[].id", { ignoreCase: true }), [
      duplicate(["admins", 1], "X"),
    ]);
    const another = (value: string, i: number) => `${value}-${i}`;
    assert.deepEqual(checkUnique(config, "admins[].id", { ignoreCase: true, another }), [
      duplicate(["admins", 1, "id"], "X", "X-1"),
    ]);
  });
});
