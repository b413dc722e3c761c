/**
 * Proves what `cluster.storage.kmsKey` does on each cloud: new disks, and new shared volumes where the driver can, are
 * encrypted with the key; those who create them may use it before they exist; the classes of existing volumes stay as they
 * are; and nothing else of a stack changes. Not proven: that a real driver encrypts by it.
 */
import assert from "node:assert/strict";
import { schema as aksSchema } from "../../clusters/aks/config";
import { warnings as aksWarnings } from "../../clusters/aks/warnings";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { runStack, type StackConfig, type StackRun } from "../support/stack";

const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";
const NUMBER = "123456789012";

const inputsOf = ({ resources }: StackRun): Record<string, unknown> =>
  Object.fromEntries(
    resources.map(({ type, name, inputs }) => [`${type} ${name}`, inputs as Record<string, unknown>]),
  );

/** What a stack has that the other lacks or has otherwise, and the names of what it lacks. */
function changes(plain: StackRun, keyed: StackRun) {
  const [before, after] = [inputsOf(plain), inputsOf(keyed)];
  return {
    gone: Object.keys(before).filter((each) => !(each in after)),
    changed: Object.fromEntries(
      Object.entries(after).filter(
        ([each, inputs]) => JSON.stringify(inputs) !== JSON.stringify(before[each]),
      ),
    ),
  };
}

const storageClass = (name: string, provisioner: string, parameters: object) => ({
  [`${CLASS} ${name}`]: {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner,
    parameters,
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  },
});

/** Splits what names a class, such as a claim, from the rest, and checks which class it names. */
function withoutUsers(changed: Record<string, unknown>, classes: readonly string[]): Record<string, unknown> {
  const classOf = (inputs: unknown) => /"storageClassName":"([^"]+)"/.exec(JSON.stringify(inputs))?.[1];
  const entries = Object.entries(changed);
  const named = new Set(entries.flatMap(([, inputs]) => classOf(inputs) ?? []));
  assert.deepEqual([...named].sort(), [...classes].sort());
  return Object.fromEntries(entries.filter(([, inputs]) => classOf(inputs) === undefined));
}

