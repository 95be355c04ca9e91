import type { Queryable } from '../../../platform/index.ts'
import { holdPublished } from '../../store/template-versions.ts'
import type { ValidRequest } from '../validate-requests.ts'

/**
 * Those of the drafts whose template is still the published one, which it stays until the transaction ends: nothing is prepared with a
 * template retired meanwhile. What is sealed anew keeps the version it was made with, whatever became of that.
 */
export async function holdTemplates<Draft extends { readonly valid: ValidRequest }>(
  tx: Queryable,
  drafts: readonly Draft[],
): Promise<{ held: Draft[]; stale: Draft[] }> {
  const versions = drafts.map(({ valid }) => valid.template.definition)
  const published = new Set((await holdPublished(tx, versions)).map(nameOf))
  const isHeld = ({ valid }: Draft) =>
    valid.replaced?.cause === 'reseal' || published.has(nameOf(valid.template.definition))
  return { held: drafts.filter(isHeld), stale: drafts.filter((draft) => !isHeld(draft)) }
}

const nameOf = ({ typeCode, templateVersion }: { typeCode: string; templateVersion: number }) =>
  `${typeCode} ${templateVersion}`
