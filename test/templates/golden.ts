// Where golden pages lie and what they are called.
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'
import type { LicenceDefinition } from '../../templates/index.ts'

export const goldenPages = join(packageRoot, 'test/golden/pages')
export const goldenDpi = 60

export function goldenName(definition: LicenceDefinition, page: number): string {
  return `${definition.name.en.toLowerCase().replaceAll(' ', '-')}-${page + 1}.png`
}
