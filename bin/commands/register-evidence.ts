import type { Command } from 'commander'
import type { ReplayOptions, VerifyReceiptOptions } from './replay.ts'

/** Commands that judge stored evidence. */
export function registerEvidence(program: Command): void {
  program
    .command('replay')
    .description('judge an evidence bundle again, from what it holds alone')
    .argument('<bundle>')
    .option('--json', 'the report, with what replaying it showed')
    .option('--trust <folder>', "its roots must be among this trust folder's, and these judge its receipt")
    .option('--html <file>', 'write the report as one HTML page')
    .option('--pdf <file>', 'write the report as PDF')
    .option('--xml <file>', 'write the report as XML of ETSI TS 119 102-2')
    .option(
      '--policy <file>',
      'with --trust: the policy by which it must have been judged (default: docs/policies/default.json)',
    )
    .action(async (bundle: string, options: ReplayOptions) => (await import('./replay.ts')).replay(bundle, options))

  program
    .command('verify-receipt')
    .description('judge the signed receipt of a verification')
    .argument('<file>', 'as the verifier gave it, or a bare compact JWS')
    .option('--document <file>', 'it must be the receipt of this document')
    .option('--json', 'answer as JSON')
    .option('--trust <folder>', "trust folder as demo writes it (default: the data folder's own)")
    .option('--at <time>', 'time as of which it is judged, ISO 8601 (default: now)')
    .action(async (file: string, options: VerifyReceiptOptions) =>
      (await import('./replay.ts')).verifyReceiptFile(file, options),
    )
}
