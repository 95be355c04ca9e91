import { createKeyStore, type KeyStore } from '../../../key-store/index.ts'
import type { PkiService } from '../../../pki-service/index.ts'
import { type Clock, systemIds } from '../../../platform/index.ts'
import type { NationalStatusSystemOptions } from '../../../seal-service/ports/national-status-system.ts'
import { makeFolder } from '../../pki-service/world.ts'
import { type StatusSystem, startStatusSystem } from '../../support/status-system.ts'

const account = {
  appKey: 'app-330000',
  username: 'yunting',
  secret: 'the app secret',
  password: 'the password',
  salt: 'the salt',
}

/** The stand-in of the national system on a port of its own, and what a client needs to speak with it. */
export async function startStatusWorld(
  pki: Pick<PkiService, 'certify'>,
  clock: Clock,
): Promise<{
  readonly system: StatusSystem
  readonly client: NationalStatusSystemOptions
  readonly keyStore: KeyStore
}> {
  const keyStore = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
  const make = async (name: string) => {
    const key = await keyStore.generate(name, 'sm2')
    const subject = { organisation: name, organisationCode: '11330199MB3301394C', commonName: name }
    const { certificate } = await pki.certify({ profile: 'sm2-seal', subject, publicKey: key.publicKey })
    return { key, certificate }
  }
  const [ours, theirs] = [await make('province'), await make('nation')]
  const system = await startStatusSystem({
    ...account,
    ...theirs,
    client: ours.certificate,
    now: () => clock.now(),
  })
  const client = {
    ...account,
    ...ours,
    url: system.url,
    peer: theirs.certificate,
    clock,
    ids: systemIds,
    timeoutMs: 20_000,
  }
  return { system, client, keyStore }
}
