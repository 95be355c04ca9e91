import { describe, expect, it } from 'vitest'
import { formatIdentifier, parseIdentifier } from '../../licence-format/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import {
  claimsOf,
  codes,
  evidence,
  fromNow,
  IDENTIFIER,
  licence,
  live,
  NOW,
  OTHER_TYPE,
  page,
  policy,
  seal,
  sealedLicence,
  statementText,
  verify,
} from './world.ts'

const statement = statementText()
const genuine = await sealedLicence({ statement })
const scan = async (scannedStatement: string, bytes = genuine) =>
  verifyDocument({ name: 'a.pdf', bytes }, await evidence(), policy, NOW, { scannedStatement })
const other = licence({
  identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), serial: 'ZYXWVUTSRQPONMLKJIHG' }),
  number: '91330199MA2BYYYY1Y',
  holders: [{ name: '王大五', code: '440524188001010014', codeType: '111' }],
})

const ofOtherType = licence({
  typeCode: OTHER_TYPE,
  identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), typeCode: OTHER_TYPE }),
})

describe('a code beside a document that is no licence', () => {
  it('is not passed over: the document is refused, whatever its seal', async () => {
    const plain = seal(await page(), 'seal')
    expect((await verify(plain)).verdict).toBe('accepted')
    for (const text of [statement, 'https://example.org/']) {
      const report = await scan(text, plain)
      expect(report.verdict).toBe('refused')
      expect(codes(report, 'failed')).toEqual(['SCANNED_CODE_OF_NO_LICENCE'])
    }
  })
})

describe('a code scanned from the sheet in hand', () => {
  it('is that of the document, in whatever case, or signed again for the same data', async () => {
    const again = statementText()
    expect(again).not.toBe(statement)
    for (const text of [statement, statement.toLowerCase(), again]) {
      const report = await scan(text)
      expect(report.verdict).toBe('accepted')
      expect(codes(report, 'passed')).toContain('SCANNED_CODE_IS_OF_DOCUMENT')
    }
  })

  it('of another licence is refused, and tells whose it is, masked', async () => {
    const report = await scan(statementText(claimsOf(other)))
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toEqual(['STATEMENT_OF_OTHER_LICENCE'])
    expect(report.reason).toContain('王*五')
    expect(report.reason).toContain('91330199MA2BYYYY1Y')
    expect(JSON.stringify(report)).not.toContain('王大五')
  })

  it.each([
    [
      'forged',
      statement.slice(0, -9) + (statement.at(-9) === 'A' ? 'B' : 'A') + statement.slice(-8),
      'STATEMENT_FORGED',
    ],
    ['cut short', statement.slice(0, 200), 'STATEMENT_TRUNCATED'],
    ['of other data', statementText(claimsOf(licence({ salt: 'AQECAwQFBgcICQoLDA0ODw' }))), 'STATEMENT_DISAGREES'],
    [
      'of another place on the status list',
      statementText(claimsOf(licence(), { statusPlace: 5 })),
      'STATEMENT_DISAGREES',
    ],
    ['of another status list', statementText(claimsOf(licence(), { statusList: 2 })), 'STATEMENT_DISAGREES'],
    ['of another time', statementText(claimsOf(licence(), { issuedAt: fromNow(-1_800_000) })), 'STATEMENT_DISAGREES'],
    ['of a key that nobody lists', statementText(undefined, 'statementUnlisted'), 'STATEMENT_KEY_UNKNOWN'],
    [
      'that leads to an imitation',
      statementText(undefined, 'statement', 'licence.examp1e.gov.cn'),
      'STATEMENT_HOST_LOOK_ALIKE',
    ],
    ['of another type', statementText(claimsOf(ofOtherType)), 'STATEMENT_OF_OTHER_LICENCE'],
    [
      'of a key that had ended',
      statementText(claimsOf(licence(), { number: 'x' }), 'statementEnded'),
      'STATEMENT_KEY_EXPIRED',
    ],
    ['of another department’s key', statementText(undefined, 'statementOfLand'), 'STATEMENT_KEY_OF_OTHER_DEPARTMENT'],
    ['from later', statementText(claimsOf(licence(), { issuedAt: fromNow(3_600_000) })), 'STATEMENT_FROM_LATER'],
    ['with letters that look alike', statement.replace('S', '\u017f'), 'STATEMENT_LOOK_ALIKE'],
    ['empty', '', 'STATEMENT_NOT_OURS'],
    ['with more behind it', `${statement}AAAA`, 'STATEMENT_ALTERED'],
    ['the document’s own, twice', statement + statement, 'STATEMENT_NOT_OURS'],
    ['that is no licence’s', 'https://example.org/', 'STATEMENT_NOT_OURS'],
  ])('that is %s is refused', async (_, text, code) => {
    const report = await scan(text)
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toContain(code)
  })
})

describe('whoever makes up a document with somebody’s identifier', () => {
  it('is told the same whether the register knows it, holds other data, or ended it', async () => {
    const madeUp = [
      await sealedLicence({ statement: statementText(claimsOf(other)), sealedBy: 'sealUnlisted' }),
      await sealedLicence({ statement: statementText(undefined, 'statementUnlisted'), sealedBy: 'stranger' }),
    ]
    for (const bytes of madeUp) {
      const answers = [
        live(),
        live({ status: 'unknown' }),
        live({ dataDigest: 'ff'.repeat(32) }),
        live({ status: 'revoked', replacedBy: other.identifier }),
      ]
      const reports = await Promise.all(answers.map((answer) => verify(bytes, { live: answer })))
      expect(codes(reports[0]!, 'info')).toContain('REGISTER_NOT_TOLD')
      for (const report of reports) {
        const { findings, licence: told, reason } = report
        expect({ findings, told, reason }).toEqual({
          findings: reports[0]!.findings,
          told: reports[0]!.licence,
          reason: reports[0]!.reason,
        })
      }
    }
  })
})
