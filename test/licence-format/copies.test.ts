import { decode, encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import {
  type CopyFacts,
  canonicalJson,
  copyFault,
  encodeStatement,
  type LicenceData,
  licenceXmp,
  parseLicenceData,
  parseStatement,
  STATEMENT_BUDGET,
  toStatementClaims,
} from '../../licence-format/index.ts'
import { CLAIMS, codeOf, ecKey, LICENCE } from './sample.ts'
import { parseXml } from './xml.ts'

const COPY: CopyFacts = {
  copyId: 'AAECAwQFBgcICQoLDA0ODw',
  cause: '办理食品经营许可 & <其他>',
  recipient: '云汀市民政局',
  creator: '云汀市市场监督管理局',
  createdAt: '2026-11-21T16:00:00+08:00',
  expiresAt: '2026-12-21T16:00:00+08:00',
}
const data: LicenceData = { ...LICENCE, schema: 'zhengyin-copy-1', copy: COPY }
const writer = { key: ecKey(), certificate: new Uint8Array(64), baseUrl: 'https://licence.example.gov.cn' }
const facts = {
  dataDigest: new Uint8Array(32),
  statusList: 1,
  statusPlace: 2,
  issuedAt: new Date('2026-11-21T08:00:00Z'),
}

describe('licence.json of a copy', () => {
  it('is read back with its facts', () => {
    expect(parseLicenceData(canonicalJson(data)).copy).toEqual(COPY)
  })

  it.each<[string, object]>([
    ['no facts', { schema: 'zhengyin-copy-1', copy: undefined }],
    ['facts under the schema of an original', { schema: 'zhengyin-licence-1' }],
    ['an end before its beginning', { copy: { ...COPY, expiresAt: '2026-11-21T15:59:59+08:00' } }],
    ['an instant of another zone', { copy: { ...COPY, createdAt: '2026-11-21T08:00:00Z' } }],
    ['a day that is not there', { copy: { ...COPY, expiresAt: '2026-12-32T16:00:00+08:00' } }],
    ['a purpose that turns direction', { copy: { ...COPY, cause: '办理\u202e可许' } }],
    ['an empty purpose', { copy: { ...COPY, cause: '' } }],
    ['an identifier of 15 octets', { copy: { ...COPY, copyId: 'AAECAwQFBgcICQoLDA0O' } }],
    ['a fact too many', { copy: { ...COPY, more: '1' } }],
    ['a fact too few', { copy: { ...COPY, recipient: undefined } }],
  ])('refuses %s', (_, change) => {
    const plain = JSON.parse(JSON.stringify({ ...data, ...change })) as object
    expect(codeOf(() => parseLicenceData(canonicalJson(plain)))).toBe('LICENCE_DATA_SHAPE')
  })

  it('names the fact that is none', () => {
    expect(copyFault(COPY)).toBeNull()
    expect(copyFault({ ...COPY, recipient: '局'.repeat(101) })).toBe('recipient')
  })
})

describe('the statement of a copy', () => {
  it('carries identifier and end under key 9, in 24 octets, and gives them back', async () => {
    const claims = toStatementClaims(data, facts)
    const statement = parseStatement(await encodeStatement(claims, writer))
    expect(statement.claims).toEqual(claims)
    const map = decode(statement.message.payload, { useMaps: true }) as Map<number, unknown>
    expect(map.get(9)).toEqual([Uint8Array.from({ length: 16 }, (_, i) => i), Date.parse(COPY.expiresAt) / 1000])
    const without = parseStatement(await encodeStatement(toStatementClaims(LICENCE, facts), writer))
    expect(statement.message.payload.length - without.message.payload.length).toBe(24)
    expect(new Uint8Array(encode(map))).toEqual(new Uint8Array(statement.message.payload))
  })

  it('keeps the budget by shortening the holder alone', async () => {
    const copy = { copyId: COPY.copyId, expiresAt: new Date(COPY.expiresAt) }
    const long = { ...CLAIMS, holder: '某'.repeat(400), copy }
    const text = await encodeStatement(long, writer)
    expect(text.length).toBeLessThanOrEqual(STATEMENT_BUDGET)
    expect(parseStatement(text).claims).toMatchObject({ number: long.number, copy })
  })

  it.each([
    ['short of octets', { copyId: 'AAEC', expiresAt: new Date(COPY.expiresAt) }],
    ['that ends as it is made', { copyId: COPY.copyId, expiresAt: facts.issuedAt }],
  ])('refuses a copy %s', async (_, copy) => {
    const claims = { ...toStatementClaims(LICENCE, facts), copy }
    await expect(encodeStatement(claims, writer)).rejects.toMatchObject({ code: 'STATEMENT_CLAIM_INVALID' })
  })
})

describe('XMP of a copy', () => {
  const xmp = (licence: LicenceData) =>
    parseXml(new TextDecoder().decode(licenceXmp(licence, { createdAt: new Date(), producer: 'Zhengyin' })))

  it('has the four values of GB/T 36903, each described in the extension schema', () => {
    const tree = xmp(data)
    expect(tree.text('zz:JZJZZSJ')).toEqual(['20261121160000'])
    expect(tree.text('zz:JZJZZZ')).toEqual([COPY.creator])
    expect(tree.text('zz:JZJZZSY')).toEqual(['办理食品经营许可 &amp; &lt;其他&gt;'])
    expect(tree.text('zz:JZJYXQJZSJ')).toEqual(['20261221160000'])
    const used = tree.names.filter((name) => name.startsWith('zz:')).map((name) => name.slice(3))
    expect(tree.text('pdfaProperty:name')).toEqual(expect.arrayContaining(used))
  })

  it('is as before for an original, which has none of them', () => {
    const tree = xmp(LICENCE)
    expect([...tree.names, ...tree.text('pdfaProperty:name')].filter((name) => name.includes('JZJ'))).toEqual([])
  })
})
