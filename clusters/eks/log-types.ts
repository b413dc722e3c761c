/** The logs of a control plane: https://docs.aws.amazon.com/eks/latest/APIReference/API_LogSetup.html */
export const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;
