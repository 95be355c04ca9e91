import type { Department } from './department.ts'
import { ROLE_NAMES, type Role } from './permissions.ts'

/** A department of the made-up city with the stem of its accounts' names. */
export interface DemoDepartment extends Department {
  readonly stem: string
}

const YUNTING = '330199'
const OFFICE = '11330199MB330101XG'

const at = (code: string, stem: string, zh: string, en: string, parentCode: string | null): DemoDepartment => ({
  code,
  stem,
  name: { zh: `云汀市${zh}`, en: `Yunting ${en}` },
  areaCode: YUNTING,
  parentCode,
})

/** Nine departments of a city that does not exist; their codes have valid check characters (GB 32100, GB 11714). */
export const demoDepartments: readonly DemoDepartment[] = [
  at('11330199MB3301255M', 'market', '市场监督管理局', 'Administration for Market Regulation', OFFICE),
  at('11330199MB3301263G', 'housing', '住房和城乡建设局', 'Housing and Urban-Rural Development Bureau', OFFICE),
  at('11330199MB3301271B', 'civil', '民政局', 'Civil Affairs Bureau', OFFICE),
  at('11330199MB33012983', 'transport', '交通运输局', 'Transport Bureau', OFFICE),
  at('11330199MB3301300N', 'land', '自然资源和规划局', 'Natural Resources and Planning Bureau', OFFICE),
  at('11330199MB3301319K', 'police', '公安局', 'Public Security Bureau', OFFICE),
  at('11330199MB3301327E', 'labour', '人力资源和社会保障局', 'Human Resources and Social Security Bureau', OFFICE),
  at('11330199MB33013359', 'health', '卫生健康委员会', 'Health Commission', OFFICE),
  at('11330199MB33013434', 'education', '教育局', 'Education Bureau', OFFICE),
]

/** Who stands above them: the city's office, and the centre that keeps its seals in order. Neither issues licences. */
export const demoOffices: readonly DemoDepartment[] = [
  at(OFFICE, 'city', '人民政府办公室', 'General Office of the Municipal Government', null),
  { ...at('11330199MB3301116Y', 'seals', '印章管理中心', 'Seal Administration Centre', OFFICE), actsForCode: OFFICE },
]

export interface DemoAccount {
  readonly username: string
  readonly name: string
  readonly password: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
}

/** The end of a demo account's name, and its role. */
const OF_DEPARTMENTS: Readonly<Record<string, Role>> = {
  issuer: 'issuer',
  'licence-reviewer': 'licence-reviewer',
  'catalogue-editor': 'catalogue-editor',
  'licence-user': 'licence-user',
  viewer: 'viewer',
  applicant: 'seal-applicant',
  keeper: 'seal-keeper',
  'seal-user': 'seal-user',
  'seal-approver': 'seal-approver',
}
const OF_OFFICES: Readonly<Record<string, Readonly<Record<string, Role>>>> = {
  city: { auditor: 'auditor', administrator: 'administrator' },
  seals: { reviewer: 'seal-reviewer', maker: 'seal-maker' },
}

/** One account of each role that the department has. Their passwords are known to everyone, which is why production refuses them. */
export const demoAccountsOf = ({ stem, code, name }: DemoDepartment): readonly DemoAccount[] =>
  Object.entries(OF_OFFICES[stem] ?? OF_DEPARTMENTS).map(([end, role]) => ({
    username: `${stem}-${end}`,
    name: `${name.zh}${ROLE_NAMES[role].zh}`,
    password: `demo-${stem}-${end}`,
    departmentCode: code,
    roles: [role],
  }))
