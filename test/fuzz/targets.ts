// What is fuzzed: documents, statements, signed lists and revocation data, and every parser of hostile bytes by itself.
import { isDeepStrictEqual } from 'node:util'
import {
  parseIdentifier,
  parseLicenceData,
  parseStatement,
  parseStatusList,
  parseTrustList,
} from '../../licence-format/index.ts'
import { ca, cms, crl, eseal, ocsp, parsePublicKey, tsp, x509 } from '../../pki/index.ts'
import { type Evidence, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { type Corpus, readOthers, type Seed, structuresOf, type WorldName } from './corpus.ts'
import { createDocumentJudge, type Judgement } from './judge-document.ts'
import { mutateDer } from './mutate/der.ts'
import { mutatePdf } from './mutate/pdf.ts'
import { mutateJson, mutateJws, mutateStatement } from './mutate/text.ts'
import type { Random } from './random.ts'

export interface Target {
  readonly name: string
  /** How often it is chosen beside the others. */
  readonly weight: number
  readonly seeds: readonly Seed[]
  mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array
  /** Throws only where something is wrong with what is fuzzed. */
  judge(mutant: Uint8Array, seed: Seed): Promise<Judgement>
}

type TextMutator = (text: string, random: Random, other: Uint8Array) => string

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))
const onText =
  (mutate: TextMutator): Target['mutate'] =>
  (bytes, random, other) =>
    toBytes(mutate(toText(bytes), random, other))

/** Every target that the corpus has seeds for. */
export async function makeTargets(corpus: Corpus): Promise<Target[]> {
  const der = await derTargets(corpus)
  const all = [
    ...documentTargets(corpus),
    statementTarget(corpus),
    ...evidenceTargets(corpus),
    ...der,
    ...textTargets(corpus),
  ]
  return all.filter(({ seeds }) => seeds.length > 0)
}

function documentTargets({ worlds, documents }: Corpus): Target[] {
  const weights: Readonly<Record<WorldName, number>> = { own: 30, past: 10, foreign: 16 }
  return (Object.keys(documents) as WorldName[]).map((name) => {
    const judges = new Map<Seed, ReturnType<typeof createDocumentJudge>>()
    return {
      name: `document-${name}`,
      weight: weights[name],
      seeds: documents[name],
      mutate: mutatePdf,
      async judge(mutant, seed) {
        if (!judges.has(seed))
          judges.set(seed, createDocumentJudge(seed, worlds[name], name !== 'foreign', documents[name]))
        return (await judges.get(seed)!)(mutant)
      },
    }
  })
}

function statementTarget({ worlds: { own }, statements }: Corpus): Target {
  const verify = (text: string) => verifyStatementText(text, own.evidence, own.policy, own.at)
  return {
    name: 'statement',
    weight: 8,
    seeds: statements,
    mutate: onText(mutateStatement),
    async judge(mutant, seed) {
      const [text, before] = [toText(mutant), toText(seed.bytes)]
      const { verdict, findings, statement, identifier } = await verify(text)
      const behaviour = [verdict, ...findings.map(({ code }) => code)].join(' ')
      if (verdict !== 'accepted' || text === before) return { behaviour, fault: null }
      const sound = await verify(before)
      const isSame = isDeepStrictEqual(
        { statement, identifier },
        { statement: sound.statement, identifier: sound.identifier },
      )
      // Cameras and people may change the case of an address; nothing else has two forms.
      const fault = sound.verdict === 'accepted' && isSame && text.toUpperCase() === before.toUpperCase()
      return { behaviour, fault: fault ? null : 'a changed statement was accepted' }
    },
  }
}

/** One list changed, and documents that it decides about: none may get better by it. */
function evidenceTargets({ worlds, documents }: Corpus): Target[] {
  const lists = (
    name: WorldName,
    kind: string,
    weight: number,
    seeds: Seed[],
    mutate: Target['mutate'],
    replace: (mutant: Uint8Array, seed: Seed) => Partial<Evidence>,
  ): Target => {
    const { evidence, policy, at } = worlds[name]
    const some = documents[name].filter(({ name: path }) => /revoked|B-B-|at-B-B/.test(path)).slice(0, 4)
    const verify = (bytes: Uint8Array, given: Partial<Evidence> = {}) =>
      verifyDocument({ name: 'a.pdf', bytes }, { ...evidence, ...given }, policy, at)
    return {
      name: `${kind}-${name}`,
      weight,
      seeds,
      mutate,
      async judge(mutant, seed) {
        const behaviour: string[] = []
        for (const { bytes, name: path } of some) {
          const after = await verify(bytes, replace(mutant, seed))
          behaviour.push(after.verdict, ...after.findings.map(({ code }) => code))
          if (after.verdict !== 'accepted') continue
          const before = await verify(bytes)
          if (before.verdict !== 'accepted') return { behaviour: '', fault: `${path} is accepted by a changed list` }
          if (!isDeepStrictEqual(after.licence, before.licence))
            return { behaviour: '', fault: `${path} is another licence by a changed list` }
        }
        return { behaviour: behaviour.join(' '), fault: null }
      },
    }
  }
  const crls = (name: WorldName) =>
    lists(
      name,
      'crl',
      3,
      worlds[name].evidence.crls.map((bytes, index) => ({ name: `${name}/trust/crl-${index}`, bytes })),
      mutateDer,
      (mutant, seed) => ({
        crls: worlds[name].evidence.crls.map((known) => (known === seed.bytes ? mutant : known)),
      }),
    )
  const { trustList, statusLists } = worlds.own.evidence
  return [
    crls('own'),
    crls('past'),
    lists(
      'own',
      'trust-list',
      3,
      trustList ? [{ name: 'own/trust/trust-list.jwt', bytes: toBytes(trustList) }] : [],
      onText(mutateJws),
      (mutant) => ({ trustList: toText(mutant) }),
    ),
    lists(
      'own',
      'status-list',
      4,
      Array.from(statusLists, ([address, list]) => ({ name: address, bytes: toBytes(list) })),
      onText(mutateJws),
      (mutant, seed) => ({
        statusLists: new Map([...statusLists, [seed.name, toText(mutant)]]),
      }),
    ),
  ]
}

