/**
 * Makes the provider take back the object's fields that another manager has changed, such as kubectl. Without it, a
 * preview fails with a conflict where `pulumi up` does not, which takes over kubectl's fields first (`patchForce` and
 * `fixCSAFieldManagers` in pulumi-kubernetes, provider/pkg/await/await.go).
 */
export const OWNS_ITS_FIELDS = { "pulumi.com/patchForce": "true" } as const;
