/**
 * Prints the stacks that a variable of the repository lists, with their clouds, as a line for $GITHUB_OUTPUT:
 * `stacks=[{"stack":"gke","cloud":"gke"}]`. Its argument is the variable's name, its value is in the environment.
 */
import { ToolError } from "../lib/errors";
import { cloudStacks, type CloudStack, runScript, stackList } from "./stack-list";

/** @throws ToolError if a stack has no file here, or creates no cluster */
export function listedStacks(
  variable: string,
  value: string | undefined,
  stacks = cloudStacks(),
): CloudStack[] {
  return stackList(variable, value).map((name) => {
    const found = stacks.find(({ stack }) => stack === name);
    if (found === undefined)
      throw new ToolError(
        `The variable ${variable} lists ${JSON.stringify(name)}, which is none of the committed stacks that create a ` +
          `cluster: ${stacks.map(({ stack }) => stack).join(", ")}`,
      );
    return found;
  });
}

if (require.main === module)
  void runScript(async () => {
    const variable = process.argv[2];
    if (variable === undefined) throw new ToolError("usage: listed-stacks.ts <variable>");
    console.log(`stacks=${JSON.stringify(listedStacks(variable, process.env[variable]))}`);
    await Promise.resolve();
  });
