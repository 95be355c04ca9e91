// What the offline root is asked for: pure functions over files and a key in memory. No database, no network.
export {
  beginCeremony,
  type Ceremony,
  type CeremonyOptions,
  type CrossRequest,
  faultOfRootName,
  type RootSubject,
} from './ceremony.ts'
export type { Files } from './files.ts'
export { type RequestSet, readRequestSet, type SigningRequest, writeRequestSet } from './requests.ts'
export { type RootFolder, type RootIssue, readPublished, readRootFolder } from './root-folder.ts'
export { type Attendant, type CeremonyKind, describeTranscript, type Transcript } from './transcript.ts'
