export { type StripeEmulator, type StripeEmulatorOptions, startStripeEmulator } from './emulator.ts'
export { TEST_CARDS, type TestCard } from './model/test-cards.ts'
