import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { readStackFile } from "../lib/stack-file";
import { CREDENTIALS } from "./confidential";
import { isMap, type Path, propertyPath, valueAt } from "./path";
import type { Problem } from "./problems";
import { isSecret, type Sources } from "./sources";

/** Secrets that are stored in plain text, and public values that the user set as secrets. */
export function secrecyProblems({ stack, file, secrets, fix, remove }: Sources): Problem[] {
  const inStack = secretLeaves(stack, secrets);
  const encrypted = inStack.filter(([section]) => isSecret(`ralph:${section}`));
  const plain = [...inStack.filter((at) => !encrypted.includes(at)), ...besideEncrypted(encrypted)];
  const inFile = secretLeaves(file, secrets);
  const needlesslySecret = Object.keys(stack).filter(
    (key) => isSecret(`ralph:${key}`) && !secrets.sections.includes(key),
  );

  return [
    ...plain.map((at) => plainText(at, "the stack file", fix(at, ""))),
    ...foreignCredentials(),
    ...inFile.map((at) => plainText(at, "the values file", `${remove(at)}; ${fix(at, "")}`)),
    ...needlesslySecret.map((key) => ({
      key: `ralph:${key}`,
      rule: "must be set without --secret: its value ends up in objects that are not secret",
      fix: remove([key]),
    })),
  ];
}

/** The credentials of a cloud in plain text: a stack file is in git. */
const foreignCredentials = (): Problem[] =>
  Object.entries(pulumi.runtime.allConfig())
    .filter(([key, value]) => CREDENTIALS.test(key) && value !== "" && !isSecret(key))
    // Google's may be the path of a file.
    .filter(([key, value]) => !key.endsWith(":credentials") || value.trim().startsWith("{"))
    .map(([key]) => ({
      key,
      rule: "is a secret stored in plain text in the stack file",
      fix: `pulumi config set --secret ${key}`,
    }));

/**
 * The secrets in plain text beside an encrypted one. The engine marks a whole section as secret if one value in it is
 * encrypted, so only the stack file itself shows the difference; if it cannot be found, none is reported.
 */
function besideEncrypted(leaves: readonly Path[]): readonly Path[] {
  const sections = leaves.map(([section]) => section);
  if (new Set(sections).size === sections.length) return []; // each is the encrypted one of its section
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? `Pulumi.${pulumi.getStack()}.yaml`;
  if (!fs.existsSync(file)) return [];
  const { config } = readStackFile(file);
  // An encrypted value is a map: {secure: ...}.
  return leaves.filter(([section, ...rest]) => typeof valueAt(config[`ralph:${section}`], rest) === "string");
}

const plainText = (at: Path, where: string, fix: string): Problem => ({
  key: propertyPath(at),
  rule: `is a secret stored in plain text in ${where}`,
  fix,
});

/** The paths of the secrets in a layer of the configuration. */
function secretLeaves(layer: Readonly<Record<string, unknown>>, secrets: Sources["secrets"]): Path[] {
  return secrets.sections
    .flatMap((section) => leaves(layer[section], [section]))
    .filter((at) => secrets.isSecretKey(at));
}

function leaves(value: unknown, at: Path): Path[] {
  if (Array.isArray(value)) return value.flatMap((entry, i) => leaves(entry, [...at, i]));
  if (isMap(value)) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...at, key]));
  return value === undefined || value === null ? [] : [at];
}
