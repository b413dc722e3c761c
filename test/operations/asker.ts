/** Asks for confirmation as `destroy` does and prints the result, for the test that answers at a terminal. */
import { Command } from "commander";

import { confirmed } from "../../operations/confirm";
import { main } from "../../cli/main";

const plan = { stack: "pr-1", resources: 3, unmanaged: [] };
void main(new Command().action(async () => console.log(`confirmed: ${await confirmed(plan, false)}`)));
