import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../lib/process";
import { cacheFolder } from "../../../local/tools/cache";

/** What is used of it: https://echarts.apache.org/handbook/en/how-to/cross-platform/server/ */
export interface ECharts {
  readonly init: (
    dom: null,
    theme: null,
    options: { renderer: "svg"; ssr: true; width: number; height: number },
  ) => {
    readonly setOption: (option: object) => void;
    readonly renderToSVGString: () => string;
    readonly dispose: () => void;
  };
}

/**
 * Apache ECharts, installed by npm from its lock file into the cache folder of the other tools: with 60 MB it is too large
 * for everyone's `npm ci`.
 *
 * @returns the reason if it is not available
 */
export async function findECharts(): Promise<ECharts | string> {
  const files = ["package.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(__dirname, file)));
  const folder = join(cacheFolder(), `echarts-${hash.digest("hex").slice(0, 16)}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      for (const file of files) cpSync(join(__dirname, file), join(partial, file));
      const { code, stderr } = await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
        cwd: partial,
      });
      if (code !== 0) return `ECharts cannot be installed: ${stderr.trim().slice(-500)}`;
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- its folder is known at run time only
  return require(join(folder, "node_modules", "echarts")) as ECharts;
}
