import { Refusal } from "../errors";
import { option } from "../vendor/words";
import { deleteCompletely, type Remove } from "./site";

const GROUP = "azure-native:resources:ResourceGroup";

/** `az group delete` and `az resource delete`: https://learn.microsoft.com/cli/azure/group#az-group-delete */
export const removeByAz: Remove = async (words, site) => {
  const command = words.slice(0, 2).join(" ");
  const name = option(words, "name");
  const id = option(words, "ids")?.toLowerCase();
  const found = site.world.resources.find(
    (each) =>
      each.plugin === "azure-native" &&
      (command === "group delete"
        ? each.token === GROUP && String(each.outputs.name).toLowerCase() === name?.toLowerCase()
        : each.token !== GROUP && each.id.toLowerCase() === id),
  );
  if (command === "group delete") {
    if (!words.includes("--yes"))
      throw new Refusal("Unable to prompt for confirmation as no tty available. Use --yes.");
    if (found === undefined)
      throw new Refusal(`(ResourceGroupNotFound) Resource group '${name}' could not be found.`);
  } else if (command === "resource delete") {
    if (found === undefined) throw new Refusal(`(ResourceNotFound) The Resource '${id}' was not found.`);
  } else throw new Refusal(`az: '${command}' is misspelled or not recognized by the system.`);
  await deleteCompletely(site, found);
};
