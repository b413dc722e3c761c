import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import type { Scope } from "./scope";

/**
 * Creates the log group of the control plane. If EKS created it, it would never expire, and a late log line would
 * recreate it after deletion.
 */
export const createLogs = ({ name, config, tags, options }: Scope): LogGroup =>
  new LogGroup(
    name,
    { name: `/aws/eks/${config.name}/cluster`, retentionInDays: config.logs.retentionDays, tags },
    options(),
  );
