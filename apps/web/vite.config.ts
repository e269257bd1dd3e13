import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { configJson } from './config-json.ts'
import { demoCdn } from './demo-cdn.ts'
import { securityHeadersPlugin } from './security-headers.ts'

const serverOptions = { host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 5173), strictPort: true }

export default defineConfig({
  plugins: [react(), securityHeadersPlugin(), configJson(), demoCdn()],
  server: serverOptions,
  preview: serverOptions,
})
