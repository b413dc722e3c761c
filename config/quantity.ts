const SUFFIX: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  ...Object.fromEntries(["k", "M", "G", "T", "P", "E"].map((unit, i) => [unit, 1000 ** (i + 1)])),
  ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((unit, i) => [unit, 1024 ** (i + 1)])),
};
const QUANTITY = /^(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|([a-zA-Z]{0,2}))$/;

/**
 * A Kubernetes quantity (`500m`, `2Gi`, `1e3`) in its base unit, cores or bytes; undefined if the text is not a
 * quantity. Signs are refused, because no request, limit or size is negative.
 */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent, suffix] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const scale = exponent === undefined ? SUFFIX[suffix ?? ""] : Number(`1${exponent}`);
  return scale === undefined ? undefined : Number(digits) * scale;
}
