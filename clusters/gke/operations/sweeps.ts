import { PROJECT } from "../../../lib/repository";
import type { CloudOperations } from "../../operations";

interface Item {
  readonly name: string;
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resourceLabels?: Readonly<Record<string, string>>;
}

const list = (field: string, ...words: readonly string[]) => [
  "gcloud",
  ...words,
  "list",
  `--filter=${field}.project=${PROJECT}`,
  "--format=json",
];

export const sweeps: CloudOperations<"location">["sweeps"] = [
  {
    about: "clusters",
    ask: list("resourceLabels", "container", "clusters"),
    tagged: (answer: readonly Item[]) =>
      answer.map(({ name, location, resourceLabels = {} }) => ({
        tags: resourceLabels,
        place: { cluster: name, where: { location } },
      })),
  },
  {
    about: "image repositories",
    ask: list("labels", "artifacts", "repositories"),
    tagged: (answer: readonly Item[]) =>
      answer.map(({ name, labels = {} }) => ({
        tags: labels,
        // projects/<project>/locations/<region>/repositories/<name of the cluster>
        place: { cluster: name.split("/").at(-1) },
      })),
  },
  {
    about: "file shares",
    ask: list("labels", "filestore", "instances"),
    tagged: (answer: readonly Item[]) => answer.map(({ labels = {} }) => ({ tags: labels, place: {} })),
  },
];
