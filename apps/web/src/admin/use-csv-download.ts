import { useShop } from '../context.tsx'

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
    const url = URL.createObjectURL(await response.blob())
    const link = document.createElement('a')
    link.href = url
    link.download = fileName
    link.click()
    URL.revokeObjectURL(url)
  }
}
