/** The front door: what `./ralphctl` starts. */
import { main } from "./main";
import { createProgram } from "./program";

const { program, afterInterrupt } = createProgram();
void main(program, () => afterInterrupt(process.argv[2] ?? ""));
