export { type StripeEmulator, type StripeEmulatorOptions, startStripeEmulator } from './emulator.ts'
