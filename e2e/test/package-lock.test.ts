import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) })),
})
const { packages } = Lock.parse(JSON.parse(readFileSync(path.join(repositoryRoot, 'package-lock.json'), 'utf8')))

/** Returns the folders in which Node looks for a package that another package imports. */
const candidatesOf = (folder: string, name: string): string[] => {
  const above = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  return [path.posix.join(folder, 'node_modules', name), ...(folder === '' ? [] : candidatesOf(above, name))]
}

test('package-lock.json contains the packages for every platform, because `npm ci` would otherwise fail in the image build', () => {
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter((name) => !candidatesOf(folder, name).some((candidate) => candidate in packages)),
  )
  expect(missing).toEqual([])
})
