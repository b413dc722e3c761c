/**
 * Proves what test/engine/cloud-faults.test.ts proves, with a fault of every kind on every cloud, at other calls each night.
 */
import { faultsOf, SUBJECTS } from "../engine/clouds/faults";
import { SEED } from "./seed";

for (const subject of SUBJECTS) faultsOf(subject, SEED);
