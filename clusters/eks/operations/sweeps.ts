import { PROJECT } from "../../../lib/repository";
import type { CloudOperations } from "../../operations";
import { json, tagFilters } from "./aws";

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export const sweeps: CloudOperations<never>["sweeps"] = [
  {
    about: "everything with a tag",
    ask: json(
      { provider: {} },
      ...["resourcegroupstaggingapi", "get-resources", "--tag-filters", tagFilters({ project: PROJECT })],
    ),
    tagged: ({ ResourceTagMappingList }: { ResourceTagMappingList: readonly { Tags?: readonly Tag[] }[] }) =>
      ResourceTagMappingList.map(({ Tags = [] }) => ({
        tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
        place: {},
      })),
  },
];
