import { beforeAll, describe, expect, it } from 'vitest'
import {
  canonicalJson,
  type JwsSigner,
  type LedgerHeadPayload,
  type LicenceFormatError,
  parseLedgerHead,
  signLedgerHead,
  verifyLedgerHead,
} from '../../licence-format/index.ts'
import { createTestPki, type TestPki, testTimes } from '../fixtures/pki.ts'

type Names = 'root' | 'ca' | 'ledger' | 'receipt' | 'otherRoot' | 'stranger'
let pki: TestPki<Names>

beforeAll(async () => {
  pki = await createTestPki<Names>({
    root: {},
    ca: { under: 'root' },
    ledger: { under: 'ca', profile: 'ledger-signer' },
    receipt: { under: 'ca', profile: 'receipt-signer' },
    otherRoot: {},
    stranger: { under: 'otherRoot', profile: 'ledger-signer' },
  })
})

const signerOf = (name: Names): JwsSigner => {
  const { key, certificate, chain } = pki.get(name)
  return { key, chain: [certificate, ...chain.slice(0, -1)] }
}
const trust = () => ({ anchors: [pki.get('root').certificate], at: testTimes.now })

const head: LedgerHeadPayload = {
  format: 'zhengyin-ledger-head',
  version: 1,
  chain: 'ab'.repeat(32),
  sequence: 12,
  digest: '0c'.repeat(32),
  checkpoints: 1,
  kind: 'head',
  signedAt: '2026-06-15T12:00:00.000Z',
}

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing refused',
    (error: LicenceFormatError) => error.code,
  )

describe('signLedgerHead', () => {
  it('is read and believed by whoever trusts the root', async () => {
    const text = await signLedgerHead(head, signerOf('ledger'))
    expect((await verifyLedgerHead(text, trust())).payload).toEqual(head)
  })

  it('is refused from a key of another use, from a stranger and with another word in it', async () => {
    expect(
      await refusal(signLedgerHead(head, signerOf('receipt')).then((text) => verifyLedgerHead(text, trust()))),
    ).toBe('JWS_SIGNER_NOT_TRUSTED')
    expect(
      await refusal(signLedgerHead(head, signerOf('stranger')).then((text) => verifyLedgerHead(text, trust()))),
    ).toBe('JWS_SIGNER_NOT_TRUSTED')
    const [top, , signature] = (await signLedgerHead(head, signerOf('ledger'))).split('.')
    const other = Buffer.from(canonicalJson({ ...head, sequence: 11 })).toString('base64url')
    expect(await refusal(verifyLedgerHead(`${top}.${other}.${signature}`, trust()))).toBe('JWS_SIGNATURE_WRONG')
  })
})

describe('parseLedgerHead', () => {
  it.each([
    ['a digest in capitals', { ...head, digest: 'AB'.repeat(32) }],
    ['a sequence below nothing', { ...head, sequence: -1 }],
    ['a member more', { ...head, more: 1 }],
    ['a time without a zone', { ...head, signedAt: '2026-06-15T12:00:00' }],
    ['no chain', { ...head, chain: undefined }],
  ])('refuses %s', async (_, payload) => {
    const text = await signLedgerHead(JSON.parse(JSON.stringify(payload)) as LedgerHeadPayload, signerOf('ledger'))
    expect(await refusal(verifyLedgerHead(text, trust()))).toBe('LEDGER_HEAD_MALFORMED')
  })

  it('refuses what is no compact JWS, and one that is too long', () => {
    for (const text of ['', '..', 'x'.repeat(70_000)]) expect(() => parseLedgerHead(text)).toThrow(/expected/)
  })
})
