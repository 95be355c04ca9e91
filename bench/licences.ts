// Business licences that differ as real ones do: made-up names, addresses and scopes of common characters, the same on every run.
import {
  canonicalJson,
  dataDigest,
  formatIdentifier,
  type LicenceData,
  toStatementClaims,
} from '../licence-format/index.ts'
import { type CompiledTemplate, exampleInput, formatLicenceNumber, validateLicenceData } from '../templates/index.ts'

const CITIES = '汉中安康宝鸡咸阳渭南铜川延安榆林商洛韩城兴平华阴神木彬州'.match(/../gu) as string[]
const WORDS = '青梧凤栖远航启明瑞丰恒泰博雅天成锦绣鸿图嘉禾云帆景行立新'.match(/../gu) as string[]
const TRADES =
  '软件开发、医疗器械销售、光伏发电设备租赁、会议及展览服务、货物进出口、食品销售、家具安装和维修服务、园林绿化工程施工、物业管理、农产品初加工、体育用品批发、机动车修理和维护、图书出租、摄影扩印服务、宠物饲养、母婴用品销售'.split(
    '、',
  )

/** A repeatable stream of numbers below 2^31 (Lehmer). */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed * 48271 + 1; ; ) yield (x = (x * 48271) % 2147483647)
}

export interface BenchLicence {
  readonly data: LicenceData
  readonly licenceJson: Uint8Array
  readonly dataDigest: Uint8Array
  readonly claims: ReturnType<typeof toStatementClaims>
  readonly input: object
}

/** The input of the n-th licence, as a person would enter it. */
export function benchInput(compiled: CompiledTemplate, n: number): object {
  const random = numbers(n + 7)
  const pick = (list: readonly string[]) => list[random.next().value % list.length] as string
  return {
    ...exampleInput(compiled.definition),
    name: `${pick(CITIES)}${pick(WORDS)}${pick(WORDS)}${pick(WORDS)}有限责任公司`,
    address: `陕西省${pick(CITIES)}市${pick(WORDS)}区${pick(WORDS)}路${random.next().value % 900}号`,
    scope: `一般项目：${Array.from({ length: 5 }, () => pick(TRADES)).join('；')}。`,
  }
}

/** The n-th licence with everything that rendering and stating need. */
export function benchLicence(compiled: CompiledTemplate, n: number, issuedAt: Date): BenchLicence {
  const { definition } = compiled
  const input = benchInput(compiled, n)
  const checked = validateLicenceData(compiled, input, { today: '2026-11-21' })
  if (!checked.ok) throw new Error(`the bench's own data are refused: ${JSON.stringify(checked.faults)}`)
  const { fields, holders, issuedOn, validFrom, validUntil } = checked.value
  const issuer = { code: '11330199MB3301255M', name: '云汀市市场监督管理局' }
  const data: LicenceData = {
    schema: 'zhengyin-licence-1',
    salt: Buffer.alloc(16, n % 256).toString('base64url'),
    identifier: formatIdentifier({
      typeCode: definition.typeCode,
      issuerCode: issuer.code,
      serial: `BENCH${String(n).padStart(15, '0')}`,
      version: 1,
    }),
    typeCode: definition.typeCode,
    typeName: definition.name.zh,
    templateVersion: definition.templateVersion,
    number: formatLicenceNumber(definition, { areaCode: '330199', issuedOn, sequence: n + 1 }),
    issuer,
    holders,
    issuedOn,
    validFrom,
    validUntil,
    fields,
    replaces: null,
  }
  const licenceJson = canonicalJson(data as never)
  const digest = dataDigest(licenceJson)
  return {
    data,
    licenceJson,
    dataDigest: digest,
    claims: toStatementClaims(data, { dataDigest: digest, statusList: 0, statusPlace: n, issuedAt }),
    input,
  }
}
