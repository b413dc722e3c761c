import { PROJECT } from "../../../lib/repository";
import type { CloudOperations } from "../../operations";

interface Group {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>> | null;
}

export const sweeps: CloudOperations<"resourceGroup">["sweeps"] = [
  {
    about: "resource groups",
    ask: ["az", "group", "list", "--tag", `project=${PROJECT}`, "--output", "json"],
    tagged: (answer: readonly Group[]) =>
      answer.map(({ name, tags }) => ({ tags: tags ?? {}, place: { where: { resourceGroup: name } } })),
  },
];
