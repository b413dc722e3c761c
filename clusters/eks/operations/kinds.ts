import { commandLine } from "../../../lib/shell";
import type { Answer, Found, IdQuery, Place } from "../../operations";
import { aws, json } from "./aws";

interface Kind {
  readonly what: string;
  readonly createdBy: Found["createdBy"];
  /** Its ARN: `arn:aws:<service>:<region>:<account>:<resource>`. */
  readonly arn: RegExp;
  /** The command that asks for one. `$1` and `$2` are groups of the pattern, `$0` is the whole ARN, also within a word. */
  readonly look: string;
  /** The commands that remove one. `<list> | <each>` calls the second for every line that the first prints. */
  readonly remove: readonly string[];
}

/**
 * Everything that a stack can leave behind, in the order in which it can be removed: load balancers hold network
 * interfaces, node groups hold the cluster, and everything in a network holds that.
 */
const KINDS: readonly Kind[] = [
  {
    what: "load balancer",
    createdBy: "cluster",
    arn: /:loadbalancer\/(app|net|gwy)\//,
    look: "elbv2 describe-load-balancers --load-balancer-arns $0",
    remove: [
      "elbv2 delete-load-balancer --load-balancer-arn $0",
      "elbv2 wait load-balancers-deleted --load-balancer-arns $0",
    ],
  },
  {
    what: "load balancer",
    createdBy: "cluster",
    arn: /:loadbalancer\/([^/]+)$/,
    look: "elb describe-load-balancers --load-balancer-names $1",
    remove: ["elb delete-load-balancer --load-balancer-name $1"],
  },
  {
    what: "target group",
    createdBy: "cluster",
    arn: /:targetgroup\//,
    look: "elbv2 describe-target-groups --target-group-arns $0",
    remove: ["elbv2 delete-target-group --target-group-arn $0"],
  },
  {
    what: "pod identity",
    createdBy: "program",
    arn: /:podidentityassociation\/([^/]+)\/(.+)$/,
    look: "eks describe-pod-identity-association --cluster-name $1 --association-id $2",
    remove: ["eks delete-pod-identity-association --cluster-name $1 --association-id $2"],
  },
  {
    what: "add-on",
    createdBy: "program",
    arn: /:eks:.*:addon\/([^/]+)\/([^/]+)/,
    look: "eks describe-addon --cluster-name $1 --addon-name $2",
    remove: [
      "eks delete-addon --cluster-name $1 --addon-name $2",
      "eks wait addon-deleted --cluster-name $1 --addon-name $2",
    ],
  },
  {
    what: "node group",
    createdBy: "program",
    arn: /:nodegroup\/([^/]+)\/([^/]+)/,
    look: "eks describe-nodegroup --cluster-name $1 --nodegroup-name $2",
    remove: [
      "eks delete-nodegroup --cluster-name $1 --nodegroup-name $2",
      "eks wait nodegroup-deleted --cluster-name $1 --nodegroup-name $2",
    ],
  },
  {
    what: "cluster",
    createdBy: "program",
    arn: /:eks:.*:cluster\/([^/]+)$/,
    look: "eks describe-cluster --name $1",
    remove: ["eks delete-cluster --name $1", "eks wait cluster-deleted --name $1"],
  },
  {
    what: "node",
    createdBy: "cluster",
    arn: /:ec2:.*:instance\/(.+)$/,
    look: "ec2 describe-instances --instance-ids $1",
    remove: ["ec2 terminate-instances --instance-ids $1", "ec2 wait instance-terminated --instance-ids $1"],
  },
  {
    what: "launch template",
    createdBy: "program",
    arn: /:launch-template\/(.+)$/,
    look: "ec2 describe-launch-templates --launch-template-ids $1",
    remove: ["ec2 delete-launch-template --launch-template-id $1"],
  },
  {
    what: "access point of a file system",
    createdBy: "cluster",
    arn: /:access-point\/(.+)$/,
    look: "efs describe-access-points --access-point-id $1",
    remove: ["efs delete-access-point --access-point-id $1"],
  },
  {
    what: "file system",
    createdBy: "program",
    arn: /:file-system\/(.+)$/,
    look: "efs describe-file-systems --file-system-id $1",
    // Its mount targets carry no tags, and are gone a minute after their deletion.
    remove: [
      "efs describe-mount-targets --file-system-id $1 --query MountTargets[].[MountTargetId] | efs delete-mount-target --mount-target-id",
      "sleep 60",
      "efs delete-file-system --file-system-id $1",
    ],
  },
  {
    what: "disk",
    createdBy: "cluster",
    arn: /:ec2:.*:volume\/(.+)$/,
    look: "ec2 describe-volumes --volume-ids $1",
    remove: ["ec2 delete-volume --volume-id $1"],
  },
  {
    what: "snapshot",
    createdBy: "cluster",
    arn: /:ec2:.*:snapshot\/(.+)$/,
    look: "ec2 describe-snapshots --snapshot-ids $1",
    remove: ["ec2 delete-snapshot --snapshot-id $1"],
  },
  {
    what: "backup plan",
    createdBy: "program",
    arn: /:backup-plan:(.+)$/,
    look: "backup get-backup-plan --backup-plan-id $1",
    remove: [
      "backup list-backup-selections --backup-plan-id $1 --query BackupSelectionsList[].[SelectionId] | backup delete-backup-selection --backup-plan-id $1 --selection-id",
      "backup delete-backup-plan --backup-plan-id $1",
    ],
  },
  {
    what: "backup vault",
    createdBy: "program",
    arn: /:backup-vault:(.+)$/,
    // Not describe-backup-vault: it answers AccessDenied for a vault that does not exist
    // (https://github.com/aws/aws-sdk-js/issues/2625).
    look: "backup list-backup-vaults --query {Vaults:BackupVaultList[?BackupVaultName=='$1']}",
    remove: [
      "backup list-recovery-points-by-backup-vault --backup-vault-name $1 --query RecoveryPoints[].[RecoveryPointArn] | backup delete-recovery-point --backup-vault-name $1 --recovery-point-arn",
      "backup delete-backup-vault --backup-vault-name $1",
    ],
  },
  {
    what: "NAT gateway",
    createdBy: "program",
    arn: /:natgateway\/(.+)$/,
    look: "ec2 describe-nat-gateways --nat-gateway-ids $1",
    remove: [
      "ec2 delete-nat-gateway --nat-gateway-id $1",
      "ec2 wait nat-gateway-deleted --nat-gateway-ids $1",
    ],
  },
  {
    what: "address",
    createdBy: "program",
    arn: /:elastic-ip\/(.+)$/,
    look: "ec2 describe-addresses --allocation-ids $1",
    remove: ["ec2 release-address --allocation-id $1"],
  },
  {
    what: "network interface",
    createdBy: "cluster",
    arn: /(?::network-interface\/|^)(eni-.+)$/,
    look: "ec2 describe-network-interfaces --network-interface-ids $1",
    remove: ["ec2 delete-network-interface --network-interface-id $1"],
  },
  {
    what: "security group",
    createdBy: "program",
    arn: /:security-group\/(.+)$/,
    look: "ec2 describe-security-groups --group-ids $1",
    remove: ["ec2 delete-security-group --group-id $1"],
  },
  {
    what: "internet gateway",
    createdBy: "program",
    arn: /:internet-gateway\/(.+)$/,
    look: "ec2 describe-internet-gateways --internet-gateway-ids $1",
    remove: [
      "ec2 describe-internet-gateways --internet-gateway-ids $1 --query InternetGateways[].Attachments[].[VpcId] | ec2 detach-internet-gateway --internet-gateway-id $1 --vpc-id",
      "ec2 delete-internet-gateway --internet-gateway-id $1",
    ],
  },
  {
    what: "endpoint",
    createdBy: "program",
    arn: /:vpc-endpoint\/(.+)$/,
    look: "ec2 describe-vpc-endpoints --vpc-endpoint-ids $1",
    remove: ["ec2 delete-vpc-endpoints --vpc-endpoint-ids $1"],
  },
  {
    what: "subnet",
    createdBy: "program",
    arn: /:ec2:.*:subnet\/(.+)$/,
    look: "ec2 describe-subnets --subnet-ids $1",
    remove: ["ec2 delete-subnet --subnet-id $1"],
  },
  {
    what: "route table",
    createdBy: "program",
    arn: /:ec2:.*:route-table\/(.+)$/,
    look: "ec2 describe-route-tables --route-table-ids $1",
    remove: ["ec2 delete-route-table --route-table-id $1"],
  },
  {
    what: "network",
    createdBy: "program",
    arn: /:ec2:.*:vpc\/(.+)$/,
    look: "ec2 describe-vpcs --vpc-ids $1",
    remove: ["ec2 delete-vpc --vpc-id $1"],
  },
  {
    what: "image repository",
    createdBy: "program",
    arn: /:ecr:.*:repository\/(.+)$/,
    look: "ecr describe-repositories --repository-names $1",
    remove: ["ecr delete-repository --repository-name $1 --force"],
  },
  {
    what: "log group",
    createdBy: "program",
    arn: /:logs:.*:log-group:(.+?)(?::\*)?$/,
    look: "logs describe-log-groups --log-group-name-prefix $1",
    remove: ["logs delete-log-group --log-group-name $1"],
  },
];

