// Runs in the browser of `qr.browser`: the engine of the public page on lists that are handed in.
import { createEngine } from '../web/verify/offline/engine.ts'
import type { KeptLists } from '../web/verify/offline/lists.ts'

export interface QrMaterial {
  /** Base64 of DER. */
  readonly anchors: readonly string[]
  readonly crls: readonly string[]
  readonly trustList: string
  readonly statusLists: readonly (readonly [address: string, text: string])[]
  readonly statements: readonly string[]
  readonly now: string
  readonly times: number
}

export interface QrTimes {
  /** The first check of all: nothing read or compiled yet. */
  readonly firstMs: number
  readonly eachMs: readonly number[]
  readonly verdicts: readonly string[]
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

async function measureQr(material: QrMaterial): Promise<QrTimes> {
  const now = new Date(material.now)
  const lists: KeptLists = {
    roots: { anchors: material.anchors.map(fromBase64) },
    crls: material.crls.map(fromBase64),
    trustList: material.trustList,
    statusLists: new Map(material.statusLists),
    asOf: now,
    nextUpdate: now,
    memory: { trustListSequence: 0, statusListTimes: new Map(), latestTime: now },
    seen: {},
  }
  const engine = createEngine(() => lists)
  const eachMs: number[] = []
  const verdicts: string[] = []
  for (let i = 0; i <= material.times; i++) {
    const text = material.statements[i % material.statements.length] as string
    const start = performance.now()
    const { verdict } = await engine.checkStatement(text, now)
    eachMs.push(performance.now() - start)
    verdicts.push(verdict)
  }
  return { firstMs: eachMs.shift() as number, eachMs, verdicts }
}

Object.assign(globalThis, { measureQr })
