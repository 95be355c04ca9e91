// mint.*: how fast a licence is minted, beside the pipelines that most guides show and that careful engineers build.
import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, deflateSync } from 'node:zlib'
import { encodeStatementSync } from '../licence-format/index.ts'
import { type SealOptions, sealDocumentSync } from '../pades/write/index.ts'
import { cms } from '../pki/index.ts'
import { packageRoot } from '../platform/index.ts'
import { drawSealPicture, sealSizeInPoints } from '../seal-service/domain/seal-picture.ts'
import { glyphOutline } from '../templates/fonts/index.ts'
import { compileTemplate, findTemplate, openFonts, renderLicence } from '../templates/index.ts'
import { createTestPki, type TestEntity } from '../test/fixtures/pki.ts'
import { createCarefulPeer } from './careful-peer.ts'
import { type BenchLicence, benchLicence } from './licences.ts'
import { measure } from './measure.ts'
import { peerPage } from './peer-page.ts'
import { createPlainPeer } from './plain-peer.ts'
import { type Row, row } from './row.ts'

const ISSUED_AT = new Date('2026-11-21T08:00:00Z')
const VARIANTS = 64
const BUSINESS_LICENCE = '11100000MB0143028R001'
const baseUrl = 'https://licence.yunting.example'

/** Everything that is compiled once, for one algorithm of the seal. */
async function workshop(seal: TestEntity, statement: TestEntity) {
  const fonts = await openFonts()
  const definition = findTemplate(BUSINESS_LICENCE)
  if (!definition) throw new Error('the business licence is not defined')
  const compiled = compileTemplate(definition, fonts)
  const picture = drawSealPicture(
    {
      ...{ shape: 'round', diameterMm: 45, ringText: '云汀市市场监督管理局', ringTextEn: null },
      ...{ centre: 'star', lowerText: null, code: null },
    },
    (codePoint) => glyphOutline(fonts.faces['serif-regular'], codePoint),
  )
  const size = sealSizeInPoints(picture.widthMm)
  // As the seal service keeps it: deflated once, when the seal is made.
  const appearance: SealOptions['appearance'] = {
    content: new Uint8Array(deflateSync(picture.content, { level: 9 })),
    bbox: [0, 0, size, size],
    resources: picture.resources,
    deflated: true,
  }
  const signer = cms.compileSigner({
    certificate: seal.certificate,
    chain: seal.chain,
    signatureAlgorithm: seal.key.signatureAlgorithm,
  })
  const writer = { key: statement.key, certificate: statement.certificate, baseUrl }

  const state = (licence: BenchLicence) => encodeStatementSync(licence.claims, writer)
  const render = (licence: BenchLicence, statementText: string) =>
    renderLicence(compiled, { ...licence, statementText, pictures: new Map(), createdAt: ISSUED_AT })
  const sealOptions = ({ page, x, y }: { page: number; x: number; y: number }): SealOptions => ({
    field: 'Seal1',
    place: { page, x: x - size / 2, y: y - size / 2, width: size, height: size },
    appearance,
    name: '云汀市市场监督管理局',
    signedAt: ISSUED_AT,
    docMdp: 1,
  })
  const mint = (licence: BenchLicence): Uint8Array => {
    const { pdf, sealCentre } = renderLicence(compiled, {
      ...licence,
      statementText: state(licence),
      pictures: new Map(),
      createdAt: ISSUED_AT,
    })
    return sealDocumentSync(pdf, sealOptions(sealCentre), signer, seal.key)
  }
  return { compiled, mint, state, render, sealOptions, signer }
}

const processor = () =>
  `${cpus()[0]?.model ?? 'unknown processor'}, AVX-512 IFMA ${readFileSync('/proc/cpuinfo', 'utf8').includes('avx512ifma') ? 'yes' : 'no'}`

