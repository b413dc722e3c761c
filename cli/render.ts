import { resolve } from "node:path";
import { Command } from "commander";

import { REPOSITORY } from "../lib/repository";
import { main } from "../lib/main";
import { renderFiles } from "../operations/render/files";
import { writeFolder } from "../operations/render/folder";
import { workloadObjects } from "../operations/render/objects";
import { publish } from "../operations/render/publish";
import { readStackConfig } from "../operations/render/stack-config";

interface Options {
  readonly stack: string;
  readonly out: string;
  readonly configFile?: string;
}

const program = new Command("render")
  .description(
    "Writes the Kubernetes objects of a stack as plain YAML, for kubectl or Argo CD. Needs no engine, no\n" +
      "passphrase and no cluster. Secrets are left out; README.md in the folder says how to make them.",
  )
  .option("--stack <name>", "stack whose configuration is read, from Pulumi.<name>.yaml", "local")
  .option("--out <folder>", "folder to write to; only files that were rendered are replaced", "k8s")
  .option("--config-file <file>", "another stack file")
  .showHelpAfterError()
  .action(async ({ stack, out, configFile }: Options) => {
    const folder = resolve(out);
    const file = configFile === undefined ? `Pulumi.${stack}.yaml` : resolve(configFile);
    // Where the program runs: its prompts, and a values file, are looked for there.
    process.chdir(REPOSITORY);
    const objects = publish(await workloadObjects(stack, readStackConfig(file)));
    const files = renderFiles(objects, { stack, folder: out.replace(/\/+$/, "") });
    const removed = writeFolder(folder, files);
    for (const path of removed) console.log(`removed ${path}: it is no longer made`);
    console.log(`${files.size - 1} objects of the stack ${stack} in ${out}; Secrets: see ${out}/README.md`);
  });

void main(program);
