// What the first start makes so that every page has something to show: departments with their types, seals and accounts, and some licences.
import type { Department } from '../directory/index.ts'
import { demoDepartments } from '../directory/index.ts'
import type { Principal } from '../platform/index.ts'
import { exampleInput, listTemplates } from '../templates/index.ts'
import type { House } from './wire.ts'

/** Which department of the demonstration city issues which types, by the area of administration that a definition names. */
const typesOfDepartment: Readonly<Record<string, readonly string[]>> = {
  云汀市市场监督管理局: ['business-licence', 'food-operation-permit'],
  云汀市住房和城乡建设局: ['construction-permit'],
  云汀市民政局: ['marriage-certificate'],
  云汀市交通运输局: ['road-transport-permit'],
  云汀市自然资源和规划局: ['real-estate-certificate'],
}

const typeCodesOf = (department: Department) => {
  const names = typesOfDepartment[department.name.zh] ?? []
  return listTemplates().filter((definition) => names.includes(definition.name)).map((definition) => definition.typeCode)
}

/** Who acts for a department while the demonstration is made. */
const demonstrator = (departmentCode: string): Principal => ({
  id: 'system:demonstration',
  name: 'Demonstration',
  kind: 'system',
  departmentCode,
  roles: ['issuer'],
})

/** Makes departments, seals, statement keys and permissions to issue. A repeat changes nothing. */
export async function makeDemonstration(house: House): Promise<void> {
  await house.directory.makeDemoDepartments()
  const departments = demoDepartments.map((department) => ({ ...department, typeCodes: typeCodesOf(department) }))
  const seals = await house.seals.makeDemoSeals(departments.map(({ code, name, typeCodes }) => ({ code, name: name.zh, typeCodes })))
  await house.licences.assignTypes(
    demonstrator(departments[0]?.code as string),
    departments.flatMap(({ code, typeCodes }) => {
      const seal = seals.find(({ departmentCode }) => departmentCode === code)
      return seal ? typeCodes.map((typeCode) => ({ typeCode, departmentCode: code, sealId: seal.id })) : []
    }),
  )
}

/** The licence that a definition's example gives, minted once; answers its identifier. */
export async function mintExample(house: House, typeCode: string): Promise<string> {
  const department = demoDepartments.find((candidate) => typeCodesOf(candidate).includes(typeCode))
  const definition = listTemplates().find((candidate) => candidate.typeCode === typeCode)
  if (!department || !definition) throw new TypeError(`no department of the demonstration issues ${typeCode}`)
  const [outcome] = await house.licences.issueLicences(demonstrator(department.code), [
    { key: `demonstration-${typeCode}`, typeCode, data: exampleInput(definition) },
  ])
  if (!outcome?.ok) throw outcome?.error
  return outcome.licence.identifier
}

/** One licence of every type for the made-up holders; a repeat changes nothing. */
export async function mintExamples(house: House): Promise<{ typeCode: string; identifier: string; department: Principal }[]> {
  const minted = []
  for (const { typeCode } of listTemplates()) {
    const identifier = await mintExample(house, typeCode)
    const department = demoDepartments.find((candidate) => typeCodesOf(candidate).includes(typeCode)) as Department
    minted.push({ typeCode, identifier, department: demonstrator(department.code) })
  }
  return minted
}
