import { laterLinks, unexplainedBytes } from './appended-bytes.ts'
import { explainChanges } from './change-rules.ts'
import { type ChainLink, PdfDocument, type Shared } from './document.ts'
import { PadesError } from './errors.ts'
import { changedObjects } from './object-changes.ts'
import { permissionsAfter } from './permissions.ts'
import { unplainUpdates } from './plain-update.ts'
import { referenceGraph } from './reference-graph.ts'
import { endOfRevision } from './revisions.ts'
import type { LaterChange, LaterChanges } from './signed-pdf.ts'

export interface LaterChangesVerdict {
  readonly verdict: LaterChanges
  readonly findings: readonly LaterChange[]
}

/**
 * Judges what was appended after the first `signedLength` bytes, by a whitelist: every later byte and every changed object must
 * be explained by a rule of what a signature permits (ISO 32000-2, 12.8.2.2; ETSI EN 319 142-1, 5.4 and 5.5), and what is not
 * is not permitted. What cannot be read for certain is undecided.
 *
 * @param signature number of the signature's own object, if it is one
 */
export function judgeLaterChanges(
  document: PdfDocument,
  signedLength: number,
  signature: number | null,
): LaterChangesVerdict {
  if (signedLength === document.end) return { verdict: 'none', findings: [] }
  const findings = findChanges(document, signedLength, signature)
  const has = (verdict: LaterChange['verdict']): boolean => findings.some((finding) => finding.verdict === verdict)
  return { verdict: has('not-permitted') ? 'not-permitted' : has('undecided') ? 'undecided' : 'permitted', findings }
}

function findChanges(document: PdfDocument, signedLength: number, signature: number | null): LaterChange[] {
  try {
    const signed = new PdfDocument(document.shared, signedLength)
    const permissions = permissionsAfter(signed, signature)
    if (permissions === null) {
      return [
        finding('undecided', 'structure', 'The revision that the signature covers does not hold the signature itself.'),
      ]
    }
    const later = laterLinks(document, signed)
    if (later === null) {
      return [
        finding(
          'not-permitted',
          'structure',
          'The file was written anew: its last revision does not build on the signed one.',
        ),
      ]
    }
    if (later.length === 0) return [judgeTail(document, signedLength, permissions.docMdp !== null)]
    const findings = [...strayOrUnplain(document, signed, later), ...explain(document, signed, later, permissions)]
    if (findings.length > 0 || permissions.docMdp === null) return findings
    return [
      finding('not-permitted', 'structure', 'An update was appended to the certified document that adds nothing.'),
    ]
  } catch (error) {
    if (!(error instanceof PadesError)) throw error
    return [finding('undecided', 'unreadable', `What was appended cannot be read for certain: ${error.message}.`)]
  }
}

type Terms = NonNullable<ReturnType<typeof permissionsAfter>>

function explain(document: PdfDocument, signed: PdfDocument, later: readonly ChainLink[], terms: Terms): LaterChange[] {
  const changes = changedObjects(signed, document, later)
  return explainChanges(signed, document, {
    changes,
    permissions: terms,
    wasInUse: inUseBetween(document, signed, later, terms),
  })
}

/** What it costs to ask one section for an object. */
const LOOK = 16

/** What was found of the states between a signature and the end, by the ends of both. */
const between = new WeakMap<Shared, Map<string, boolean>>()

/**
 * Whether an object served something in a permitted state between what is signed and the present one: renewed evidence may leave behind what
 * it was in before. Looked at only where anything is left.
 */
function inUseBetween(
  document: PdfDocument,
  signed: PdfDocument,
  later: readonly ChainLink[],
  terms: Terms,
): (number: number) => boolean {
  const { shared } = document
  const isPermitted = (state: PdfDocument, links: readonly ChainLink[]): boolean => {
    const known = between.get(shared) ?? new Map<string, boolean>()
    between.set(shared, known)
    const key = `${signed.end} ${state.end}`
    let found = known.get(key)
    if (found === undefined) {
      found = explain(state, signed, links, terms).every(({ verdict }) => verdict === 'permitted')
      known.set(key, found)
    }
    return found
  }
  const states = new Map<number, PdfDocument>()
  const stateAt = (index: number): PdfDocument => {
    const state = states.get(index) ?? new PdfDocument(shared, endOfRevision(document, later[index]!.section.end))
    states.set(index, state)
    return state
  }
  return (number) =>
    later.some((_link, index) => {
      if (index === 0) return false
      const state = stateAt(index)
      shared.budget.work(state.chain.length * LOOK)
      const isSame = state.object(number) === document.object(number)
      return isSame && referenceGraph(state).has(number) && isPermitted(state, later.slice(index))
    })
}

function strayOrUnplain(document: PdfDocument, signed: PdfDocument, later: readonly ChainLink[]): LaterChange[] {
  const stray = unexplainedBytes(document, signed.end, later)
  return stray.length > 0 ? stray : unplainUpdates(document, signed, signed.end, later)
}

function finding(verdict: LaterChange['verdict'], kind: LaterChange['kind'], detail: string): LaterChange {
  return { verdict, kind, object: null, page: null, rect: null, detail }
}

/** No later revision, yet bytes follow. One end of line is left out by many signers; a certified document is exact. */
function judgeTail(document: PdfDocument, from: number, isCertified: boolean): LaterChange {
  const { bytes } = document.shared
  const tail = String.fromCharCode(...bytes.subarray(from, from + 3))
  if (!isCertified && (tail === '\n' || tail === '\r' || tail === '\r\n')) {
    return finding('permitted', 'end-of-line-added', 'The end of the last line is not signed.')
  }
  return finding('not-permitted', 'structure', 'Bytes were appended to the signed document that belong to no revision.')
}
