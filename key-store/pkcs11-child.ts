// Runs in a process of its own, one for each PKCS #11 module: what a vendor's library does there, block, hang or crash, stays there.
import { KeyStoreError } from './errors.ts'
import { Library } from './pkcs11-library.ts'
import { checkNeverLeaves, findObject, findObjects, generatePair, readPublicKey, signWith } from './pkcs11-objects.ts'
import type { TokenAnswer, TokenCall, TokenTask } from './pkcs11-protocol.ts'
import { type Connection, Token } from './pkcs11-token.ts'

const NOTHING = new Uint8Array(0)
const opening = Library.open(process.argv[2] ?? '')
// Whoever calls hears of it.
opening.catch(() => {})

const tokens = new Map<string, Token>()
function tokenOf(library: Library, place: TokenCall['place']): Token {
  let token = tokens.get(place.label)
  if (token === undefined) tokens.set(place.label, (token = new Token(library, place)))
  else token.place = place
  return token
}

/** The handle of a private key, searched for once in a connection. */
function privateKeyOf(library: Library, { keys, session }: Connection, id: Uint8Array) {
  const hex = Buffer.from(id).toString('hex')
  const known = keys.get(hex)
  if (known !== undefined) return known
  const handle = findObject(library, session, library.constants.CKO_PRIVATE_KEY, id)
  keys.set(hex, handle)
  return handle
}

function carryOut(library: Library, token: Token, task: TokenTask): Promise<Uint8Array> {
  const { CKO_PUBLIC_KEY, CKO_PRIVATE_KEY } = library.constants
  switch (task.do) {
    case 'open':
      return token.run(async () => NOTHING)
    case 'sign':
      return token.run((connection, session) =>
        signWith(library, session, privateKeyOf(library, connection, task.id), task),
      )
    case 'find':
      return token.run(async (connection, session) => {
        privateKeyOf(library, connection, task.id)
        return readPublicKey(library, session, findObject(library, session, CKO_PUBLIC_KEY, task.id))
      })
    case 'generate':
      return token.run(async (connection, session) => {
        const { id } = task
        if (findObjects(library, session, CKO_PRIVATE_KEY, id).length === 0) await generatePair(library, session, task)
        checkNeverLeaves(library, session, privateKeyOf(library, connection, id))
        return readPublicKey(library, session, findObject(library, session, CKO_PUBLIC_KEY, id))
      }, false)
    case 'destroy':
      return token.run(async ({ keys }, session) => {
        keys.delete(Buffer.from(task.id).toString('hex'))
        for (const objectClass of [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY])
          for (const object of findObjects(library, session, objectClass, task.id))
            library.functions.C_DestroyObject(session, object)
        return NOTHING
      }, false)
  }
}

async function answer({ number, place, task }: TokenCall): Promise<TokenAnswer> {
  try {
    const library = await opening
    return { number, bytes: await carryOut(library, tokenOf(library, place), task) }
  } catch (error) {
    if (error instanceof KeyStoreError) return { number, code: error.code, message: error.message }
    const told = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
    return { number, code: 'KEY_TOKEN_UNUSABLE', message: `the token could not be asked: ${told}` }
  }
}

const reply = (message: TokenAnswer): void => {
  if (process.connected) process.send?.(message)
}

process.on('message', async (call: TokenCall | 'close') => {
  if (call !== 'close') return reply(await answer(call))
  // A library that never opened has nothing to close; the process ends either way.
  await opening.then((library) => library.close()).catch(() => {})
  process.disconnect()
})

// The house stops this process when it is done with it, not who stops the house; and a call that hangs must not keep it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
