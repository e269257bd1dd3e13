export { type Home, openHome } from './home.ts'
export { issuer, issueToken, playbackKeys, publicKeys } from './issuer.ts'
export { seeded } from './seeded.ts'
export { type Addresses, type Stack, type StackOptions, startStack } from './stack.ts'
