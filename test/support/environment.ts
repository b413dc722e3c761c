/**
 * Notes the environment of this process; what is returned puts it back. Key by key: an object in the place of
 * `process.env` would leave the real one, which the home folder is read from, as it is.
 */
export function environment(): () => void {
  const saved = { ...process.env };
  return () => {
    for (const name of Object.keys(process.env))
      if (!(name in saved)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, saved);
  };
}
