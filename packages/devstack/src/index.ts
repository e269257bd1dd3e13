export { createTemporaryDataFolder, type DataFolder, openDataFolder, removeDataFolder, repositoryRoot } from './data-folder.ts'
export { issuer, issuerPublicKeys, issueToken, playbackKeys } from './issuer.ts'
export { seedIds } from './seed-ids.ts'
export { type Stack, type StackAddresses, type StackOptions, startStack } from './stack.ts'
