import { useShop } from '../context.tsx'

/** How long the browser has to copy an export to the downloads folder before the export is deleted from the site's storage. */
const keptMs = 600_000

const folderName = 'exports'

/** Opens the folder for exports in the site's private storage. Returns null if the browser cannot write there, for example in a private window. */
const openFolder = async (): Promise<FileSystemDirectoryHandle | null> => {
  try {
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(folderName, { create: true })
  } catch {
    return null
  }
}

/** Deletes exports that are older than `keptMs`, such as exports from pages that have since been closed. */
const deleteOld = async (folder: FileSystemDirectoryHandle): Promise<void> => {
  for await (const name of folder.keys()) {
    if (Number(name.split('-')[0]) + keptMs < Date.now()) await folder.removeEntry(name).catch(() => undefined)
  }
}

/** Writes a response to disk as it arrives, so an export of any size needs little memory. */
const storeResponse = async (response: Response): Promise<Blob> => {
  const folder = await openFolder()
  if (!folder || !response.body) return response.blob()
  await deleteOld(folder)
  const name = `${Date.now()}-${crypto.randomUUID()}`
  const handle = await folder.getFileHandle(name, { create: true })
  if (!('createWritable' in handle)) return response.blob()
  await response.body.pipeTo(await handle.createWritable())
  setTimeout(() => void folder.removeEntry(name).catch(() => undefined), keptMs)
  return handle.getFile()
}

/** Returns a function that downloads a CSV file from the admin API. The token is sent in a header, because a token in a link would end up in logs. */
export const useCsvDownload = () => {
  const { config, session } = useShop()
  return async (path: string, filter: readonly (readonly [string, string])[], fileName: string): Promise<void> => {
    // Excel recognizes UTF-8 only with a byte-order mark.
    const parameters = new URLSearchParams([...filter.map(([name, value]) => [name, value]), ['byteOrderMark', 'true']])
    const response = await fetch(`${config.apiUrl}/admin/v1/pay-to-view/${path}?${parameters}`, {
      headers: { authorization: `Bearer ${await session.token()}` },
    })
    if (!response.ok) throw new Error(`The export responded with ${response.status}`)
    const url = URL.createObjectURL(await storeResponse(response))
    const link = document.createElement('a')
    link.href = url
    link.download = fileName
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), keptMs)
  }
}
