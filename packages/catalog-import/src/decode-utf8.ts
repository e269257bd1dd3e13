import { UnreadableFile } from './types.ts'

/** Decodes UTF-8, with or without a byte-order mark. Throws UnreadableFile if the bytes are in another encoding. */
export async function* decodeUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  const decode = (chunk: Uint8Array | null): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
    } catch {
      throw new UnreadableFile(line, 'The file is not in UTF-8. Save it as "CSV UTF-8", or convert it: iconv -t UTF-8')
    }
  }
  for await (const chunk of bytes) {
    const text = decode(chunk)
    yield text
    line += text.split('\n').length - 1
  }
  yield decode(null)
}
