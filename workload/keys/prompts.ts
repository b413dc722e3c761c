import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { promptName } from "../../config/formats";
import { rule } from "./section";

/** A ConfigMap holds 1 MiB, including its keys and the server's own bookkeeping. */
const MAX_BYTES = 1_000_000;

export const prompts = z
  .record(promptName, z.string().min(1))
  .default({})
  .meta({ description: "Additional prompts by file name, besides the files `prompts/*.md`." });

export const rules = [
  rule({ prompts }, ({ prompts: texts }) => {
    const bytes = Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return findIf(bytes > MAX_BYTES, () =>
      invalid(["prompts"], bytes, `must have at most ${MAX_BYTES} bytes in total, to fit into a ConfigMap`),
    );
  }),
];
