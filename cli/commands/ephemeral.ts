import { Command, Option } from "commander";

import { say } from "../../lib/progress";
import { confirmed } from "../../operations/confirm";
import { down as takeDown, type DownResult } from "../../operations/ephemeral/down";
import type { Request } from "../../operations/ephemeral/request";
import { up as bringUp, type UpResult } from "../../operations/ephemeral/up";
import { exitCode, reportLeaks } from "../../operations/report";

const up = new Command("up")
  .description(
    "make a cluster that lives for a while, with Ralph on it; or bring one up to date.\n" +
      "Its configuration is Pulumi.<cloud>.yaml, made small and unprotected: docs/ephemeral.md",
  )
  .requiredOption("--cloud <name>", "where: a cloud that has a committed stack file")
  .requiredOption("--name <name>", "of the stack: pr-123")
  .option(
    "--ttl <duration>",
    "how long from now it may live, such as 8h or 1d12h; given again, it lives longer",
  )
  .option(
    "--owner <label>",
    "who to ask before it goes (default: the user of this machine, or of the CI run)",
  )
  .addOption(
    new Option(
      "--set <key=value>",
      "another value than Pulumi.<cloud>.yaml has, as in `pulumi config set --path`; it stays for later runs",
    )
      .argParser((value: string, all: string[]) => [...all, value])
      .default([], "none"),
  )
  .option("--json", "the result as one JSON value")
  .action(async ({ json, ...request }: Request & { readonly json?: true }) => {
    const result = await bringUp(request, { say });
    console.log(json === true ? JSON.stringify(result, undefined, 2) : whatIsUp(result));
  });

const whatIsUp = ({ stack, cloud, clusterName, namespace, expires, owner }: UpResult): string =>
  [
    `Stack ${stack} is up: cluster ${clusterName} on ${cloud}, namespace ${namespace}.`,
    `It lives until ${expires}${owner === undefined ? "" : `, and ${owner} owns it`}.`,
    `  look    pulumi stack output kubeconfig --show-secrets --stack ${stack} > kubeconfig`,
    `  longer  npm run lifecycle -- ephemeral up --cloud ${cloud} --name ${stack} --ttl 8h`,
    `  end     npm run lifecycle -- ephemeral down --name ${stack}`,
  ].join("\n");

const down = new Command("down")
  .description("take one down, with all it has made, and the stack itself; one that is not there is no error")
  .requiredOption("--name <name>", "of the stack")
  .option("--yes", "do not ask")
  .option("--gone <host...>", "machines that are gone for good: locks of runs on them are released")
  .option("--json", "the result as one JSON value")
  .action(async ({ name, yes, gone, json }: DownFlags) => {
    const result = await takeDown(name, { say, gone, confirm: (plan) => confirmed(plan, yes === true) });
    if (json === true) console.log(JSON.stringify(result, undefined, 2));
    else reportDown(result);
    process.exitCode = result.outcome === "declined" ? 1 : exitCode(result.leaks);
  });

interface DownFlags {
  readonly name: string;
  readonly yes?: true;
  readonly gone?: string[];
  readonly json?: true;
}

function reportDown({ stack, outcome, kept, leaks }: DownResult): void {
  if (outcome === "absent") return console.log(`There is no stack ${stack}: nothing to do.`);
  if (outcome === "declined") return console.log("Nothing was changed.");
  for (const { volume, handle } of kept)
    console.log(`Kept, as its class or its owner wants: volume ${volume}, disk ${handle}`);
  reportLeaks(leaks, stack);
  console.log(
    outcome === "removed"
      ? `Stack ${stack} is gone.`
      : `Stack ${stack} stays as a note of that, with nothing in it: run the commands, then this one again.`,
  );
}

/** Clusters that live for hours. */
export const command = new Command("ephemeral")
  .description("clusters that live for hours")
  .addCommand(up)
  .addCommand(down);
