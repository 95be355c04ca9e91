// Rows of a made-up register of road transport licences, as a department exports them.
import { type CellValue, writeXlsxStream } from 'hucre'
import { creditCodeCheckCharacter } from '../../licence-format/index.ts'

export const transportLicence = '11100000000013400N301'
export const transportHeader = ['业户名称', '统一社会信用代码', '地址', '经济性质', '经营范围', '有效期自', '有效期至']

/** A company that nobody else is: from 0 to 99,999,999. */
export function creditCodeOf(number: number): string {
  const start = `91330199${String(number).padStart(9, '0')}`
  return start + creditCodeCheckCharacter(start)
}

/** The nth row, every one another company. */
export const transportRow = (number: number): string[] => [
  `云汀市通途物流第${number}有限公司`,
  creditCodeOf(number),
  `云汀市港口区疏港大道 ${1 + (number % 900)} 号物流园 B 座 ${100 + (number % 400)} 室`,
  ['有限责任公司', '股份有限公司', '国有企业', '个体工商户'][number % 4]!,
  ['道路普通货物运输', '货物专用运输（集装箱）', '道路普通货物运输；货物专用运输（冷藏保鲜设备）'][number % 3]!,
  '2026-11-01',
  `${2028 + (number % 5)}-10-31`,
]

/** The same by the names of the type's fields. */
export function transportData(number: number): Record<string, unknown> {
  const [operator, creditCode, address, , scope, validFrom, validUntil] = transportRow(number)
  return { operator, creditCode, address, nature: 'limited', scope, validFrom, validUntil }
}

export const toCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')

/** An XLSX file; `shared` keeps texts as Excel does. */
export async function toXlsx(
  rows: Iterable<readonly CellValue[]> | AsyncIterable<readonly CellValue[]>,
  { shared = true }: { shared?: boolean } = {},
): Promise<Uint8Array> {
  async function* copies(): AsyncGenerator<CellValue[]> {
    for await (const row of rows) yield [...row]
  }
  const stream = writeXlsxStream(copies(), { name: 'Sheet1', inlineStrings: !shared })
  return new Uint8Array(await new Response(stream as ConstructorParameters<typeof Response>[0]).arrayBuffer())
}
