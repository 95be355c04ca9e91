// The command `key` with its acts.
import { type Command, Option } from 'commander'
import { withPrompts } from '../ceremony/register.ts'
import { keyStoreNames } from '../key-stores.ts'
import type { FilingRequestOptions } from './filing-request.ts'
import type { KeyOptions } from './key.ts'

const commands = () => import('./key.ts')

const ofStore = (command: Command): Command =>
  command.addOption(new Option('--store <name>', 'whose keys').choices([...keyStoreNames]).makeOptionMandatory())

const ofKey = (command: Command): Command =>
  ofStore(command)
    .requiredOption('--name <name>', 'the name of the key')
    .requiredOption('--by <who>', 'who does it, for the record')
    .requiredOption('--reason <text>', 'why, for the record')

/** Adds `key` to the command line. */
export function registerKey(program: Command): void {
  const key = program.command('key').description("the data folder's private keys (docs/operations/hsm.md)")

  key
    .command('list')
    .description('every signing key: algorithm, place, how often it signed')
    .action(async () => (await commands()).listKeys())

  ofStore(key.command('records').description('what happened to the keys of a store, verified')).action(
    async (options: KeyOptions) => (await commands()).listRecords(options),
  )

  ofKey(key.command('import').description('take a private key over from a PKCS #12 file; asks for its password'))
    .requiredOption('--file <file>', 'the file, .p12 or .pfx')
    .option('--certificates <file>', 'where to write the certificates that came with it, PEM')
    .option('--exportable', 'it may be handed out again')
    .action(async (options: KeyOptions & { file: string }) =>
      withPrompts(async (prompts) => (await commands()).importKey(prompts, options)),
    )

  ofKey(key.command('export').description('hand an exportable key to its owner as a PKCS #12 file'))
    .requiredOption('--out <file>', 'the new file')
    .option('--certificates <file>', "its certificates, PEM, the key's own first")
    .action(async (options: KeyOptions & { out: string }) =>
      withPrompts(async (prompts) => (await commands()).exportKey(prompts, options)),
    )

  key
    .command('filing-request')
    .description(
      'make the key with which seals are filed, and a request for its certificate (docs/operations/seal-events.md)',
    )
    .requiredOption('--organisation <name>', 'who files')
    .requiredOption('--code <code>', 'its unified social credit code')
    .requiredOption('--out <file>', 'the new file, PEM')
    .action(async (options: FilingRequestOptions) =>
      (await import('./filing-request.ts')).requestFilingCertificate(options),
    )

  ofKey(key.command('destroy').description('destroy a key for good, in the token too, and record it')).action(
    async (options: KeyOptions) => withPrompts(async (prompts) => (await commands()).destroyKey(prompts, options)),
  )
}
