// What the first start makes so that every page has something to show: departments with their types and seals, and some licences.
import { type DemoDepartment, demoDepartments } from '../directory/index.ts'
import type { Principal } from '../platform/index.ts'
import { exampleInput, type LicenceDefinition, listTemplates } from '../templates/index.ts'
import type { House } from './wire.ts'

/** Names of the types that each department of the demonstration city issues, by the stem of its accounts' names. */
const typesOfDepartment: Readonly<Record<string, readonly string[]>> = {
  market: ['营业执照', '食品经营许可证'],
  housing: ['建筑工程施工许可证'],
  civil: ['结婚证', '民办非企业单位登记证书'],
  transport: ['道路运输经营许可证'],
  land: ['不动产权证书', '不动产登记证明'],
  police: ['机动车驾驶证', '居住证'],
  labour: ['社会保障卡', '就业创业证'],
  health: ['出生医学证明', '医疗机构执业许可证', '老年优待证'],
  education: ['教师资格证书'],
}

const definitionsOf = ({ stem }: DemoDepartment): LicenceDefinition[] =>
  listTemplates().filter(({ name }) => typesOfDepartment[stem]?.includes(name.zh))

/** The department of the demonstration that issues a type. Throws TypeError for a type that none issues. */
export function demoIssuerOf(typeCode: string): DemoDepartment {
  const department = demoDepartments.find((candidate) =>
    definitionsOf(candidate).some((definition) => definition.typeCode === typeCode),
  )
  if (!department) throw new TypeError(`no department of the demonstration issues ${typeCode}`)
  return department
}

/** Who acts for a department without a person or machine having asked. */
export const systemCaller = (departmentCode: string): Principal => ({
  id: 'system:demonstration',
  name: 'Demonstration',
  kind: 'system',
  departmentCode,
  roles: ['issuer'],
})

/** Makes departments, seals, statement keys and permissions to issue. A repeat changes nothing. */
export async function makeDemonstration(house: House): Promise<void> {
  await house.directory.makeDemoDepartments()
  const departments = demoDepartments.map((department) => ({
    code: department.code,
    name: department.name.zh,
    typeCodes: definitionsOf(department).map(({ typeCode }) => typeCode),
  }))
  const seals = await house.seals.makeDemoSeals(departments)
  const assignments = departments.flatMap(({ code, typeCodes }) =>
    seals
      .filter(({ departmentCode }) => departmentCode === code)
      .flatMap(({ id }) => typeCodes.map((typeCode) => ({ typeCode, departmentCode: code, sealId: id }))),
  )
  const [first] = demoDepartments
  if (first) await house.licences.assignTypes(systemCaller(first.code), assignments)
}

export interface MintedExample {
  readonly definition: LicenceDefinition
  readonly identifier: string
  readonly caller: Principal
}

/** One licence of every type for the made-up holders of the definitions; a repeat mints nothing new. */
export async function mintExamples(house: House, level?: string): Promise<MintedExample[]> {
  const minted: MintedExample[] = []
  for (const definition of listTemplates()) {
    const { typeCode } = definition
    const caller = systemCaller(demoIssuerOf(typeCode).code)
    const request = { key: `demonstration-${typeCode}`, typeCode, data: exampleInput(definition), level }
    const [outcome] = await house.licences.issueLicences(caller, [request])
    if (!outcome?.ok) throw outcome?.error
    minted.push({ definition, identifier: outcome.licence.identifier, caller })
  }
  return minted
}