/** The kinds in the order in which they can be removed. Roles come last: nothing uses them any more then. */
export const removalOrder: readonly string[] = [...KINDS.map(({ what }) => what), "role", "resource"];

function kindOf(id: string): { kind: Kind; fill: (words: string) => string[] } | undefined {
  for (const kind of KINDS) {
    const groups = kind.arn.exec(id);
    if (groups === null) continue;
    const values: Readonly<Record<string, string | undefined>> = { $0: id, $1: groups[1], $2: groups[2] };
    const filled = (word: string): string => word.replace(/\$[0-2]/g, (name) => values[name] ?? name);
    return { kind, fill: (words) => words.split(" ").map(filled) };
  }
  return undefined;
}

/** What an ARN names, and how it is removed. */
export function foundAt(id: string, place: Place): Found {
  const known = kindOf(id);
  // Has the stack's tags, but this program creates nothing of its kind: reported all the same.
  if (known === undefined) return { what: "resource", id, createdBy: "cluster", remove: [] };
  const { kind, fill } = known;
  return {
    what: kind.what,
    id,
    createdBy: kind.createdBy,
    remove: kind.remove.map((words) => command(fill(words), place)),
  };
}

/** Roles are deleted only after their policies are detached or deleted. */
export const removeRole = (name: string, place: Place): string[] =>
  [
    "iam list-attached-role-policies --role-name $1 --query AttachedPolicies[].[PolicyArn] | iam detach-role-policy --role-name $1 --policy-arn",
    "iam list-role-policies --role-name $1 --query PolicyNames[].[@] | iam delete-role-policy --role-name $1 --policy-name",
    "iam delete-role --role-name $1",
  ].map((words) =>
    command(
      words.split(" ").map((word) => (word === "$1" ? name : word)),
      place,
    ),
  );

