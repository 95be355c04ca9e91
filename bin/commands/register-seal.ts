// The command `seal` with its acts.
import { type Command, InvalidArgumentError } from 'commander'
import { withPrompts } from '../ceremony/register.ts'

const commands = () => import('./seal.ts')

/** A name that says nobody would stand in the record for good. */
function nameOfSomebody(text: string): string {
  const name = text.trim()
  if (name === '' || name.length > 200) throw new InvalidArgumentError('expected a name of 1 to 200 characters')
  return name
}

const WHO = ['--by <who>', 'who does it, for the record', nameOfSomebody] as const
const DEPARTMENT = ['--department <code>', 'unified social credit code'] as const

interface By {
  readonly by: string
}

/** Adds `seal` to the command line. */
export function registerSeal(program: Command): void {
  const seal = program
    .command('seal')
    .description(
      'certificates of seals: of our own authority anew, or from a licensed one outside (docs/operations/keys-and-ceremony.md)',
    )

  seal
    .command('list')
    .description("a department's seals: state, key, certificate in use")
    .requiredOption(...DEPARTMENT)
    .action(async (options: { department: string }) => (await commands()).listSeals(options))

  seal
    .command('trust')
    .description('trust an authority outside: seals may lead to it; asks for a yes')
    .argument('<file>', 'its certificate, PEM or DER')
    .requiredOption(...WHO)
    .action(async (file: string, options: By) =>
      withPrompts(async (prompts) => (await commands()).trustAuthority(prompts, file, options)),
    )

  seal
    .command('distrust')
    .description('end trust in an authority outside; asks for a yes')
    .argument('<file>', 'its certificate, PEM or DER')
    .requiredOption(...WHO)
    .action(async (file: string, options: By) =>
      withPrompts(async (prompts) => (await commands()).distrustAuthority(prompts, file, options)),
    )

  seal
    .command('request')
    .description("write the request (PKCS #10) for a seal's certificate, the first or the next")
    .requiredOption(...DEPARTMENT)
    .requiredOption('--out <file>', 'a new file, PEM')
    .option('--name <name>', "the seal's name (default: the department's)")
    .option('--new-key', 'with a new key, which takes over with the certificate')
    .requiredOption(...WHO)
    .action(async (options: { department: string; out: string; name?: string; newKey?: true; by: string }) =>
      (await commands()).requestCertificate(options),
    )

  seal
    .command('import')
    .description('check the certificate that the authority gave and take it into use')
    .argument('<file...>', 'the certificate and those above it: PEM, DER or PKCS #7')
    .requiredOption(...WHO)
    .action(async (files: string[], options: By) => (await commands()).importCertificate(files, options))

  seal
    .command('renew')
    .description("a new key and certificate of our own authority for a department's seal, or its statement key")
    .requiredOption(...DEPARTMENT)
    .option('--name <name>', "the seal's name (default: the department's)")
    .option('--statement-key', "the key of the department's QR statements instead of a seal's")
    .requiredOption(...WHO)
    .action(async (options: { department: string; name?: string; statementKey?: true; by: string }) =>
      (await commands()).renew(options),
    )
}
