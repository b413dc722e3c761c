import { CLOUD_CLASSES } from "../../../stub-clouds/storage-classes";
import { kubectlWith } from "./kubectl";

export const createCloudClasses = (): Promise<string> => kubectlWith(CLOUD_CLASSES, "apply");

export const deleteCloudClasses = (): Promise<string> =>
  kubectlWith(CLOUD_CLASSES, "delete", "--ignore-not-found");
