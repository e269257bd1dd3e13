import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) })),
})
const { packages } = Lock.parse(JSON.parse(readFileSync(path.join(repositoryRoot, 'package-lock.json'), 'utf8')))

/** Where Node would look for a package, from the folder of another. */
const placesOf = (folder: string, name: string): string[] => {
  const above = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  return [path.posix.join(folder, 'node_modules', name), ...(folder === '' ? [] : placesOf(above, name))]
}

test('the lock file knows the packages of every platform: `npm ci`, which builds the images, refuses it otherwise', () => {
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter((name) => !placesOf(folder, name).some((place) => place in packages)),
  )
  expect(missing).toEqual([])
})
