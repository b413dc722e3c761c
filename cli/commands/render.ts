import { Command } from "commander";

import { fromHere, JSON_RESULT, print } from "../options";

interface Options {
  readonly stack: string;
  readonly out: string;
  readonly configFile?: string;
  readonly json?: true;
}

/** Writes a stack's Kubernetes objects as files. */
export const command = new Command("render")
  .summary("write the Kubernetes objects of a stack as YAML")
  .description(
    "Writes the Kubernetes objects of a stack as plain YAML, for kubectl or Argo CD. Needs no engine, no passphrase " +
      "and no cluster. Secrets are left out; README.md in the folder says how to create them.",
  )
  .option("--stack <name>", "stack whose configuration is read, from Pulumi.<name>.yaml", "local")
  .option("--out <folder>", "folder to write to; only rendered files in it are replaced", "k8s")
  .option("--config-file <file>", "another stack file")
  .option(...JSON_RESULT)
  .action(async ({ stack, out, configFile, json }: Options) => {
    const { render } = await import("../../operations/render/index.ts");
    const file = configFile === undefined ? `Pulumi.${stack}.yaml` : fromHere(configFile);
    const result = await render({ stack, file, folder: fromHere(out), shownFolder: out.replace(/\/+$/, "") });
    print(result, json, ({ objects, removed }) =>
      [
        ...removed.map((path) => `removed ${path}: it is no longer rendered`),
        `${objects} objects of the stack ${stack} in ${out}; Secrets: see ${out}/README.md`,
      ].join("\n"),
    );
  });

export const afterInterrupt = "What was written so far stays. Repeat the command.";