function command(words: readonly string[], place: Place): string {
  if (words[0] === "sleep") return words.join(" ");
  const bar = words.indexOf("|");
  if (bar < 0) return commandLine(aws(place, ...words));
  const list = commandLine(aws(place, ...words.slice(0, bar), "--output", "text"));
  const [option = "", ...each] = words.slice(bar + 1).reverse();
  return `${list} | xargs -r -n 1 ${commandLine([...aws(place, ...each.reverse()), option])}`;
}

/** States of what is deleted, or no longer to be stopped on its way there. */
const GONE = ["deleted", "deleting", "terminated", "shutting-down"];

/**
 * Asks for one thing by its id. The tagging API lists what is "tagged or previously tagged", for hours, and terminated
 * instances and deleted NAT gateways are described for an hour more.
 */
export function byId(id: string, place: Pick<Place, "provider">): IdQuery | undefined {
  const known = kindOf(id);
  if (known === undefined) return undefined;
  return {
    ask: json(place, ...known.fill(known.kind.look)),
    exists: (answer: Answer) => statesOf(answer).every((state) => !GONE.includes(state)) && !isEmpty(answer),
    none: /\((?:[\w.]*NotFound(?:Exception)?|NoSuchEntity)\)/,
  };
}

/** Whether an item of a list is deleted, or on its way there. */
export const isGone = ({ State, LifeCycleState }: Answer): boolean =>
  [State, LifeCycleState].some((state) => GONE.includes(state as string));

/** The states in the answer to a question about one instance, NAT gateway, volume, endpoint or file system. */
function statesOf({ Reservations, NatGateways, Volumes, FileSystems, VpcEndpoints }: Answer): string[] {
  const instances = (Reservations ?? []).flatMap(({ Instances }: Answer) => Instances as Answer[]);
  return [
    ...instances.map(({ State }: Answer) => State?.Name),
    ...[...(NatGateways ?? []), ...(Volumes ?? []), ...(VpcEndpoints ?? [])].map(
      ({ State }: Answer) => State,
    ),
    ...(FileSystems ?? []).map(({ LifeCycleState }: Answer) => LifeCycleState),
  ].filter((state): state is string => typeof state === "string");
}

/** Whether a list of what has the id is empty. */
const isEmpty = (answer: Answer): boolean =>
  Object.values(answer as object).some((value) => Array.isArray(value) && value.length === 0);
