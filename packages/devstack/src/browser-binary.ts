import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

const macApplications = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Finds a Chromium-based browser for tests and benchmarks. */
export const findBrowser = async (
  env: Readonly<Record<string, string | undefined>> = process.env,
  applications = macApplications,
): Promise<string> => {
  if (env.CHROMIUM_PATH) {
    if (isExecutable(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH
    throw new Error(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}: expected an executable file`)
  }
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const installed = [...programs.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...applications]
  // Playwright knows the location of browsers that it has installed itself.
  const { chromium } = await import('playwright-core')
  const browser = [...installed, chromium.executablePath()].find(isExecutable)
  if (browser) return browser
  throw new Error(`The tests need a browser based on Chromium, and this machine has none. Do one of these:
  - Debian, Ubuntu: apt-get install chromium
  - macOS: brew install --cask chromium
  - any system: npx playwright-core install --with-deps chromium
  - or set CHROMIUM_PATH to the path of Chromium, Chrome or Edge`)
}
