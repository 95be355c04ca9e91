import { createHash } from 'node:crypto'
import { KeyStoreError, openOrGenerate } from '../../key-store/index.ts'
import { eseal, primitives, type SigningKey, x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { esealLayouts, type SealMaker, toSealContent } from '../domain/eseal.ts'
import type { Seal, SealState } from '../domain/seal.ts'
import { type EsealRecord, insertEseal, insertMakerUse, listBehindEseals, listEsealLayouts } from '../store/eseals.ts'
import { findMaking, findSeal } from '../store/seals.ts'

const makerKeyName = 'seal-maker'

/** A key with the certificate that was given to it. */
interface Certified {
  readonly keyName: string
  readonly key: SigningKey
  readonly certificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/**
 * Makes what is missing of a seal's SESeals for its certificate in use: an SM2 key and certificate, then one SESeal for each layout, signed
 * by the maker; those made for earlier certificates stay on record. All are made at once, so that handing one out never signs. Does
 * nothing without a maker, for a seal that has ended or is lost, and where the library or the key store knows no SM2. May be broken off
 * anywhere and begun again.
 */
export async function makeEseals(deps: Dependencies, seal: Seal, callerId: string): Promise<void> {
  const generation = seal.certificateNumber
  if (deps.sealMaker === undefined || generation === null || !statesWithEseal.includes(seal.state)) return
  const known = await listEsealLayouts(deps.database, seal.id, generation)
  const missing = esealLayouts.filter((layout) => !known.includes(layout))
  if (missing.length === 0 || !(await primitives.offersSm2())) return
  const makers = await openKeys(deps, deps.sealMaker, seal)
  if (makers === undefined) return
  for (const layout of missing) await makeOne(deps, seal, { layout, generation }, makers, callerId)
}

/** Renews the SESeals of seals that have another certificate since, where that was broken off; returns the seals' codes. */
export async function renewEseals(deps: Dependencies, callerId: string): Promise<string[]> {
  const behind = await listBehindEseals(deps.database, statesWithEseal, esealLayouts.length)
  if (deps.sealMaker === undefined) return []
  for (const id of behind) await makeEseals(deps, (await findSeal(deps.database, id))!, callerId)
  return behind
}

/** Made and not ended: one that is renewed while it is suspended may serve again. */
const statesWithEseal: readonly SealState[] = ['made', 'filed', 'issued', 'active', 'suspended']

/** The maker and the one who signs with this seal; undefined when the keys live in a token that knows no SM2. */
async function openKeys(deps: Dependencies, maker: SealMaker, seal: Seal) {
  const making = (await findMaking(deps.database, seal.id))!
  const owner = x509.findAttribute(x509.parseCertificate(making.certificate).subject, 'O')
  try {
    return {
      pictureSvg: making.pictureSvg,
      maker: await certify(deps, 'seal-maker', makerKeyName, { ...maker, commonName: `${maker.organisation}制章` }),
      signer: await certify(deps, 'sm2-seal', `${seal.keyName}-sm2`, {
        organisation: owner ?? seal.name,
        organisationCode: seal.departmentCode,
        commonName: seal.name,
      }),
    }
  } catch (error) {
    if (error instanceof KeyStoreError && error.code === 'KEY_KIND_UNSUPPORTED') return undefined
    throw error
  }
}

async function certify(
  deps: Dependencies,
  profile: 'sm2-seal' | 'seal-maker',
  keyName: string,
  subject: SealMaker & { readonly commonName: string },
): Promise<Certified> {
  const key = await openOrGenerate(deps.keyStore, keyName, 'sm2')
  return { keyName, key, ...(await deps.certifier.certify({ profile, subject, publicKey: key.publicKey })) }
}

type Keys = NonNullable<Awaited<ReturnType<typeof openKeys>>>

/** Intent, signature, result: what another attempt recorded first stays. */
async function makeOne(
  deps: Dependencies,
  seal: Seal,
  { layout, generation }: Pick<EsealRecord, 'layout' | 'generation'>,
  { maker, signer, pictureSvg }: Keys,
  callerId: string,
): Promise<void> {
  const at = deps.clock.now()
  const content = toSealContent(seal, pictureSvg, signer.certificate, layout, at)
  const prepared = eseal.prepareSeal(content, maker.certificate)
  const use = {
    useId: deps.ids.uuid(),
    sealId: seal.id,
    layout,
    generation,
    infoDigest: await primitives.digest('SM3', prepared.toSign),
    callerId,
    at,
  }
  await insertMakerUse(deps.database, use)
  const bytes = prepared.assemble(await maker.key.sign(prepared.toSign))
  const { signatureValid } = await eseal.verifySeal(eseal.parseSeal(bytes))
  if (signatureValid !== true) throw new Error(`the maker's key did not sign the seal ${seal.id} by SM2`)
  await deps.database.transaction(async (tx) => {
    const madeAt = deps.clock.now()
    const { keyName, certificate, chain } = signer
    const made = { keyName, certificate, chain, eseal: bytes, madeAt }
    const record = { sealId: seal.id, layout, generation, useId: use.useId, ...made }
    if (!(await insertEseal(tx, record))) return
    await insertMakerUse(tx, { ...use, at: madeAt }, createHash('sha256').update(bytes).digest())
  })
}
