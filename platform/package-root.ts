import { dirname, join } from 'node:path'

/** The folder of package.json: assets are found from here, so that no path counts its way up. */
export const packageRoot: string = dirname(import.meta.dirname)

/** A path inside the package, e.g. `packagePath('web', 'dist')`. */
export function packagePath(...parts: string[]): string {
  return join(packageRoot, ...parts)
}