describe("a key of the user's for volumes", () => {
  let restore: () => void;
  before(() => (restore = aks.onlyPrograms("gke-gcloud-auth-plugin", "aws", "kubelogin", "az")));
  after(() => restore());

  describe("on GKE", () => {
    const run = (cluster: StackConfig, more: StackConfig = {}) =>
      runStack({
        config: { cloud: "gke", cluster: { ...gke.PUBLIC, ...cluster }, ...more },
        foreign: gke.FOREIGN,
        types: /^gcp:/,
        outputs: (type, inputs) =>
          type.endsWith(":ServiceIdentity") && inputs.service === "file.googleapis.com"
            ? { member: `serviceAccount:service-${NUMBER}@cloud-filer.iam.gserviceaccount.com` }
            : gke.outputs(type, inputs),
        calls: { "gcp:organizations/getProject:getProject": { number: NUMBER } },
      });
    const labels = "project=ralph,stack=test";
    const filestore = { tier: "REGIONAL" };
    const grant = (member: string) => ({
      cryptoKeyId: gke.KEY,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: `serviceAccount:service-${NUMBER}@${member}.iam.gserviceaccount.com`,
    });

    it("adds classes of their own, and lets the agents of Compute Engine and Filestore use the key", async () => {
      const plain = await run({ storage: { filestore } });
      const keyed = await run({ storage: { filestore, kmsKey: gke.KEY } });
      const { gone, changed } = changes(plain, keyed);
      assert.deepEqual(gone, []);
      assert.deepEqual(withoutUsers(changed, ["ralph-disk-cmek", "ralph-filestore-cmek"]), {
        [`${gke.TYPE.api} cluster-cloudkms-api`]: {
          project: gke.PROJECT_ID,
          service: "cloudkms.googleapis.com",
          disableOnDestroy: false,
        },
        "gcp:projects/serviceIdentity:ServiceIdentity cluster-filestore-agent": {
          project: gke.PROJECT_ID,
          service: "file.googleapis.com",
        },
        [`${gke.TYPE.key} cluster-disk-key-access`]: grant("compute-system"),
        [`${gke.TYPE.key} cluster-filestore-key-access`]: grant("cloud-filer"),
        ...storageClass("ralph-disk-cmek", "pd.csi.storage.gke.io", {
          type: "pd-balanced",
          labels,
          "disk-encryption-kms-key": gke.KEY,
        }),
        ...storageClass("ralph-filestore-cmek", "filestore.csi.storage.gke.io", {
          tier: "regional",
          network: "ralph-cluster",
          labels,
          "instance-encryption-kms-key": gke.KEY,
        }),
      });
    });

    it("lets all objects of the cluster wait for the grants, which outlive them", async () => {
      const keyed = await run({ storage: { filestore, kmsKey: gke.KEY } });
      const grants = keyed.ofType(gke.TYPE.key).map(({ urn }) => urn);
      assert.equal(grants.length, 2);
      const needed = eks.dependenciesOf(keyed, eks.only(keyed, gke.TYPE.provider));
      assert.ok(grants.every((each) => needed.has(each)));
    });

    for (const [disk, cluster] of [
      ["hyperdisk-balanced", { nodes: { machineType: "c4-standard-4" } }],
      ["pd-ssd", { storage: { rwo: "premium-rwo" } }],
    ] as const) {
      it(`creates disks of the type ${disk} where those without a key would be of it`, async () => {
        const storage = { filestore: { enabled: false }, kmsKey: gke.KEY };
        const keyed = await run(
          { ...cluster, storage: { ...("storage" in cluster ? cluster.storage : {}), ...storage } },
          { persistence: { cache: { kind: "emptyDir" } } },
        );
        const { parameters } = keyed.find(CLASS, "ralph-disk-cmek").inputs;
        assert.deepEqual(parameters, { type: disk, labels, "disk-encryption-kms-key": gke.KEY });
        assert.equal(keyed.ofType(gke.TYPE.key).length, 1);
      });
    }
  });

  describe("on EKS", () => {
    const kmsKey = eks.KEY;

    it("adds a class for disks, whose driver may use the key, and gives it to a new file system", async () => {
      const plain = await eks.run();
      const keyed = await eks.run({ ...eks.PUBLIC, storage: { kmsKey } });
      const { gone, changed } = changes(plain, keyed);
      assert.deepEqual(gone, []);
      const policy = `${eks.TYPE.autoscalerPolicy} cluster-aws-ebs-csi-driver`;
      const { [policy]: use, ...rest } = withoutUsers(changed, ["gp3-cmk"]);
      const { role, policy: text } = use as { role: string; policy: string };
      assert.equal(role, "role");
      assert.deepEqual(JSON.parse(text), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            Resource: kmsKey,
            Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
          },
          {
            Effect: "Allow",
            Action: [
              "kms:Encrypt",
              "kms:Decrypt",
              "kms:ReEncryptFrom",
              "kms:ReEncryptTo",
              "kms:GenerateDataKey",
              "kms:GenerateDataKeyWithoutPlaintext",
              "kms:DescribeKey",
            ],
            Resource: kmsKey,
          },
        ],
      });
      assert.deepEqual(rest, {
        [`${eks.TYPE.files} cluster`]: {
          encrypted: true,
          kmsKeyId: kmsKey,
          throughputMode: "elastic",
          tags: { ...eks.TAGS, Name: "ralph-cluster" },
        },
        ...storageClass("gp3-cmk", "ebs.csi.aws.com", { type: "gp3", encrypted: "true", kmsKeyId: kmsKey }),
      });
    });

    it("never exchanges the key of a file system, and reports which one it keeps", async () => {
      const kept = eks.KEY.replace("333344445555", "666677778888");
      const keyed = await eks.run(
        { ...eks.PUBLIC, storage: { kmsKey } },
        {},
        { outputs: (type) => (type === eks.TYPE.files ? { kmsKeyId: kept } : undefined) },
      );
      assert.deepEqual(eks.only(keyed, eks.TYPE.files).ignoreChanges, ["kmsKeyId"]);
      const warned = keyed.warnings.filter((text) => text.includes("stays encrypted"));
      assert.deepEqual(warned, [
        `File system cluster-id of the class efs stays encrypted with ${kept}: its key cannot change. ` +
          "ralph:cluster.storage.kmsKey applies to new disks, and to shared volumes of a new stack.",
      ]);
      const same = await eks.run({ ...eks.PUBLIC, storage: { kmsKey } });
      assert.ok(!same.warnings.some((text) => text.includes("stays encrypted")));
    });
  });

  describe("on AKS", () => {
    const kmsKey =
      "/subscriptions/s/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/ralph";

    it("adds a class for disks, and lets the cluster read the DiskEncryptionSet before it exists", async () => {
      const plain = await aks.run(aks.MINIMAL);
      const keyed = await aks.run({ ...aks.MINIMAL, storage: { kmsKey } });
      const { gone, changed } = changes(plain, keyed);
      assert.deepEqual(gone, []);
      assert.deepEqual(withoutUsers(changed, ["ralph-disk-cmk"]), {
        "azure-native:authorization:RoleAssignment cluster-disk-key": {
          roleDefinitionId:
            "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba818ae",
          principalId: "principal",
          principalType: "ServicePrincipal",
          scope: kmsKey,
        },
        ...storageClass("ralph-disk-cmk", "disk.csi.azure.com", {
          skuName: "StandardSSD_LRS",
          diskEncryptionSetID: kmsKey,
        }),
      });
      const zoned = await aks.run({ ...aks.MINIMAL, zones: [1, 2, 3], storage: { kmsKey } });
      assert.equal(zoned.find(CLASS, "ralph-disk-cmk").inputs.parameters.skuName, "StandardSSD_ZRS");
    });

    it("mounts new shares by TLS if configured, by a class of their own", async () => {
      const { gone, changed } = changes(
        await aks.run(aks.MINIMAL),
        await aks.run({ ...aks.MINIMAL, storage: { encryptInTransit: true } }),
      );
      assert.deepEqual(gone, []);
      const name = "ralph-azurefile-nfs-tls";
      const parameters = { protocol: "nfs", skuName: "Premium_LRS", encryptInTransit: "true" };
      const { [`${CLASS} ${name}`]: plain } = storageClass(name, "file.csi.azure.com", parameters);
      assert.deepEqual(withoutUsers(changed, [name]), {
        [`${CLASS} ${name}`]: { ...plain, mountOptions: ["nconnect=4", "noresvport", "actimeo=30"] },
      });
    });

    it("warns that shares stay with Azure's key", () => {
      const warned = (storage: object) =>
        aksWarnings(aksSchema.parse({ ...aks.MINIMAL, storage })).filter((text) =>
          text.includes("Shared volumes"),
        );
      assert.deepEqual(warned({}), []);
      assert.deepEqual(warned({ kmsKey }), [
        "Shared volumes stay encrypted with Azure's key: the driver of Azure Files accepts no other. " +
          "ralph:cluster.storage.kmsKey applies to disks.",
      ]);
    });
  });
});
