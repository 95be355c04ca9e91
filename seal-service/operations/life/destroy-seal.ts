import type { KeyAct, KeyRecord } from '../../../key-store/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { listKeyNames } from '../../store/seal-certificates.ts'
import { act, type Call, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'

/**
 * Destroys every key that the seal ever had, with the key store's signed record of each; what they sealed stands, and the statement keys
 * of the department are not touched. Broken off, it is completed by another call.
 */
export function destroySeal(shop: Workshop, call: Call, { reason }: RequestFor<'destroy'>): Promise<LifeAnswer> {
  return act(shop, call, async () => async ({ tx, seal }) => {
    const certified = await listKeyNames(tx, seal.id)
    const act = { by: `${call.principal.id} ${call.principal.departmentCode}`, reason: toOneLine(reason) }
    // Under the lock: a seal that is given back at the same moment must not lose its key. It takes some file operations.
    const records = await destroyKeys(shop, seal.id, certified, act)
    const keys = records.map(({ number, name, publicKey }) => ({ record: number, name, publicKey }))
    return { reason, detail: { keys } }
  })
}

/** Of all generations and of the SESeal; for those that an attempt before destroyed, the records of then. */
async function destroyKeys(
  { keyStore }: Workshop,
  sealId: string,
  certified: readonly string[],
  act: KeyAct,
): Promise<KeyRecord[]> {
  const present = keyStore.list().filter((name) => name === `seal-${sealId}` || name.startsWith(`seal-${sealId}-`))
  const records: KeyRecord[] = []
  for (const name of present) records.push(await keyStore.destroy(name, act))
  const gone = certified.filter((name) => !present.includes(name))
  const isOfGone = ({ event, name }: KeyRecord) => event === 'destroyed' && name !== undefined && gone.includes(name)
  return gone.length === 0 ? records : [...keyStore.records().filter(isOfGone), ...records]
}

const toOneLine = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 500)