/** A parser's refusals are coded errors of its room; anything else that it throws is a fault. */
const isRefusal = (error: unknown): error is Error & { code: string } =>
  error instanceof Error &&
  /^(PkiError|LicenceFormatError|PadesError)$/.test(error.name) &&
  'code' in error &&
  typeof error.code === 'string'

function parserTarget(
  name: string,
  weight: number,
  seeds: readonly Seed[],
  mutate: Target['mutate'],
  parse: (bytes: Uint8Array) => unknown,
): Target {
  return {
    name,
    weight,
    seeds,
    mutate,
    async judge(mutant) {
      try {
        await parse(mutant)
        return { behaviour: 'read', fault: null }
      } catch (error) {
        if (!isRefusal(error)) throw error
        return { behaviour: `${error.code} ${error.message.replaceAll(/[\d.]+/g, '#').slice(0, 80)}`, fault: null }
      }
    },
  }
}

const pemBlocks = (seeds: readonly Seed[]): Seed[] =>
  seeds.flatMap(({ name, bytes }) => {
    const blocks = toText(bytes).match(/-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/g) ?? []
    return blocks.flatMap((block, index) =>
      x509.decodePem(block).map((der) => ({ name: `${name}#${index}`, bytes: der })),
    )
  })

async function derTargets({ documents, worlds }: Corpus): Promise<Target[]> {
  const inside = structuresOf([...documents.own, ...documents.past, ...documents.foreign])
  const lists = [...worlds.own.evidence.crls, ...worlds.past.evidence.crls].map((bytes, index) => ({
    name: `crl-${index}`,
    bytes,
  }))
  const certificates = [...inside.certificates, ...pemBlocks(await readOthers(/\.pem$/, /ocsp|rfc3161|sm2/))]
  const answers = [
    ...inside.ocsps,
    ...(await readOthers(/\.ors$/)).map((seed) => ({ ...seed, bytes: fromBase64(seed.bytes) })),
  ]
  const stamps = await readOthers(/\.(tsr|der)$/, /rfc3161/)
  const cmsSeeds = [...inside.cms, ...(await readOthers(/\.(der|bin)$/, /^cms$/))]
  const someone = certificates[0] && x509.parseCertificate(certificates[0].bytes)
  const target = (name: string, seeds: readonly Seed[], parse: (bytes: Uint8Array) => unknown) =>
    parserTarget(name, 1, seeds, mutateDer, parse)
  return [
    target('certificate', certificates, (der) => x509.parseCertificate(der)),
    target('public-key', certificates, (der) => parsePublicKey(x509.parseCertificate(der).subjectPublicKeyInfo)),
    target('csr', certificates, (der) => ca.parseCsr(der)),
    target('crl', [...lists, ...inside.crls], (der) => someone && crl.findRevocation(crl.parseCrl(der), someone)),
    target('ocsp', answers, (der) => ocsp.parseResponse(der)),
    target('cms', cmsSeeds, (der) => cms.parseSignedData(der, { allowBer: true, allowZeroPadding: true })),
    target('gm-cms', cmsSeeds, (der) => cms.parseGmSignedData(der)),
    target('token', [...inside.cms, ...stamps], (der) => tsp.parseToken(der, { allowBer: true })),
    target('time-stamp-request', stamps, (der) => tsp.parseRequest(der)),
    target('time-stamp-response', stamps, (der) => tsp.parseResponse(der)),
    target('seal', await readOthers(/\.esl$/), (der) => eseal.parseSeal(der)),
    target('seal-signature', await readOthers(/\.esl$/), (der) => eseal.parseSignature(der)),
  ]
}

const fromBase64 = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0x30 ? bytes : new Uint8Array(Buffer.from(toText(bytes), 'base64'))

function textTargets({ worlds, statements, documents }: Corpus): Target[] {
  const { trustList, statusLists } = worlds.own.evidence
  const jws = trustList ? [{ name: 'own/trust/trust-list.jwt', bytes: toBytes(trustList) }] : []
  const lists = Array.from(statusLists, ([name, list]) => ({ name, bytes: toBytes(list) }))
  const data = documents.own.flatMap(({ name, bytes }) => {
    const from = Buffer.from(bytes).indexOf('{"fields"')
    return from < 0
      ? []
      : [{ name: `${name}#licence.json`, bytes: bytes.subarray(from, Buffer.from(bytes).indexOf('endstream', from)) }]
  })
  return [
    parserTarget('trust-list', 1, jws, onText(mutateJws), (bytes) => parseTrustList(toText(bytes))),
    parserTarget('status-list', 1, lists, onText(mutateJws), (bytes) => parseStatusList(toText(bytes))),
    parserTarget('statement-text', 2, statements, onText(mutateStatement), (bytes) => parseStatement(toText(bytes))),
    parserTarget('licence-data', 2, data, onText(mutateJson), (bytes) =>
      parseIdentifier(parseLicenceData(bytes).identifier),
    ),
  ]
}