async function* oneThread(): AsyncIterable<Row> {
  const pki = await createTestPki({
    root: {},
    issuing: { under: 'root' },
    'statement-ca': { under: 'root', profile: 'issuing-ca' },
    'seal-rsa': { under: 'issuing', profile: 'seal', key: 'rsa-2048' },
    'seal-ec': { under: 'issuing', profile: 'seal' },
    statement: { under: 'statement-ca', profile: 'statement' },
  })
  const rsa = await workshop(pki.get('seal-rsa'), pki.get('statement'))
  const ec = await workshop(pki.get('seal-ec'), pki.get('statement'))
  const licences = Array.from({ length: VARIANTS }, (_, n) => benchLicence(rsa.compiled, n, ISSUED_AT))
  let next = 0
  const turn = () => licences[next++ % VARIANTS] as BenchLicence

  const face = new Uint8Array(
    brotliDecompressSync(readFileSync(join(packageRoot, 'templates/fonts/faces/sans-regular.ttf.br'))),
  )
  const values = ({ data }: BenchLicence) =>
    Object.values(data.fields).filter((value): value is string => typeof value === 'string')
  const statementText = rsa.state(turn())
  const pages = licences.map((licence) => peerPage(values(licence), statementText, licence.licenceJson))
  const plain = createPlainPeer(face)
  const careful = await createCarefulPeer(face)
  const { privateKey: rsa2048 } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { privateKey: rsa3072 } = generateKeyPairSync('rsa', { modulusLength: 3072 })
  const attributes = createHash('sha512').update('signed attributes').digest()
  const key = pki.get('seal-rsa').key
  const sealPlain = (pdf: Uint8Array) =>
    sealDocumentSync(pdf, rsa.sealOptions({ page: 0, x: 600, y: 150 }), rsa.signer, key)

  const rates = await measure(
    {
      ours: () => rsa.mint(turn()),
      plain: () => plain(pages[next++ % VARIANTS] as (typeof pages)[number]),
      careful: async () => sealPlain(await careful(pages[next++ % VARIANTS] as (typeof pages)[number])),
      p256: () => ec.mint(turn()),
      raw2048: () => sign('sha256', attributes, { key: rsa2048, padding: constants.RSA_PKCS1_PADDING }),
      raw3072: () => sign('sha256', attributes, { key: rsa3072, padding: constants.RSA_PKCS1_PADDING }),
      statement: () => rsa.state(turn()),
      render: () => rsa.render(turn(), statementText),
    },
    { rounds: 3, seconds: 2 },
  )
  const of = (name: string) => rates[name] as NonNullable<(typeof rates)[string]>
  const bytes = rsa.mint(turn()).length
  const share = (of('ours').perSecond / of('raw2048').perSecond) * 100
  yield row(
    'mint.one-thread',
    of('ours').perSecond,
    '/s',
    `RSA-2048, B-B, statement, ${Math.round(bytes / 1024)} KB, p99 ${of('ours').p99Ms.toFixed(1)} ms, ${share.toFixed(0)} % of the raw signature rate; ${processor()}`,
    'plain pdf-lib + @signpdf (its glyphs are broken)',
    of('plain').perSecond,
  )
  yield row(
    'mint.one-thread.careful',
    of('ours').perSecond,
    '/s',
    'RSA-2048, B-B',
    'careful: @cantoo/pdf-lib + HarfBuzz + our seal',
    of('careful').perSecond,
  )
  yield row(
    'mint.one-thread.p256',
    of('p256').perSecond,
    '/s',
    `P-256, B-B, statement, p99 ${of('p256').p99Ms.toFixed(1)} ms`,
    'plain',
    of('plain').perSecond,
  )
  yield row(
    'mint.raw-signature',
    of('raw2048').perSecond,
    '/s',
    `node:crypto RSA-2048; RSA-3072 ${Math.round(of('raw3072').perSecond)} /s`,
  )
  const micros = (name: string) => 1e6 / of(name).perSecond
  const rest = micros('ours') - micros('statement') - micros('render') - micros('raw2048')
  yield row(
    'mint.where',
    micros('ours'),
    'µs',
    `statement ${micros('statement').toFixed(0)}, render ${micros('render').toFixed(0)}, signature ${micros('raw2048').toFixed(0)}, update + hash + CMS ${rest.toFixed(0)}`,
  )
}

/** `mint.one-thread` and its peers, then the whole service. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  if (!only || only.startsWith('mint.one-thread')) yield* oneThread()
  if (!only || only.startsWith('mint.service')) yield* (await import('./mint-service.ts')).rows(only)
}
