// A document as full of signatures as the reader takes, each with as many possible issuers as one path may try: what all of them ask
// together has a limit of its own.
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { appendValidationData } from '../../pades/write/index.ts'
import { createCheckBudget } from '../../verifier/check-budget.ts'
import { NO_EVIDENCE, type ValidationPolicy, verifyDocument } from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import { NOW, page, pki, seal } from './world.ts'

const issuer = pki.get('ca')
const signer = pki.get('seal')
const pointOf = (spki: Uint8Array) => Buffer.from(spki).subarray(-64)

function newKey() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const signSync = (data: Uint8Array) => new Uint8Array(sign('sha256', data, pair.privateKey))
  return {
    publicKey,
    key: {
      signatureAlgorithm: 'ecdsa-with-SHA256',
      publicKey,
      signSync,
      sign: async (data: Uint8Array) => signSync(data),
    } as const,
  }
}

/** A certificate with another key in it, which nobody signed. */
function withKey(certificate: Uint8Array, own: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const changed = Buffer.from(certificate)
  pointOf(publicKey).copy(changed, changed.indexOf(pointOf(own)))
  return new Uint8Array(changed)
}

async function crowded(signatures: number, issuers: number): Promise<Uint8Array> {
  let pdf = await page()
  for (let i = 0; i < signatures; i++) {
    const { key, publicKey } = newKey()
    const certificate = withKey(signer.certificate, signer.key.publicKey, publicKey)
    pdf = sealAt(pdf, { ...signer, certificate, chain: [], key }, { field: `S${i}`, signedAt: NOW })
  }
  const certificates = Array.from({ length: issuers }, () =>
    withKey(issuer.certificate, issuer.key.publicKey, newKey().publicKey),
  )
  return appendValidationData(pdf, { certificates, ocsps: [], crls: [] })
}

describe('the signature checks of one document', () => {
  const policy = (): ValidationPolicy => ({ trustAnchors: [pki.get('root').certificate], trustList: 'skipped' })
  const judge = (bytes: Uint8Array, by: ValidationPolicy) =>
    verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, { ...by, revocation: 'skipped' }, NOW)

  it('are limited over all its signatures, whatever was seen before', async () => {
    const [signatures, issuers] = [14, 190]
    const pdf = await crowded(signatures, issuers)
    const by = policy()
    const report = await judge(pdf, by)
    const paths = report.findings.filter(({ check }) => check === 'path')
    const within = Math.floor(2000 / issuers)
    expect(paths.map(({ code }) => code)).toEqual([
      ...Array.from({ length: within }, () => 'NO_CERTIFICATE_CHAIN_FOUND'),
      ...Array.from({ length: signatures - within }, () => 'CHAIN_FAULT'),
    ])
    expect(paths.at(-1)!.message.en).toContain('more signature checks than any real one')
    expect(report.verdict).toBe('undecided')
    expect(await judge(pdf, by)).toEqual(report)
    // Who comes next has a budget of its own.
    const honest = await judge(seal(await page()), by)
    expect(honest.findings.map(({ code }) => code)).toContain('PATH_VALID')
  })

  it('count what is known already like what is not: a pair once, a path that was kept as it was asked', async () => {
    const budget = createCheckBudget(2)
    const [a, b, c] = [{}, {}, {}] as never as Parameters<typeof budget.take>[1][]
    expect([budget.take(a!, b!), budget.take(a!, b!), budget.take(b!, c!), budget.isSpent]).toEqual([
      ...[true, true, true],
      false,
    ])
    expect([budget.take(a!, c!), budget.isSpent, budget.take(a!, b!)]).toEqual([false, true, false])
    // Few enough issuers that the path is kept: asked again by each signature, and counted for each document.
    const pdf = await crowded(3, 20)
    const by = policy()
    expect(await judge(pdf, by)).toEqual(await judge(pdf, by))
  })
})
