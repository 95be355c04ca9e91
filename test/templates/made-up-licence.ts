// A licence of each type for tests: the definition's own made-up holder, everything else fixed.
import { canonicalJson, dataDigest, type LicenceData } from '../../licence-format/index.ts'
import {
  type CompiledTemplate,
  exampleInput,
  formatLicenceNumber,
  type LicenceInput,
  type RenderInput,
  validateLicenceData,
} from '../../templates/index.ts'

export const today = '2026-11-21'
export const issuer = { code: '11330199MB3301255M', name: '云汀市示范登记管理局' }
/** As long as a statement with a 40-character host may be (version 14). */
export const statementText = `HTTPS://ZHENGYIN.EXAMPLE/Q/${'2KBACQ5PXZ7MNABCDEFGHIJKLMNOPQRSTUVWXYZ23456'.repeat(12).slice(0, 473)}`

/** What `renderLicence` takes for the example's data, or others, some of them changed. */
export function madeUpLicence(
  compiled: CompiledTemplate,
  changes: Record<string, unknown> = {},
  base: LicenceInput = exampleInput(compiled.definition),
): RenderInput {
  const { definition } = compiled
  const result = validateLicenceData(compiled, { ...base, ...changes }, { today })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  const { pictures, ...entered } = result.value
  const data: LicenceData = {
    schema: 'zhengyin-licence-1',
    salt: 'AAAAAAAAAAAAAAAAAAAAAA',
    identifier: `1.2.156.3005.2.${definition.typeCode}.${issuer.code}.0123456789ABCDEFGHIJ.001.X`,
    typeCode: definition.typeCode,
    typeName: definition.name.zh,
    templateVersion: definition.templateVersion,
    number: formatLicenceNumber(definition, { areaCode: '330199', issuedOn: entered.issuedOn, sequence: 42 }),
    issuer,
    ...entered,
    replaces: null,
  }
  const licenceJson = canonicalJson(data as never)
  return {
    data,
    licenceJson,
    dataDigest: dataDigest(licenceJson),
    statementText,
    pictures,
    createdAt: new Date('2026-11-21T02:00:00Z'),
  }
}
