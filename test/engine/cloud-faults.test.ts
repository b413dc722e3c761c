/**
 * Proves for each cloud, on the real engine and a real API server with a stub of the cloud: wherever the cloud refuses, is
 * busy or the login expires, during `up` or `destroy`, the run reports it and the next one completes, with everything created
 * exactly once and, at the end, nothing left in the cloud or on the API server. A new cluster is planned with a new
 * Kubernetes provider and new objects, and a smaller change is not (only planned: the engine needs more than one command to
 * carry it out). The state has no credential of a cluster, only the name of the program that gets one.
 *
 * Each cloud has a fault of another kind; every night has all of them (test/nightly). stub-clouds describes each fault.
 */
import { faultsOf, SUBJECTS } from "./clouds/faults";

SUBJECTS.forEach((subject, index) => faultsOf(subject, 1, (part) => part === index));
