import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { configJson } from './config-json.ts'
import { mediaAtEdge } from './media-at-edge.ts'
import { securePages } from './security-headers.ts'

const listen = { host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 5173), strictPort: true }

export default defineConfig({
  plugins: [react(), securePages(), configJson(), mediaAtEdge()],
  server: listen,
  preview: listen,
})
