import { createHash } from 'node:crypto'
import { ca, x509 } from '../../pki/index.ts'
import { keyIdOf } from '../ceremony/files.ts'
import { type Files, writeRequestSet } from '../ceremony/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AuthorityName, demonstrationPki, type OwnName } from '../domain/authority.ts'
import {
  formatName,
  type IssuingAuthority,
  issuingAuthorities,
  isTestName,
  type NameParts,
  parseName,
} from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { findOwnRequest, insertRequest } from '../store/certificate-requests.ts'
import { listAuthorities, listGenerations } from '../store/certificates.ts'
import { insertKeyUse } from '../store/key-uses.ts'
import { openKey } from './open-key.ts'
import { isTestRoot } from './own-certificates.ts'

/** What a next generation is asked for: an authority, the root's responder, or (with `root`) everything under a new root. */
export type NextEntity = IssuingAuthority | 'root' | 'root-ocsp'

export interface RequestOptions {
  /** Unified name of whoever runs this installation, for the subjects. */
  readonly organisation: string
  /** What the names of the authorities begin with: `Yunting` gives `Yunting Seal CA`. */
  readonly prefix: string
  /** Left out: the first generation of everything. */
  readonly next?: readonly NextEntity[]
}

export interface MadeRequests {
  readonly files: Files
  /** To be compared by eye with what the offline machine shows. */
  readonly keys: readonly { readonly name: string; readonly subject: string; readonly keyId: string }[]
}

const refuse = (why: string, cause?: unknown) => new PkiServiceError('PKI_REQUEST_REFUSED', why, { cause })

/**
 * Makes the keys of authorities and responders that a root is to certify, and a request for each. A repeat before the import hands out the
 * same requests. Throws `PKI_REQUEST_REFUSED`.
 */
export async function makeRequests(deps: Dependencies, options: RequestOptions): Promise<MadeRequests> {
  checkNames(options)
  const known = await listAuthorities(deps.database)
  if (known.some((one) => one.profile === 'root' && isTestRoot(one))) {
    throw refuse('this database has the demonstration PKI: production begins with an empty one')
  }
  const generations = (authority: NameParts['authority']) =>
    known.flatMap(({ ownName }) => {
      const parts = ownName === null ? undefined : parseName(ownName)
      return parts?.authority === authority ? [parts.generation] : []
    })
  const next = (authority: NameParts['authority']): NameParts => ({
    authority,
    generation: Math.max(0, ...generations(authority)) + 1,
    responder: null,
  })
  const wanted = options.next ?? ['root']
  if (options.next === undefined && known.length > 0) {
    throw refuse('there is a PKI already: say what a next generation is to be made of')
  }
  const root = wanted.includes('root')
    ? next('root')
    : { ...next('root'), generation: Math.max(1, ...generations('root')) }
  const entities: NameParts[] = wanted.includes('root')
    ? [...issuingAuthorities.map(next), { ...root, responder: 1 }]
    : await Promise.all(
        [...new Set(wanted)].map(async (entity) =>
          entity === 'root-ocsp'
            ? { ...root, responder: await nextResponder(deps, root) }
            : next(entity as IssuingAuthority),
        ),
      )
  const requests = await Promise.all(entities.map((parts) => makeRequest(deps, parts, options)))
  return {
    files: writeRequestSet({ root: formatName(root), baseUrl: deps.baseUrl, requests }),
    keys: requests.map(({ name, csr }) => {
      const { subject, subjectPublicKeyInfo } = ca.parseCsr(csr)
      return { name, subject: subject.text, keyId: keyIdOf(subjectPublicKeyInfo) }
    }),
  }
}

function checkNames({ organisation, prefix }: RequestOptions): void {
  if (isTestName(organisation) || isTestName(prefix))
    throw refuse('TEST marks what production refuses: choose other names')
  if (prefix.trim() === '' || [...prefix].length > 32) throw refuse('the prefix must have 1 to 32 characters')
}

async function nextResponder({ database }: Dependencies, root: NameParts): Promise<number> {
  const first = formatName({ ...root, responder: 1 }) as OwnName
  const known = await listGenerations(database, first)
  return Math.max(0, ...known.map(({ ownName }) => parseName(ownName ?? '')?.responder ?? 0)) + 1
}

async function makeRequest(
  deps: Dependencies,
  parts: NameParts,
  options: RequestOptions,
): Promise<{ name: string; csr: Uint8Array }> {
  const name = formatName(parts) as OwnName
  const known = await findOwnRequest(deps.database, name)
  if (known !== undefined) return { name, csr: known.csr }
  const { key } = await openKey(deps.keyStore, name)
  const subject = encodeSubject(parts, options)
  const csr = await ca.encodeCsr({ subject, key })
  await deps.database.transaction(async (tx) => {
    const profile = parts.responder === null ? 'issuing-ca' : 'ocsp-responder'
    const at = deps.clock.now()
    if (!(await insertRequest(tx, { ownName: name, profile, subject, csr }, key.publicKey, at))) return
    const digest = createHash('sha256').update(csr).digest()
    await insertKeyUse(tx, { at, keyName: name, purpose: 'certificate-request', subject: name, digest })
  })
  return { name, csr: (await findOwnRequest(deps.database, name))!.csr }
}

function encodeSubject(parts: NameParts, { organisation, prefix }: RequestOptions): Uint8Array {
  const base = formatName({ ...parts, generation: 1, responder: parts.responder === null ? null : 1 }) as AuthorityName
  const entity = demonstrationPki.find(({ name }) => name === base)
  if (entity === undefined) throw new TypeError(`${base} is not in the table of entities`)
  const numbers = [parts.generation, parts.responder ?? 1].map((number) => (number > 1 ? ` ${number}` : ''))
  try {
    return x509.encodeName([
      ['C', 'CN'],
      ['O', organisation],
      ['CN', entity.commonName.replace('Zhengyin TEST', prefix) + numbers.join('')],
    ])
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'the names cannot be written', cause)
  }
}
