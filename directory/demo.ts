import type { Department } from './department.ts'
import type { Role } from './permissions.ts'

/** A department of the made-up city with the stem of its accounts' names. */
export interface DemoDepartment extends Department {
  readonly stem: string
}

const YUNTING = '330199'
const at = (code: string, stem: string, zh: string, en: string): DemoDepartment => ({
  code,
  stem,
  name: { zh: `云汀市${zh}`, en: `Yunting ${en}` },
  areaCode: YUNTING,
  parentCode: null,
})

/** Five departments of a city that does not exist; their codes have valid check characters (GB 32100, GB 11714). */
export const demoDepartments: readonly DemoDepartment[] = [
  at('11330199MB3301255M', 'market', '市场监督管理局', 'Administration for Market Regulation'),
  at('11330199MB3301263G', 'housing', '住房和城乡建设局', 'Housing and Urban-Rural Development Bureau'),
  at('11330199MB3301271B', 'civil', '民政局', 'Civil Affairs Bureau'),
  at('11330199MB33012983', 'transport', '交通运输局', 'Transport Bureau'),
  at('11330199MB3301300N', 'land', '自然资源和规划局', 'Natural Resources and Planning Bureau'),
]

export interface DemoAccount {
  readonly username: string
  readonly name: string
  readonly password: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
}

/** One issuer and one viewer of each department. Their passwords are known to everyone, which is why production refuses them. */
export const demoAccountsOf = ({ stem, code, name }: DemoDepartment): readonly DemoAccount[] => [
  {
    username: `${stem}-issuer`,
    name: `${name.zh}制证员`,
    password: `demo-${stem}-issuer`,
    departmentCode: code,
    roles: ['issuer'],
  },
  {
    username: `${stem}-viewer`,
    name: `${name.zh}查阅员`,
    password: `demo-${stem}-viewer`,
    departmentCode: code,
    roles: ['viewer'],
  },
]
