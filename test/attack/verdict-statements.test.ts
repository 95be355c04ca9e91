import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import {
  encodeStatementSync,
  formatIdentifier,
  parseIdentifier,
  parseStatement,
  type TrustedEntity,
} from '../../licence-format/index.ts'
import { type StatementVerification, type Verdict, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { run } from '../support/tools.ts'
import {
  claimsOf,
  crls,
  evidence,
  fromNow,
  HOST,
  IDENTIFIER,
  LIST_ADDRESS,
  licence,
  MARKET,
  NOW,
  OTHER_TYPE,
  pki,
  policy,
  sealedLicence,
  statementText,
  statusList,
  trustList,
  withEntity,
} from '../verifier/world.ts'

// QR texts as somebody might show them, judged by the library and by `zhengyin verify-qr`, which must say the same.

const genuine = statementText()
const path = `HTTPS://${HOST.toUpperCase()}/Q/`
const foreign = await createTestPki({
  root: {},
  ca: { under: 'root' },
  statement: { under: 'ca', profile: 'statement' },
})

const other = licence({
  salt: 'AQECAwQFBgcICQoLDA0ODw',
  number: '91330199MA2BYYYY1Y',
  identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), serial: 'ZYXWVUTSRQPONMLKJIHG' }),
})
const withCode = (change: { typeCode?: string; issuerCode?: string }) =>
  claimsOf(licence(), { identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), ...change }) })
const forgedAt = (at: number) => genuine.slice(0, at) + (genuine[at] === 'A' ? 'B' : 'A') + genuine.slice(at + 1)
const byForeignKey = encodeStatementSync(claimsOf(licence()), {
  key: foreign.get('statement').key,
  certificate: pki.get('statement').certificate,
  baseUrl: `https://${HOST}`,
})

const statementStates = (...added: TrustedEntity['services'][number]['states']) =>
  withEntity(MARKET, (entity) => ({
    ...entity,
    services: entity.services.map((service) =>
      service.kind === 'statement' ? { ...service, states: [...service.states, ...added] } : service,
    ),
  }))

interface Given {
  readonly entities?: TrustedEntity[]
  readonly status?: number
  readonly listIssuedAt?: Date
}
interface Case {
  readonly what: string
  readonly text: string
  readonly verdict: Verdict
  readonly code: string
  readonly given?: Given
}

const refused = (what: string, text: string, code: string, given?: Given): Case => ({
  what,
  text,
  verdict: 'refused',
  code,
  ...(given ? { given } : {}),
})

const cases: readonly Case[] = [
  refused('a signature value that is wrong', forgedAt(genuine.length - 20), 'STATEMENT_FORGED'),
  refused('the genuine key named, another key used', byForeignKey, 'STATEMENT_FORGED'),
  refused('cut short', genuine.slice(0, genuine.length - 40), 'STATEMENT_TRUNCATED'),
  refused('a key that nobody lists', statementText(undefined, 'statementUnlisted'), 'STATEMENT_KEY_UNKNOWN'),
  refused(
    'the key of another department',
    statementText(undefined, 'statementOfLand'),
    'STATEMENT_KEY_OF_OTHER_DEPARTMENT',
  ),
  refused('a key whose certificate had ended', statementText(undefined, 'statementEnded'), 'STATEMENT_KEY_EXPIRED'),
  refused('a key that was retired before', genuine, 'STATEMENT_KEY_EXPIRED', {
    entities: statementStates({ state: 'retired', since: fromNow(-7_200_000) }),
  }),
  refused(
    'a time before the key was in use',
    statementText(claimsOf(licence(), { issuedAt: new Date('2026-01-01T00:00:00Z') })),
    'STATEMENT_KEY_NOT_YET',
  ),
  refused(
    'a time yet to come',
    statementText(claimsOf(licence(), { issuedAt: fromNow(600_000) })),
    'STATEMENT_FROM_LATER',
  ),
  refused('a type of another department', statementText(withCode({ typeCode: OTHER_TYPE })), 'ISSUER_NOT_ENTITLED'),
  refused(
    'an issuer that nobody knows',
    statementText(withCode({ issuerCode: '11330100002490009X' })),
    'ISSUER_UNKNOWN',
  ),
  refused(
    'a host that looks alike',
    statementText(undefined, 'statement', 'licence.examp1e.gov.cn'),
    'STATEMENT_HOST_LOOK_ALIKE',
  ),
  refused('a host in look-alike letters', genuine.replace('LICENCE', 'LIСENСE'), 'STATEMENT_LOOK_ALIKE'),
  refused('a link to somewhere else', 'https://example.com/pay', 'STATEMENT_NOT_OURS'),
  refused('our address with nonsense behind it', `${path}AAAA`, 'STATEMENT_ALTERED'),
  refused('something added at the end', `${genuine}AAAA`, 'STATEMENT_ALTERED'),
  refused('a pending place', genuine, 'STATUS_PENDING', { status: 0xc }),
  refused('a revoked place', genuine, 'STATUS_NOT_IN_FORCE', { status: 1 }),
  refused('a superseded place', genuine, 'STATUS_SUPERSEDED', { status: 3 }),
  {
    what: 'a compromised key, offline',
    text: genuine,
    verdict: 'undecided',
    code: 'STATEMENT_KEY_COMPROMISED',
    given: { entities: statementStates({ state: 'compromised', since: fromNow(-60_000) }) },
  },
  {
    what: 'a status list older than the licence',
    text: genuine,
    verdict: 'undecided',
    code: 'STATUS_LIST_OLDER',
    given: { listIssuedAt: fromNow(-7_200_000) },
  },
]

