import { CLOUD_CLASSES } from "../../../stub-clouds/storage-classes";
import { kubectlWith } from "./kubectl";

export const bringCloudClasses = (): Promise<string> => kubectlWith(CLOUD_CLASSES, "apply");

export const takeCloudClassesAway = (): Promise<string> =>
  kubectlWith(CLOUD_CLASSES, "delete", "--ignore-not-found");
