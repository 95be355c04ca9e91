// The command `ceremony` with its acts: those of the offline root, and those of the online service that it answers.
import type { Command } from 'commander'
import type { Prompts } from './prompts.ts'

/** Gives a command the person at the terminal, and lets go of the terminal after. */
export async function withPrompts(work: (prompts: Prompts) => Promise<void>): Promise<void> {
  const { openPrompts } = await import('./prompts.ts')
  const prompts = openPrompts()
  try {
    await work(prompts)
  } finally {
    prompts.close()
  }
}

const offline = () => import('./offline.ts')

const DRY_RUN = ['--dry-run', 'do everything in memory and write nothing'] as const
const ROOT = ['--root <folder>', 'what the root has published so far'] as const

interface Folders {
  readonly root: string
  readonly requests: string
  readonly shares: string
  readonly out: string
  readonly from: string
  readonly dryRun?: true
}

/** Adds `ceremony` to the command line. */
export function registerCeremony(program: Command): void {
  const ceremony = program
    .command('ceremony')
    .description(
      'the offline root: make it, sign with it, take what it signed into use (docs/operations/keys-and-ceremony.md)',
    )

  ceremony
    .command('root')
    .description('offline: make a root key in shares, its certificate, and the certificates asked for')
    .requiredOption('--requests <folder>', 'as ceremony request wrote it')
    .requiredOption('--out <folder>', 'a new folder for what the root publishes')
    .requiredOption('--shares <folder>', 'a new folder for the shares')
    .option(...DRY_RUN)
    .action(async (options: Folders) => withPrompts(async (prompts) => (await offline()).makeRoot(prompts, options)))

  ceremony
    .command('sign')
    .description('offline: sign further requests')
    .requiredOption(...ROOT)
    .requiredOption('--requests <folder>', 'as ceremony request wrote it')
    .option(...DRY_RUN)
    .action(async (options: Folders) =>
      withPrompts(async (prompts) => (await offline()).signRequests(prompts, options)),
    )

  ceremony
    .command('revoke')
    .description('offline: revoke certificates of the root')
    .argument('<name...>', 'as their files are called: seal-ca, root-ocsp')
    .requiredOption(...ROOT)
    .option(
      '--reason <reason>',
      'unspecified, keyCompromise, cACompromise, superseded … (RFC 5280 §5.3.1)',
      'unspecified',
    )
    .option(...DRY_RUN)
    .action(async (names: string[], options: Folders & { reason: string }) =>
      withPrompts(async (prompts) => (await offline()).revoke(prompts, { ...options, names })),
    )

  ceremony
    .command('cross')
    .description("offline: certify another city's CA, for the names that an agreement gives it")
    .requiredOption(...ROOT)
    .requiredOption('--certificate <file>', 'its own certificate, signed by itself')
    .requiredOption('--name <name>', 'what its certificate is called here: small letters, digits, hyphens')
    .requiredOption('--permit <names...>', 'dns:example.org, email:example.org, directory:C=CN/O=Name')
    .option(...DRY_RUN)
    .action(async (options: Folders & { certificate: string; name: string; permit: string[] }) =>
      withPrompts(async (prompts) => (await offline()).crossCertify(prompts, options)),
    )

  ceremony
    .command('crl')
    .description('offline: publish a new revocation list of the root')
    .requiredOption(...ROOT)
    .option(...DRY_RUN)
    .action(async (options: Folders) => withPrompts(async (prompts) => (await offline()).publishList(prompts, options)))

  ceremony
    .command('shares')
    .description('offline: give the root key new shares')
    .requiredOption(...ROOT)
    .requiredOption('--shares <folder>', 'a new folder for the shares')
    .option(...DRY_RUN)
    .action(async (options: Folders) =>
      withPrompts(async (prompts) => (await offline()).changeShares(prompts, options)),
    )

  ceremony
    .command('restore')
    .description("offline: write a lost root's folder anew from what it published and its shares")
    .requiredOption('--from <folder>', 'root.cer, certificates (*.cer) and the newest revocation list (*.crl)')
    .requiredOption('--out <folder>', 'a new folder')
    .option('--name <name>', "the root's own name online", 'root')
    .option(...DRY_RUN)
    .action(async ({ name, ...options }: Folders & { name: string }) =>
      withPrompts(async (prompts) => (await offline()).restoreRoot(prompts, { ...options, root: name })),
    )

  ceremony
    .command('check')
    .description("hold a root's folder against its signed transcripts and print them")
    .argument('<folder>')
    .action(async (folder: string) => (await import('./check.ts')).check(folder))

  ceremony
    .command('request')
    .description('online: make the keys of the authorities and write what a root is to sign')
    .requiredOption('--out <folder>', 'a new folder')
    .requiredOption('--organisation <name>', 'who runs this installation, as certificates name it')
    .requiredOption('--prefix <words>', 'what the names of the authorities begin with')
    .option('--next <name...>', 'a next generation: seal-ca, statement-ca, time-stamp-ca, list-ca, root-ocsp, root')
    .action(async (options: { out: string; organisation: string; prefix: string; next?: string[] }) =>
      (await import('./online.ts')).request(options),
    )

  ceremony
    .command('import')
    .description("online: check what a root's ceremonies made and take it into use")
    .argument('<folder>')
    .option('--outside', 'an outside authority signed: anchor.cer, its list (*.crl), our certificates (*.cer)')
    .action(async (folder: string, options: { outside?: true }) => (await import('./online.ts')).take(folder, options))

  ceremony
    .command('import-cross')
    .description('online: publish the cross certificate that another city gave our root, once it is checked')
    .argument('<file>', 'the cross certificate, PEM or DER')
    .requiredOption('--name <name>', 'what that city is called here: small letters, digits, hyphens')
    .option('--anchor <file>', "that city's own root: the cross certificate must be of its making")
    .action(async (file: string, options: { name: string; anchor?: string }) =>
      (await import('./online.ts')).takeCross(file, options),
    )
}
