import { secretKeys } from "../config/secret-keys";

/** Where secrets are in the configuration of a stack. */
export const SECRETS = secretKeys({
  secrets: [
    ["apiKeys", "*"],
    ["imagePullSecrets", "*", "password"],
    ["git", "privateKey"],
    ["git", "token"],
    ["git", "githubApp", "privateKey"],
    ["login", "clientSecret"],
    ["monitoring", "grafana", "adminPassword"],
    ["telemetry", "otlp", "headers", "*"],
  ],
  except: [
    ["apiKeys", "existingSecret"],
    ["apiKeys", "externalSecret"],
  ],
  files: [
    ["git", "privateKey"],
    ["git", "githubApp", "privateKey"],
  ],
});
