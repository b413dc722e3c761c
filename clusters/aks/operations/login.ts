import type { CloudOperations } from "../../operations";

/** az has no login by variables: it must be logged in as the service principal that the provider's configuration names. */
export const login: CloudOperations["login"] = ({ provider: { clientId, tenantId, subscriptionId } }) => {
  if (clientId === undefined) return undefined;
  return {
    variables: {},
    steps: [
      {
        ask: [
          ...["az", "account", "show", "--output", "json"],
          ...(subscriptionId === undefined ? [] : ["--subscription", subscriptionId]),
        ],
        then: (stdout) => {
          const { user } = JSON.parse(stdout) as { user?: { name?: string } };
          return user?.name === clientId
            ? { variables: {} }
            : {
                reason: `az is logged in as ${user?.name ?? "another"}, and azure-native:clientId is ${clientId}`,
                fix: logInAs(clientId, tenantId),
              };
        },
        fix: logInAs(clientId, tenantId),
      },
    ],
    commands: [],
  };
};

const logInAs = (clientId: string, tenantId = "<tenant>"): string =>
  `az login --service-principal --username ${clientId} --tenant ${tenantId}`;
