/**
 * Proves, under mocks, what an EKS stack requests from AWS: the complete inputs of everything that controls access,
 * encryption and the nodes' permissions; the dependencies between resources, and so the order of their deletion; the
 * kubeconfig; and the effect of each key. Does not prove that AWS accepts it, or what @pulumi/eks does with its
 * inputs.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  ADMIN,
  ARN,
  dependenciesOf,
  FOREIGN,
  KEY,
  NEWEST_ADDON,
  only,
  PUBLIC,
  REPOSITORY,
  run,
  TAGS,
  TYPE,
  withProgram,
} from "../support/eks";
import { type Registered, type StackRun, valueOf } from "../support/stack";
import { unusual } from "../support/workload";

const named = (suffix: string) => ({ ...TAGS, Name: `ralph-cluster${suffix}` });
const inputs = (resources: readonly Registered[]) =>
  Object.fromEntries(resources.map((each) => [each.name, each.inputs as unknown]));

interface Account {
  readonly serviceAccount: string;
}

describe("an EKS stack", () => {
  withProgram();

  describe("with the minimal configuration", () => {
    let stack: StackRun;
    before(async () => (stack = await run()));

    it("requests the guide's cluster: private access, IAM only, all logs, no default add-ons", () => {
      const overwrite = { resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" };
      assert.deepEqual(only(stack, TYPE.cluster).inputs, {
        name: "ralph-cluster",
        upgradePolicy: { supportType: "STANDARD" },
        vpcId: "cluster-id",
        subnetIds: ["cluster-private-a-id", "cluster-private-b-id"],
        kubernetesServiceIpAddressRange: "172.20.0.0/16",
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ["0.0.0.0/0"],
        authenticationMode: "API",
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        deletionProtection: true,
        skipDefaultNodeGroup: true,
        skipDefaultSecurityGroups: true,
        bootstrapSelfManagedAddons: false,
        useDefaultVpcCni: true,
        providerCredentialOpts: {},
        kubeProxyAddonOptions: { enabled: false, ...overwrite },
        corednsAddonOptions: { enabled: false, ...overwrite },
        tags: TAGS,
      });
      assert.equal(only(stack, TYPE.cluster).protect, true);
      assert.deepEqual(only(stack, TYPE.logs).inputs, {
        name: "/aws/eks/ralph-cluster/cluster",
        retentionInDays: 30,
        tags: TAGS,
      });
    });

    it("requests the guide's nodes in each zone, with encrypted disks and credentials that pods cannot reach", () => {
      const group = (zone: string, [min, max]: readonly [number, number]) => ({
        clusterName: "ralph-cluster",
        nodeGroupName: `workers-${zone}`,
        nodeRoleArn: "arn:role",
        subnetIds: [`cluster-private-${zone}-id`],
        version: "1.35",
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: "ON_DEMAND",
        instanceTypes: ["t3.medium"],
        launchTemplate: { id: "cluster-nodes-id", version: "7" },
        scalingConfig: { desiredSize: min, minSize: min, maxSize: max },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        tags: { ...named(`-workers-${zone}`), "ralph-node-range": `${min}-${max}` },
      });
      assert.deepEqual(
        Object.fromEntries(stack.ofType(TYPE.group).map(({ name, inputs }) => [name, inputs])),
        { "cluster-nodes-a": group("a", [2, 5]), "cluster-nodes-b": group("b", [1, 5]) },
      );
      for (const { ignoreChanges, deleteBeforeReplace } of stack.ofType(TYPE.group)) {
        // The provider would send the number of nodes along with the range: node-range.ts sends the range alone.
        assert.deepEqual(ignoreChanges, ["scalingConfig"]);
        assert.equal(deleteBeforeReplace, true);
      }
      assert.deepEqual(only(stack, TYPE.template).inputs, {
        updateDefaultVersion: true,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeType: "gp3", volumeSize: 100, encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags: named("-workers"),
        })),
        tags: TAGS,
      });
    });

    it("lets one service account, or EC2, assume each role, which has only the policies it needs", () => {
      const pods = (account: string) => ({
        service: "pods.eks.amazonaws.com",
        actions: ["sts:AssumeRole", "sts:TagSession"],
        condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-name": "ralph-cluster",
            "aws:RequestTag/kubernetes-namespace": "kube-system",
            "aws:RequestTag/kubernetes-service-account": account,
          },
        },
      });
      const expected = {
        "cluster-nodes": {
          service: "ec2.amazonaws.com",
          actions: ["sts:AssumeRole"],
          condition: undefined,
          policies: ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
        },
        "cluster-autoscaler": { ...pods("cluster-autoscaler"), policies: [] },
        "cluster-vpc-cni": { ...pods("aws-node"), policies: ["AmazonEKS_CNI_Policy"] },
        "cluster-aws-ebs-csi-driver": {
          ...pods("ebs-csi-controller-sa"),
          policies: ["AmazonEBSCSIDriverPolicyV2"],
        },
        "cluster-aws-efs-csi-driver": {
          ...pods("efs-csi-controller-sa"),
          policies: ["service-role/AmazonEFSCSIDriverPolicy"],
        },
      };
      const roles = stack.ofType(TYPE.role).map((role) => {
        const trust = JSON.parse(role.inputs.assumeRolePolicy as string) as {
          Statement: { Principal: { Service: string }; Action: string[]; Condition?: unknown }[];
        };
        assert.equal(trust.Statement.length, 1);
        const policies = stack
          .ofType(TYPE.attachment)
          .filter(({ dependencies }) => dependencies.includes(role.urn))
          .map(({ inputs: { policyArn } }) => (policyArn as string).replace("arn:aws:iam::aws:policy/", ""));
        const [statement] = trust.Statement;
        return [
          role.name,
          {
            service: statement?.Principal.Service,
            actions: statement?.Action,
            condition: statement?.Condition,
            policies,
          },
        ];
      });
      assert.deepEqual(Object.fromEntries(roles), expected);
      // Nothing else is to get a role: its pods would have no credentials.
      const accounts = [
        ...stack
          .ofType(TYPE.addon)
          .flatMap(({ inputs }) => (inputs.podIdentityAssociations ?? []) as Account[]),
        ...stack.ofType(TYPE.podIdentity).map(({ inputs }) => inputs as Account),
      ].map(({ serviceAccount }) => serviceAccount);
      assert.deepEqual(accounts.sort(), [
        "aws-node",
        "cluster-autoscaler",
        "ebs-csi-controller-sa",
        "efs-csi-controller-sa",
      ]);
    });

    it("requests the add-ons for nodes, DNS, metrics and volumes", () => {
      const addon = (name: string, more: object = {}) => ({
        [`cluster-${name}`]: {
          clusterName: "ralph-cluster",
          addonName: name,
          addonVersion: NEWEST_ADDON,
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
          preserve: false,
          tags: TAGS,
          ...more,
        },
      });
      const as = (serviceAccount: string) => ({
        podIdentityAssociations: [{ roleArn: "arn:role", serviceAccount }],
      });
      assert.deepEqual(inputs(stack.ofType(TYPE.addon)), {
        ...addon("vpc-cni", {
          configurationValues: JSON.stringify({
            enableNetworkPolicy: "true",
            env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
          }),
          ...as("aws-node"),
          preserve: true,
        }),
        ...addon("kube-proxy", { preserve: true }),
        ...addon("eks-pod-identity-agent", { preserve: true }),
        ...addon("coredns"),
        ...addon("metrics-server"),
        ...addon("aws-ebs-csi-driver", {
          configurationValues: JSON.stringify({ controller: { extraVolumeTags: TAGS } }),
          ...as("ebs-csi-controller-sa"),
        }),
        ...addon("aws-efs-csi-driver", as("efs-csi-controller-sa")),
      });
    });

    it("reaches S3 by a gateway endpoint, whose traffic is free", () => {
      assert.deepEqual(only(stack, TYPE.endpoint).inputs, {
        vpcId: "cluster-id",
        vpcEndpointType: "Gateway",
        serviceName: "com.amazonaws.us-west-2.s3",
        routeTableIds: ["cluster-private-a-id", "cluster-private-b-id"],
        tags: named("-s3"),
      });
    });

    it("puts the nodes behind one NAT gateway, and tags the subnets for load balancers", () => {
      const subnet = (zone: string, cidrBlock: string, kind: "public" | "private") => ({
        [`cluster-${kind}-${zone}`]: {
          vpcId: "cluster-id",
          availabilityZone: `us-west-2${zone}`,
          cidrBlock,
          mapPublicIpOnLaunch: false,
          tags: {
            ...named(`-${kind}-${zone}`),
            [kind === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1",
          },
        },
      });
      assert.deepEqual(only(stack, TYPE.vpc).inputs, {
        cidrBlock: "10.42.0.0/16",
        enableDnsHostnames: true,
        enableDnsSupport: true,
        tags: named(""),
      });
      assert.deepEqual(inputs(stack.ofType(TYPE.subnet)), {
        ...subnet("a", "10.42.0.0/19", "private"),
        ...subnet("b", "10.42.32.0/19", "private"),
        ...subnet("a", "10.42.224.0/24", "public"),
        ...subnet("b", "10.42.225.0/24", "public"),
      });
      assert.deepEqual(
        stack.ofType(TYPE.nat).map((nat) => nat.inputs as unknown),
        [{ allocationId: "cluster-nat-a-id", subnetId: "cluster-public-a-id", tags: named("-a") }],
      );
      assert.deepEqual(routes(stack), {
        "cluster-public": { gateway: "cluster-id" },
        "cluster-private-a": { nat: "cluster-a-id" },
        "cluster-private-b": { nat: "cluster-a-id" },
      });
      assert.deepEqual(
        stack
          .ofType(TYPE.association)
          .map(({ inputs: { subnetId, routeTableId } }) => [subnetId, routeTableId]),
        [
          ["cluster-public-a-id", "cluster-public-id"],
          ["cluster-public-b-id", "cluster-public-id"],
          ["cluster-private-a-id", "cluster-private-a-id"],
          ["cluster-private-b-id", "cluster-private-b-id"],
        ],
      );
    });

    it("requests one encrypted file system that only the nodes can mount, in each zone", () => {
      assert.deepEqual(only(stack, TYPE.files).inputs, {
        encrypted: true,
        throughputMode: "elastic",
        tags: named(""),
      });
      assert.deepEqual(only(stack, TYPE.securityGroup).inputs, {
        description: "NFS from the nodes",
        vpcId: "cluster-id",
        tags: named("-efs"),
      });
      assert.deepEqual(only(stack, TYPE.efsRule).inputs, {
        securityGroupId: "cluster-efs-id",
        referencedSecurityGroupId: "sg-cluster",
        ipProtocol: "tcp",
        fromPort: 2049,
        toPort: 2049,
        description: "NFS from the nodes",
        tags: TAGS,
      });
      const target = (zone: string) => ({
        fileSystemId: "cluster-id",
        subnetId: `cluster-private-${zone}-id`,
        securityGroups: ["cluster-efs-id"],
      });
      assert.deepEqual(inputs(stack.ofType(TYPE.mount)), {
        "cluster-a": target("a"),
        "cluster-b": target("b"),
      });
    });

    it("creates the two storage classes that the claims name", () => {
      const storageClass = (
        name: string,
        provisioner: string,
        parameters: object,
        allowVolumeExpansion = true,
      ) => ({
        [name]: {
          apiVersion: "storage.k8s.io/v1",
          kind: "StorageClass",
          metadata: { name },
          provisioner,
          parameters,
          allowVolumeExpansion,
          reclaimPolicy: "Delete",
          volumeBindingMode: "WaitForFirstConsumer",
        },
      });
      assert.deepEqual(inputs(stack.ofType(TYPE.storageClass)), {
        ...storageClass("gp3", "ebs.csi.aws.com", { type: "gp3", encrypted: "true" }),
        ...storageClass(
          "efs",
          "efs.csi.aws.com",
          {
            provisioningMode: "efs-ap",
            fileSystemId: "cluster-id",
            directoryPerms: "700",
            uid: "1000",
            gid: "1000",
          },
          false,
        ),
      });
      const claims = stack
        .ofType("kubernetes:core/v1:PersistentVolumeClaim")
        .map(({ inputs: { metadata, spec } }) => [metadata.name, spec.storageClassName]);
      assert.deepEqual(Object.fromEntries(claims), { "ralph-workspace": "gp3", "ralph-cache": "efs" });
    });

    it("keeps images in a repository that scans them", async () => {
      assert.deepEqual(only(stack, TYPE.repository).inputs, {
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "AES256" }],
        forceDelete: true,
        tags: TAGS,
      });
      assert.equal(await valueOf(stack.outputs.registry), REPOSITORY);
    });

    it("has a kubeconfig that runs a program for a token, and holds no credential", async () => {
      assert.equal(await pulumi.isSecret(pulumi.output(stack.outputs.kubeconfig)), true);
      const provider = only(stack, TYPE.provider);
      assert.ok(provider.secret.includes("kubeconfig"));
      assert.equal(provider.inputs.clusterIdentifier, ARN);
      assert.deepEqual(JSON.parse(await valueOf<string>(stack.outputs.kubeconfig)), {
        apiVersion: "v1",
        kind: "Config",
        "current-context": "ralph-cluster",
        contexts: [{ name: "ralph-cluster", context: { cluster: "ralph-cluster", user: "ralph-cluster" } }],
        clusters: [
          {
            name: "ralph-cluster",
            cluster: {
              server: "https://0A1B.gr7.us-west-2.eks.amazonaws.com",
              "certificate-authority-data": "Q0E=",
            },
          },
        ],
        users: [
          {
            name: "ralph-cluster",
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                interactiveMode: "Never",
                command: "aws",
                args: [
                  "--region",
                  "us-west-2",
                  "eks",
                  "get-token",
                  "--cluster-name",
                  "ralph-cluster",
                  "--output",
                  "json",
                ],
                installHint:
                  "The AWS CLI, version 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
                env: [],
              },
            },
          },
        ],
      });
    });

    it("warns that a pod's memory limit exceeds what such a node has", () => {
      assert.deepEqual(
        unusual(stack.warnings).filter((text) => !text.startsWith("No API key")),
        [
          "A node of type t3.medium has about 3.3 GiB for pods, less than a memory limit of 4Gi: a pod that reaches " +
            "its limit can take its node down. Lower the limit, or pulumi config set --path ralph:cluster.nodes.machineType t3.large",
        ],
      );
    });
  });

  describe("orders creation and deletion", () => {
    let stack: StackRun;
    before(async () => (stack = await run({ ...PUBLIC, admins: [ADMIN] })));

    /** Each resource on the left depends on all on the right, so it is deleted before them. */
    const order: readonly (readonly [resource: string, needs: readonly string[]])[] = [
      [
        "eks:index:Cluster cluster",
        ["LogGroup cluster", "Subnet cluster-private-a", "Subnet cluster-private-b"],
      ],
      [
        "NodeGroup cluster-nodes-b",
        [
          "Addon cluster-vpc-cni",
          "RolePolicyAttachment cluster-vpc-cni-AmazonEKS_CNI_Policy",
          "Addon cluster-kube-proxy",
          "Addon cluster-eks-pod-identity-agent",
          "RolePolicyAttachment cluster-nodes-AmazonEKSWorkerNodePolicy",
          "RolePolicyAttachment cluster-nodes-AmazonEC2ContainerRegistryPullOnly",
          "Route cluster-private-a",
          "Route cluster-private-b",
          "RouteTableAssociation cluster-private-b",
          "NatGateway cluster-a",
        ],
      ],
      ["Addon cluster-vpc-cni", ["eks:index:Cluster cluster"]],
      ["Addon cluster-coredns", ["NodeGroup cluster-nodes-a", "NodeGroup cluster-nodes-b"]],
      ["Addon cluster-metrics-server", ["NodeGroup cluster-nodes-a"]],
      [
        "Addon cluster-aws-ebs-csi-driver",
        [
          "NodeGroup cluster-nodes-b",
          "RolePolicyAttachment cluster-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicyV2",
        ],
      ],
      [
        "Addon cluster-aws-efs-csi-driver",
        [
          "NodeGroup cluster-nodes-b",
          "RolePolicyAttachment cluster-aws-efs-csi-driver-AmazonEFSCSIDriverPolicy",
        ],
      ],
      ["NatGateway cluster-a", ["Eip cluster-nat-a", "Route cluster-public", "InternetGateway cluster"]],
      ["Eip cluster-nat-a", ["InternetGateway cluster"]],
      [
        "pulumi:providers:kubernetes kubernetes",
        [
          "NodeGroup cluster-nodes-b",
          "Addon cluster-aws-ebs-csi-driver",
          "Addon cluster-aws-efs-csi-driver",
          "Addon cluster-coredns",
          "PodIdentityAssociation cluster-autoscaler",
          "RolePolicy cluster-autoscaler",
          "MountTarget cluster-a",
          "MountTarget cluster-b",
          "SecurityGroupIngressRule cluster-efs",
          "AccessEntry cluster-admin-123456789012-role-ops-deployers",
          "AccessPolicyAssociation cluster-admin-123456789012-role-ops-deployers",
          "Route cluster-private-a",
        ],
      ],
    ];
    for (const [what, needs] of order) {
      it(`deletes ${what} before what it needs`, () => {
        const short = (each: Registered) => `${each.type.replace(/^aws:.*:/, "")} ${each.name}`;
        const resource = stack.resources.find((each) => short(each) === what);
        assert.ok(resource, what);
        const urns = dependenciesOf(stack, resource);
        const dependencies = stack.resources.filter(({ urn }) => urns.has(urn)).map(short);
        assert.deepEqual(
          needs.filter((each) => !dependencies.includes(each)),
          [],
        );
      });
    }

    it("creates every object through the one provider", () => {
      const provider = only(stack, TYPE.provider);
      const objects = stack.resources.filter(({ type, custom }) => custom && type.startsWith("kubernetes:"));
      assert.ok(objects.length > 10);
      for (const object of objects) assert.ok(object.provider.startsWith(provider.urn), object.urn);
    });
  });

  it("can be previewed when no output of AWS is known", async () => {
    const stack = await run(PUBLIC, {}, { preview: true });
    assert.deepEqual(
      stack.ofType(TYPE.group).map(({ inputs }) => inputs.nodeGroupName as unknown),
      ["workers-a", "workers-b"],
    );
  });

  it("tags every resource that supports tags, and the claims' volumes", async () => {
    const stack = await run({ ...PUBLIC, admins: [ADMIN], tags: { owner: "agents" } });
    const all = { ...TAGS, owner: "agents" };
    const untaggable = [
      TYPE.route,
      TYPE.association,
      TYPE.attachment,
      TYPE.mount,
      TYPE.policy,
      TYPE.autoscalerPolicy,
    ] as string[];
    const own = stack.resources.filter(({ type }) => /^(aws|eks):/.test(type) && !untaggable.includes(type));
    for (const {
      urn,
      inputs: { tags },
    } of own) {
      const plain = Object.entries(tags as Record<string, string>).filter(([key]) => !OWN_TAG.test(key));
      assert.deepEqual(Object.fromEntries(plain), all, urn);
    }
    const driver = stack.find(TYPE.addon, "cluster-aws-ebs-csi-driver").inputs.configurationValues as string;
    assert.deepEqual(JSON.parse(driver), { controller: { extraVolumeTags: all } });
  });

  it("makes the listed roles administrators, in resources named after the role", async () => {
    const stack = await run({ ...PUBLIC, admins: [ADMIN] });
    const clusterName = "ralph-cluster";
    assert.deepEqual(only(stack, TYPE.entry).inputs, {
      clusterName,
      principalArn: ADMIN,
      type: "STANDARD",
      tags: TAGS,
    });
    assert.deepEqual(only(stack, TYPE.policy).inputs, {
      clusterName,
      principalArn: ADMIN,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    });
  });

  it("opens the API to the given ranges only, besides private access", async () => {
    const stack = await run({ api: { cidrs: ["198.51.100.0/24", "203.0.113.7/32"] } });
    const { endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs } = only(
      stack,
      TYPE.cluster,
    ).inputs;
    assert.deepEqual(
      [endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs],
      [true, true, ["198.51.100.0/24", "203.0.113.7/32"]],
    );
  });

  it("uses the configured key, version, log retention and protection", async () => {
    const stack = await run({
      ...PUBLIC,
      kmsKey: KEY,
      version: "1.36",
      logs: { retentionDays: 7, types: ["audit"] },
      deletionProtection: false,
    });
    const { encryptionConfigKeyArn, version, deletionProtection, enabledClusterLogTypes } = only(
      stack,
      TYPE.cluster,
    ).inputs;
    assert.deepEqual(
      [encryptionConfigKeyArn, version, deletionProtection, enabledClusterLogTypes],
      [KEY, "1.36", false, ["audit"]],
    );
    assert.equal(only(stack, TYPE.cluster).protect, false);
    assert.equal(only(stack, TYPE.logs).inputs.retentionInDays, 7);
  });

  it("creates a NAT gateway per zone if configured; other zones move no subnet", async () => {
    const zones = ["us-west-2b", "us-west-2d"];
    const stack = await run({ ...PUBLIC, zones, network: { cidr: "10.9.0.0/20", natPerZone: true } });
    assert.deepEqual(routes(stack), {
      "cluster-public": { gateway: "cluster-id" },
      "cluster-private-b": { nat: "cluster-b-id" },
      "cluster-private-d": { nat: "cluster-d-id" },
    });
    assert.deepEqual(
      Object.fromEntries(
        stack.ofType(TYPE.subnet).map((each) => [each.name, each.inputs.cidrBlock as string]),
      ),
      {
        "cluster-public-b": "10.9.14.16/28",
        "cluster-public-d": "10.9.14.48/28",
        "cluster-private-b": "10.9.2.0/23",
        "cluster-private-d": "10.9.6.0/23",
      },
    );
  });

  it("gives every role of its own the path and the boundary", async () => {
    const iam = { path: "/ralph/", permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary" };
    const roles = (await run({ ...PUBLIC, iam })).ofType(TYPE.role);
    assert.ok(roles.length >= 5);
    for (const { name, inputs: role } of roles)
      assert.deepEqual([role.path, role.permissionsBoundary], [iam.path, iam.permissionsBoundary], name);
  });

  it("uses an existing network, and creates no part of one", async () => {
    const vpcId = "vpc-0a1b2c3d4e5f60718";
    const subnetIds = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"];
    const existing = { vpcId, subnetIds, loadBalancerCidrs: ["10.8.128.0/20"] };
    const stack = await run(
      { ...PUBLIC, network: { existing } },
      { ingress: { enabled: true, hosts: [{ host: "ralph.example.com" }] } },
    );
    const network = stack.resources.filter(({ type }) => /^aws:(ec2|vpc)\//.test(type));
    assert.deepEqual(
      new Set(network.map(({ type }) => type)),
      new Set([TYPE.securityGroup, TYPE.template, TYPE.efsRule]),
    );
    const { vpcId: ofCluster, subnetIds: ofControlPlane } = only(stack, TYPE.cluster).inputs;
    assert.deepEqual([ofCluster, ofControlPlane], [vpcId, subnetIds]);
    assert.deepEqual(
      stack.ofType(TYPE.group).map(({ inputs }) => [inputs.nodeGroupName, inputs.subnetIds] as unknown),
      subnetIds.map((id) => [`workers-${id}`, [id]]),
    );
    assert.equal(only(stack, TYPE.securityGroup).inputs.vpcId, vpcId);
    assert.deepEqual(
      stack.ofType(TYPE.mount).map(({ name, inputs: { subnetId } }) => [name, subnetId as unknown]),
      subnetIds.map((id) => [`cluster-${id}`, id]),
    );
    const { spec } = stack.find(
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "ralph-network-policy",
    ).inputs;
    const sources = (spec.ingress as { from: { ipBlock?: { cidr: string } }[] }[]).flatMap(({ from }) =>
      from.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []),
    );
    assert.deepEqual(sources, ["10.8.128.0/20"]);
  });

  it("requests tokens as another role, or with a profile", async () => {
    const stack = await run({ ...PUBLIC, admins: [ADMIN], auth: { roleArn: ADMIN, profile: "ops" } });
    const { users } = JSON.parse(await valueOf<string>(stack.outputs.kubeconfig)) as {
      users: { user: { exec: { args: string[] } } }[];
    };
    assert.deepEqual(users[0]?.user.exec.args.slice(-4), ["--role-arn", ADMIN, "--profile", "ops"]);
  });

  it("requests tokens with the profile of the AWS provider", async () => {
    const stack = await run(PUBLIC, {}, { foreign: { ...FOREIGN, "aws:profile": "acme" } });
    assert.match(await valueOf<string>(stack.outputs.kubeconfig), /"--output","json","--profile","acme"\]/);
  });

  it("uses the managed policies of the region's partition", async () => {
    const config = { ...PUBLIC, zones: ["cn-north-1a", "cn-north-1b"] };
    const stack = await run(config, {}, { foreign: { "aws:region": "cn-north-1" } });
    for (const {
      inputs: { policyArn },
    } of stack.ofType(TYPE.attachment))
      assert.match(policyArn as string, /^arn:aws-cn:iam::aws:policy\//);
  });

  it("allows requests from load balancers, and DNS queries", async () => {
    const stack = await run(PUBLIC, { ingress: { enabled: true, hosts: [{ host: "ralph.example.com" }] } });
    const { metadata, spec } = stack.find(
      "kubernetes:networking.k8s.io/v1:Ingress",
      "ralph-orchestrator",
    ).inputs;
    assert.equal(spec.ingressClassName, "alb");
    assert.equal(metadata.annotations["alb.ingress.kubernetes.io/target-type"], "ip");
    const { spec: policy } = stack.find(
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "ralph-network-policy",
    ).inputs;
    const ranges = (peers: { ipBlock?: { cidr: string } }[]) =>
      peers.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []);
    // Prometheus and load balancers reach different ports.
    assert.deepEqual(
      policy.ingress.map(({ from }: { from: object[] }) => ranges(from)),
      [[], ["10.42.224.0/19"]],
    );
    assert.deepEqual(ranges(policy.egress[0].to), ["172.20.0.10/32"]);
  });
});

/** Tags of a single resource. */
const OWN_TAG = /^(Name|ralph-node-range|kubernetes\.io\/role\/(internal-)?elb)$/;

/** Target of each route, by name. */
const routes = ({ ofType }: StackRun) =>
  Object.fromEntries(
    ofType(TYPE.route).map(({ name, inputs: { gatewayId, natGatewayId, destinationCidrBlock } }) => {
      assert.equal(destinationCidrBlock, "0.0.0.0/0");
      return [name, gatewayId === undefined ? { nat: natGatewayId } : { gateway: gatewayId }];
    }),
  );
