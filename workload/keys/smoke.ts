import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { SMOKE_JOB } from "../names";
import { prompts } from "./prompts";
import { tasks } from "./runs";
import { rule, section } from "./section";

export const smoke = section({
  enabled: z.boolean().default(false).meta({
    description:
      "Creates the Job `ralph-smoke`, which runs Ralph once without a key; `pulumi up` succeeds only if it does.",
  }),
})
  .prefault({})
  .meta({ description: "A test that Ralph runs on this cluster." });

export const rules = [
  rule({ smoke, tasks, prompts }, ({ smoke: { enabled }, tasks: jobs, prompts: texts }) => [
    ...findIf(enabled && Object.keys(texts).length === 0, () =>
      invalid(["smoke", "enabled"], enabled, "must be false: there is no prompt to run", "false"),
    ),
    ...jobs.flatMap(({ name }, i) =>
      findIf(enabled && name === SMOKE_JOB, () =>
        invalid(
          ["tasks", i, "name"],
          name,
          "must not be the name of smoke.enabled's Job",
          `${SMOKE_JOB}-task`,
        ),
      ),
    ),
  ]),
];