const listsOf = async ({ entities, status, listIssuedAt }: Given = {}) => ({
  trustList: await trustList(entities ? { entities } : {}),
  statusLists: new Map([
    [
      LIST_ADDRESS,
      await statusList({ ...(status ? { value: status } : {}), ...(listIssuedAt ? { issuedAt: listIssuedAt } : {}) }),
    ],
  ]),
})
const verify = async (text: string, given?: Given): Promise<StatementVerification> =>
  verifyStatementText(text, await evidence(await listsOf(given)), policy, NOW)

const deciding = ({ findings }: StatementVerification) =>
  findings.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')

describe('a QR text', () => {
  for (const { what, text, verdict, code, given } of cases) {
    it(`with ${what} is ${verdict} in its own words (${code})`, async () => {
      const report = await verify(text, given)
      expect(report.verdict).toBe(verdict)
      const [first] = deciding(report)
      expect(deciding(report).map((finding) => finding.code)).toContain(code)
      expect(report.explanation.sentence).toEqual(first!.message)
      expect(report.reason).toBe(first!.message.en)
    })
  }

  it('is refused for as many reasons as there are codes, no two told alike', async () => {
    const sentences = new Map<string, string>()
    for (const { text, code, given } of cases) {
      const found = deciding(await verify(text, given)).find((finding) => finding.code === code)!
      for (const sentence of [found.message.zh, found.message.en]) {
        expect(sentences.get(sentence) ?? code).toBe(code)
        sentences.set(sentence, code)
      }
    }
    expect(new Set(sentences.values()).size).toBe(new Set(cases.map(({ code }) => code)).size)
  })

  it('says nothing of holder or licence where it was not signed by whom it says', async () => {
    for (const { text, code } of cases) {
      if (!/FORGED|UNKNOWN|TRUNCATED|NOT_OURS|ALTERED|STATEMENT_LOOK_ALIKE/.test(code) || code === 'ISSUER_UNKNOWN')
        continue
      expect(await verify(text)).toMatchObject({ identifier: null, statement: null, licence: null })
    }
  })

  it('changed in any one character is refused', async () => {
    for (let at = path.length; at < genuine.length; at++)
      expect((await verify(forgedAt(at))).verdict, `character ${at}`).toBe('refused')
  })

  it('in lower case or mixed case is the same statement', async () => {
    for (const text of [genuine.toLowerCase(), genuine.replace('HTTPS', 'https')]) {
      expect(await verify(text)).toMatchObject({ verdict: 'accepted', identifier: IDENTIFIER })
    }
  })

  it('put on another document is refused there, and on its own tells whose licence it is', async () => {
    const replayed = await sealedLicence({ data: licence(), statement: statementText(claimsOf(other)) })
    const document = await verifyDocument({ name: 'a.pdf', bytes: replayed }, await evidence(), policy, NOW)
    expect(document.verdict).toBe('refused')
    expect(document.findings.map(({ code }) => code)).toContain('STATEMENT_OF_OTHER_LICENCE')
    const alone = await verify(statementText(claimsOf(other)))
    expect(alone).toMatchObject({
      verdict: 'accepted',
      identifier: other.identifier,
      statement: { number: other.number },
    })
  })

  it('carries under its signature everything it is judged by, but for the address', () => {
    const glued = genuine.replace(HOST.toUpperCase(), 'EVIL.EXAMPLE')
    expect(parseStatement(glued).claims).toEqual(parseStatement(genuine).claims)
  })
})

/** Each list is signed anew, so its octets differ. */
const withoutDigests = ({ lists, ...report }: StatementVerification) => ({
  ...report,
  lists: lists.map(({ digest, ...list }) => list),
})

describe('zhengyin verify-qr', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-trust-'))
  const groups = new Map<Given | undefined, Case[]>()
  for (const one of cases) groups.set(one.given, [...(groups.get(one.given) ?? []), one])
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const ask = async (texts: readonly string[], given?: Given, json = true) => {
    const { trustList, statusLists } = await listsOf(given)
    await writeTrustFolder(folder, { anchors: policy.trustAnchors, crls, trustList, statusLists })
    const options = ['--offline', '--trust', folder, '--at', NOW.toISOString(), ...(json ? ['--json'] : [])]
    const { status, stdout } = run(process.execPath, ['bin/zhengyin.ts', 'verify-qr', ...options, ...texts])
    return { status, lines: stdout.trim().split('\n') }
  }
  const sameTrust = groups.get(undefined)!

  it('answers each text on a line of its own as the library does, and ends with 1', async () => {
    const { status, lines } = await ask(sameTrust.map(({ text }) => text))
    expect(status).toBe(1)
    const reports = lines.map((line) => JSON.parse(line) as StatementVerification)
    for (const [n, { text }] of sameTrust.entries())
      expect(withoutDigests(reports[n]!)).toEqual(withoutDigests(JSON.parse(JSON.stringify(await verify(text)))))
  })

  it.each([...groups].flatMap(([given, [one]]) => (given && one ? [one] : [])))(
    'says of $what: $verdict ($code)',
    async ({ text, verdict, code, given }) => {
      const { status, lines } = await ask([text], given)
      const report = JSON.parse(lines[0]!) as StatementVerification
      expect(report.verdict).toBe(verdict)
      expect(deciding(report).map((finding) => finding.code)).toContain(code)
      expect(status).toBe(1)
    },
  )

  it('ends with 0 for genuine statements, and tells word and sentence to people', async () => {
    const { status, lines } = await ask([genuine, genuine.toLowerCase()], undefined, false)
    expect(status).toBe(0)
    expect(lines[0]).toContain('真实有效 Genuine, in force')
  })
})
