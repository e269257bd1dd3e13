import { useShop } from '../context.tsx'

/** How long the browser has to copy an export to its downloads. After that, the export is deleted from the page's storage. */
const keptMs = 600_000

const folderName = 'exports'

/**
 * The folder for exports in the page's private storage. Null if the browser cannot write there, for example in a private window.
 */
const openFolder = async (): Promise<FileSystemDirectoryHandle | null> => {
  try {
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(folderName, { create: true })
  } catch {
    return null
  }
}

/** Deletes the exports of pages that have been closed. */
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

/** Returns a function that downloads a CSV file of the admin API. The token is sent in a header: in a link it would end up in logs. */
export const useCsvDownload = () => {
  const { config, session } = useShop()
  return async (path: string, filter: readonly (readonly [string, string])[], fileName: string): Promise<void> => {
    // Without a byte-order mark, Excel does not read UTF-8.
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
