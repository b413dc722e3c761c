import { z } from "zod";
import { section } from "./section";

export const serviceAccount = section({
  automountToken: z
    .boolean()
    .default(false)
    .meta({ description: "Whether pods get a token of the service account." }),
})
  .prefault({})
  .meta({ description: "The service account `ralph-sa`; Ralph itself never calls the API server." });
